//! Passkeys (WebAuthn Level 3): made on the account pages, used alone or as the second step.
//! Refuses what was not verified by its user, and to keep a challenge: it travels sealed and is answered once.

mod add;
mod assert;
mod ceremony;
mod manage;
mod relying_party;

use model::SecretDigest;

pub use add::{AddPasskeyError, AddedPasskey};
pub use assert::PasskeyError;
pub(crate) use assert::PasskeyProof;

/// One ceremony of a browser with an authenticator: what a page carries.
pub struct PasskeyCeremony {
    /// The `publicKey` of `navigator.credentials`, as JSON with base64url where the browser wants bytes.
    pub options: String,
    /// To be given back with the answer.
    pub state: String,
}

/// What came back.
#[derive(Clone, Copy)]
pub struct PasskeyAnswer<'a> {
    pub state: &'a str,
    /// The credential as JSON.
    pub credential: &'a str,
    /// The mark of the browser that answers; it has to be the one that was asked.
    pub browser: &'a SecretDigest,
}

/// Answers longer than this are not an authenticator's.
const MAX_ANSWER: usize = 16 * 1024;

impl PasskeyAnswer<'_> {
    fn parse<T: serde::de::DeserializeOwned>(&self) -> Option<T> {
        if self.credential.len() > MAX_ANSWER {
            return None;
        }
        serde_json::from_str(self.credential).ok()
    }
}
