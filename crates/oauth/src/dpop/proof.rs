//! The claims of a proof, and the verdict on them (RFC 9449 §4.3).
//! Refuses to know whether a proof was used before: that is remembered elsewhere, by `jti` and key.

use super::{MAX_AGE, MAX_AHEAD, Target};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// The longest `jti` and `nonce` in bytes.
pub const MAX_JTI: usize = 255;

/// Why a proof is refused; its text may be told to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// A claim is missing, of the wrong type or too long.
    #[error("the proof lacks a claim or has a malformed one")]
    Malformed,
    /// For another method.
    #[error("the proof is for another method")]
    WrongMethod,
    /// For another URL.
    #[error("the proof is for another URL")]
    WrongUrl,
    /// Made too long ago.
    #[error("the proof is too old")]
    TooOld,
    /// Made too far in the future.
    #[error("the proof is from the future")]
    TooNew,
    /// For another access token, or for none.
    #[error("the proof is for another access token")]
    WrongToken,
}

/// The claims of a proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// What tells it from all others of its key.
    pub jti: String,
    /// The nonce of the server, when it has one.
    pub nonce: Option<String>,
    method: String,
    target: Target,
    issued_at: i64,
    token_hash: Option<String>,
}

/// The request that a proof has to be for.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Its method.
    pub method: &'a str,
    /// Its URL as the client knows it.
    pub target: &'a Target,
    /// The access token that came along, at a protected resource.
    pub access_token: Option<&'a str>,
    /// Now, in seconds since the epoch.
    pub now: i64,
}

impl Proof {
    /// Reads the claims of a proof whose signature is good.
    ///
    /// # Errors
    /// [`ProofError::Malformed`]; [`ProofError::WrongUrl`] when `htu` is no URL that could be meant.
    pub fn read(claims: &Map<String, Value>) -> Result<Self, ProofError> {
        let bounded = |text: &&str| (1..=MAX_JTI).contains(&text.len());
        // RFC 9449 §4.2
        let required = |name: &str| text(claims, name)?.filter(bounded).ok_or(ProofError::Malformed);
        let issued_at = claims.get("iat").and_then(Value::as_i64);
        let target = text(claims, "htu")?.ok_or(ProofError::Malformed)?;
        let nonce = match text(claims, "nonce")? {
            Some(nonce) if !bounded(&nonce) => return Err(ProofError::Malformed),
            nonce => nonce.map(str::to_owned),
        };
        Ok(Self {
            jti: required("jti")?.to_owned(),
            nonce,
            method: required("htm")?.to_owned(),
            target: Target::parse(target).map_err(|_| ProofError::WrongUrl)?,
            issued_at: issued_at.ok_or(ProofError::Malformed)?,
            token_hash: text(claims, "ath")?.map(str::to_owned),
        })
    }

    /// Whether it is a proof for this request.
    ///
    /// # Errors
    /// The first thing that does not fit.
    pub fn judge(&self, expected: &Expected<'_>) -> Result<(), ProofError> {
        // RFC 9449 §4.3, 8: methods are case-sensitive.
        if self.method != expected.method {
            return Err(ProofError::WrongMethod);
        }
        // RFC 9449 §4.3, 9.
        if self.target != *expected.target {
            return Err(ProofError::WrongUrl);
        }
        // RFC 9449 §4.3, 11 and §11.1.
        let age = expected.now.saturating_sub(self.issued_at);
        if age > MAX_AGE {
            return Err(ProofError::TooOld);
        }
        if age < -MAX_AHEAD {
            return Err(ProofError::TooNew);
        }
        self.check_token(expected.access_token)
    }

    /// RFC 9449 §4.3, 12.
    fn check_token(&self, access_token: Option<&str>) -> Result<(), ProofError> {
        let Some(token) = access_token else { return Ok(()) };
        let own = self.token_hash.as_deref().unwrap_or_default();
        if bool::from(own.as_bytes().ct_eq(access_token_hash(token).as_bytes())) {
            Ok(())
        } else {
            Err(ProofError::WrongToken)
        }
    }
}

/// `ath`: the SHA-256 of an access token in base64url.
#[must_use]
pub fn access_token_hash(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(token.as_bytes()))
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, ProofError> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(ProofError::Malformed),
    }
}

#[cfg(test)]
mod tests;
