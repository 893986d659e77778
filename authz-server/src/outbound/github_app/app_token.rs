//! The app's own JWT, and the tokens of its installations for as long as they live.
//! Refuses to hand out a token that would end on its way.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::github_app::GithubError;
use jose::{Algorithm, SigningKey};
use model::github_app::InstallationId;
use model::{PlainSecret, Timestamp};
use serde_json::json;

use super::answer::Minted;
use crate::config::Secret;

/// GitHub's clock may be behind ours.
const EARLIER: Duration = Duration::from_secs(60);
/// GitHub takes ten minutes at most.
const LIFE: Duration = Duration::from_secs(9 * 60);
/// How long before its end a token is not used any more.
const MARGIN: Duration = Duration::from_secs(60);
const MOST_TOKENS: usize = 1000;

pub(super) struct AppToken {
    app_id: u64,
    key: SigningKey,
}

impl AppToken {
    pub(super) fn new(app_id: u64, key: &Secret) -> Option<Self> {
        let key = SigningKey::from_rsa_pem(Algorithm::Rs256, key.expose()).ok()?;
        Some(Self { app_id, key })
    }

    pub(super) const fn app_id(&self) -> u64 {
        self.app_id
    }

    /// A JWT that names the app (RFC 7519).
    pub(super) fn mint(&self, now: Timestamp) -> Result<PlainSecret, GithubError> {
        let claims = json!({
            "iss": self.app_id.to_string(),
            "iat": now.minus(EARLIER).as_seconds(),
            "exp": now.plus(LIFE).as_seconds(),
        });
        let signed = self.key.sign("JWT", &claims);
        signed
            .map(|text| PlainSecret::new(&text))
            .map_err(|error| GithubError::Unavailable(format!("the app's key: {error}")))
    }
}

/// Living tokens, by installation.
#[derive(Default)]
pub(super) struct InstallationTokens(Mutex<HashMap<InstallationId, (PlainSecret, Timestamp)>>);

impl InstallationTokens {
    pub(super) fn find(&self, id: InstallationId, now: Timestamp) -> Option<PlainSecret> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, (_, expires_at)| now.plus(MARGIN) < *expires_at);
        kept.get(&id).map(|(token, _)| PlainSecret::new(token.expose()))
    }

    pub(super) fn keep(&self, id: InstallationId, minted: &Minted) -> PlainSecret {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST_TOKENS {
            kept.clear();
        }
        let expires_at = Timestamp::from_seconds(minted.expires_at.as_second());
        kept.insert(id, (PlainSecret::new(&minted.token), expires_at));
        PlainSecret::new(&minted.token)
    }

    pub(super) fn forget(&self, id: InstallationId) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.remove(&id);
    }
}
