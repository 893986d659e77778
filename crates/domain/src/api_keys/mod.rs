//! API keys: made by people for their programs, listed, rotated, ended, and taken wherever an access token is.
//! Refuses to let a key do more than its maker may do at that moment, and to show its text twice.

mod activity;
mod audit;
mod create;
mod ending_soon;
mod endings;
mod exchange;
mod held;
mod leaked;
mod list;
mod mint;
mod recognise;
mod revoke;
mod rotate;
mod rotation;
mod settings;
mod stands;

pub(crate) use activity::KeyActivity;
pub use create::{CreateKeyError, NewApiKey, ScopeRefusal};
pub(crate) use endings::{end_keys_of, end_keys_since, suspend_keys_of};
pub use exchange::{ExchangeError, Exchanged};
pub use held::Lack;
pub use leaked::FoundKey;
pub use recognise::KeyFacts;
pub(crate) use revoke::end_key;
pub use rotate::{RotateKeyError, RotatedKey};
pub use rotation::{RotationStatus, RotationThresholds};
pub use settings::{ApiKeySettings, KeyPrefixes};
pub(crate) use stands::KnownKeys;
