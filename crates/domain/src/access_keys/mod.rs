//! Access keys of IAM users: made, listed, deleted, and exchanged for short-lived tokens by programs that sign.
//! Refuses to show a secret twice, and to let anything but somebody signed in manage keys.

mod create;
mod delete;
mod exchange;
mod list;
mod prove;
mod settings;

pub use create::{CreateAccessKeyError, NewAccessKey};
pub use exchange::{ExchangeCredentialsError, ExchangeWish, ExchangedCredentials};
pub use prove::ProgramCredential;
pub use settings::{LONGEST_SESSION_POLICY, SignatureSettings};

use model::access_key::AccessKeyId;

/// At most so many live keys a user: one in use and one that takes its place.
const MOST: i64 = 2;

/// What a secret is sealed for: this key's, so that a sealed one is worth nothing in another row.
fn purpose(id: AccessKeyId) -> String {
    format!("access-key-secret:{id}")
}
