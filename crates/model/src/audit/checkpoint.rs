//! Checkpoints: signed statements of how far a chain had come, so that nobody without the key can make another of it.
//! Refuses tokens of any other use: they have a type of their own, and no recipient but whoever verifies the log.

use jose::{Algorithm, KeySet, Policy, SigningKey, VerifyError};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::hash::ChainHash;

/// `typ` of a checkpoint (RFC 7515 §4.1.9).
pub const TYPE: &str = "audit-checkpoint+jwt";

const MEMBERS: [&str; 7] = ["purpose", "account", "number", "seq", "hash", "iat", "export"];

/// Why it was signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// From time to time: everything up to `seq` is in the log.
    Interval,
    /// Everything up to `seq` was old and is gone.
    Pruned,
    /// The end of an export, which has everything from `from` to `seq`.
    Export,
}

/// What is signed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    pub purpose: Purpose,
    pub account: String,
    /// Checkpoints of one purpose are counted, those of exports are not.
    pub number: i64,
    pub seq: i64,
    /// The hash of the entry with that number; the genesis of the account for 0.
    pub hash: ChainHash,
    /// Seconds since the epoch.
    pub iat: i64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub export: Option<Exported>,
}

/// What an export's end says of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exported {
    pub from: i64,
    /// What the first entry has before it.
    pub from_hash: ChainHash,
    /// Of all lines, without what is personal.
    pub lines: ChainHash,
    /// Entries whose personal parts had been erased before.
    pub erased: i64,
}

impl Checkpoint {
    /// # Errors
    /// When the key fails.
    pub fn sign(&self, key: &SigningKey) -> Result<String, jose::JoseError> {
        key.sign(TYPE, self)
    }

    /// What one of the keys has signed. When does not matter: it stays true.
    ///
    /// # Errors
    /// A reason in words for anything else.
    pub fn verify(jws: &str, keys: &KeySet) -> Result<Self, String> {
        let policy = Policy {
            types: &[TYPE],
            algorithms: &Algorithm::ALL,
            require_exp: false,
            ..Policy::at(i64::MAX)
        };
        let claims = jose::verify(jws, keys, &policy).map_err(|error| match error {
            VerifyError::UnknownKey { .. } => "it names a key that is not among those given".to_owned(),
            other => other.to_string(),
        })?;
        let members = MEMBERS
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), claims.get(name)?.clone())));
        serde_json::from_value(Value::Object(members.collect()))
            .map_err(|error| format!("it is not a checkpoint: {error}"))
    }
}
