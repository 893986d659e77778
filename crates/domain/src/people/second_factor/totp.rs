//! Codes of authenticator apps (RFC 6238): SHA-1, six digits, thirty seconds, as every app understands them.
//! Refuses what is not exactly six ASCII digits, and more than one neighbouring step.

use model::{Random, Timestamp};
use totp_rs::{Algorithm, Builder, Totp};
use zeroize::Zeroizing;

use crate::fault::Fault;

pub(super) const SEAL_PURPOSE: &str = "totp";
const SEED_BYTES: usize = 20;
const STEP_SECONDS: u64 = 30;

/// A fresh seed of 160 bits (RFC 4226 §4, R6).
pub(super) fn seed(random: &dyn Random) -> Zeroizing<Vec<u8>> {
    let mut seed = Zeroizing::new(vec![0; SEED_BYTES]);
    random.fill(&mut seed);
    seed
}

fn app(seed: &[u8], issuer: &str, account: &str) -> Result<Totp, Fault> {
    // The separator of issuer and account in an otpauth address.
    let plain = |text: &str| text.replace(':', " ");
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(STEP_SECONDS)
        .with_secret(seed)
        .with_account_name(plain(account))
        .with_issuer(Some(plain(issuer)))
        .build()
        .map_err(|_| Fault::Sealed("a seed that is no seed"))
}

/// The address that an app reads from a picture, and the seed for typing.
pub(super) fn address(seed: &[u8], issuer: &str, account: &str) -> Result<(String, String), Fault> {
    let app = app(seed, issuer, account)?;
    let address = app
        .to_url()
        .map_err(|_| Fault::Sealed("an account that is no account"))?;
    Ok((address, totp_rs::Secret::from(seed).to_base32()))
}

/// The time step whose code this is: the current one or a neighbour, and later than `last_step`.
pub(super) fn step_of(seed: &[u8], code: &str, now: Timestamp, last_step: i64) -> Result<Option<i64>, Fault> {
    let seconds = u64::try_from(now.as_seconds()).unwrap_or(0);
    let step = app(seed, "", "")?.check(code, seconds);
    Ok(step
        .and_then(|step| i64::try_from(step).ok())
        .filter(|step| *step > last_step))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238 appendix B, the last six digits of the SHA-1 vectors.
    #[test]
    fn the_published_vectors_hold() {
        let seed = b"12345678901234567890";
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
        ] {
            let now = Timestamp::from_seconds(seconds);
            assert_eq!(
                step_of(seed, code, now, 0).unwrap(),
                Some(seconds / 30),
                "{seconds}"
            );
        }
    }

    /// L09
    #[test]
    fn only_the_current_step_and_its_neighbours_and_only_plain_digits() {
        let seed = b"12345678901234567890";
        let at = |seconds| Timestamp::from_seconds(seconds);
        for (seconds, taken) in [
            (0, true),
            (29, true),
            (30, true),
            (59, true),
            (60, true),
            (89, true),
            (90, false),
        ] {
            assert_eq!(
                step_of(seed, "287082", at(seconds), 0).unwrap().is_some(),
                taken,
                "{seconds}"
            );
        }
        assert_eq!(step_of(seed, "287082", at(59), 1).unwrap(), None);
        for odd in [
            "",
            " 287082",
            "287082 ",
            "28 7082",
            "+87082",
            "0287082",
            "２８７０８２",
            "28708",
        ] {
            assert_eq!(step_of(seed, odd, at(59), 0).unwrap(), None, "{odd}");
        }
    }
}
