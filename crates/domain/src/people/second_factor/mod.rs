//! The second step of a sign-in: a code from an authenticator app, a passkey, or a backup code.
//! Refuses to be a way around: whatever proved the first factor, the second is asked for.

pub(super) mod backup_codes;
mod manage;
mod set_up;
mod totp;
mod turn_off;
mod verify;

pub use manage::SecondFactorState;
pub use set_up::{BeginTotpError, TotpSetup};
pub use turn_off::TurnOffError;
pub use verify::SecondFactorError;
pub(super) use verify::SecondProof;

/// The way to a code that was shown.
pub type BackupCodes = Vec<String>;
