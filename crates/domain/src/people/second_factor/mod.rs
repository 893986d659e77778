//! The second step of a sign-in: a code from an authenticator app, a passkey, or a backup code.
//! Refuses to be a way around: whatever proved the first factor, the second is asked for.

pub(super) mod backup_codes;
mod manage;
mod set_up;
mod totp;
mod trust;
mod turn_off;
mod verify;

pub use manage::SecondFactorState;
pub use set_up::{BeginTotpError, TotpSetup};
pub use trust::trust_digest;
pub(super) use trust::{FreshTrust, end_trust};
pub use turn_off::TurnOffError;
pub(super) use verify::SecondProof;
pub use verify::{SecondFactorError, Waiting};

/// The way to a code that was shown.
pub type BackupCodes = Vec<String>;
