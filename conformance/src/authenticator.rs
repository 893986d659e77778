//! An authenticator app: six digits every thirty seconds.
//! Shows no code twice, since servers take each once, and waits when there is none left.

use std::time::Duration;

use totp_rs::{Algorithm, Builder, Secret, Totp};

use crate::clock;
use crate::trouble::{Outcome, wrong};

const STEP: u64 = 30;

/// An app with one account.
pub struct Authenticator {
    totp: Totp,
    last: u64,
}

impl Authenticator {
    /// From the secret as it is typed in.
    ///
    /// # Errors
    /// When it is not base32, or too short.
    pub fn new(secret: &str) -> Outcome<Self> {
        let bad = |error: &dyn std::fmt::Display| wrong("the secret of the app", "base32", error.to_string());
        let secret = Secret::try_from_base32(secret).map_err(|error| bad(&error))?;
        let built = Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_secret(secret)
            .build();
        Ok(Self {
            totp: built.map_err(|error| bad(&error))?,
            last: 0,
        })
    }

    /// A code that was not shown yet and that a server with one step of leeway takes now.
    pub async fn code(&mut self) -> String {
        let now = clock::now();
        let step = now.as_secs() / STEP;
        // Near its end, the last step is about to be too old.
        let earliest = if now.as_secs() % STEP < STEP - 8 {
            step - 1
        } else {
            step
        };
        let chosen = earliest.max(self.last + 1);
        if chosen > step + 1 {
            let wait = Duration::from_secs((chosen - 1) * STEP) - now;
            tokio::time::sleep(wait).await;
        }
        self.last = chosen;
        self.totp.generate(chosen * STEP).to_string()
    }

    /// Six digits that are not the code.
    pub fn wrong_code(&self) -> String {
        let step = clock::now().as_secs() / STEP;
        let near: Vec<String> = (step - 2..step + 3)
            .map(|step| self.totp.generate(step * STEP).to_string())
            .collect();
        let mut others = ["000000", "111111", "222222", "333333", "444444", "555555"].into_iter();
        let free = others.find(|code| !near.iter().any(|other| other == code));
        free.unwrap_or("666666").to_owned()
    }
}

/// What can be typed into an app, from what it would scan.
pub fn secret_in(uri: &str) -> Option<String> {
    let uri = url::Url::parse(uri).ok()?;
    let mut pairs = uri.query_pairs();
    pairs
        .find(|(name, _)| name == "secret")
        .map(|(_, value)| value.into_owned())
}
