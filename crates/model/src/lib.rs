//! Entities, typed ids, state machines, clock and secrets: what things are and what is true of them at a moment.
//! Refuses to remember or to act: no I/O, no SQL, no HTTP; every rule is a function of values and `now`.

pub mod access_key;
pub mod access_token;
pub mod api_key;
pub mod audit;
pub mod authentication;
pub mod avatar;
pub mod billing;
pub mod challenge;
pub mod client;
pub mod clock;
pub mod code;
pub mod consent;
pub mod context;
pub mod deletion;
pub mod email;
pub mod github_app;
pub mod grant;
pub mod iam;
pub mod iam_policy;
pub mod id;
pub mod job;
pub mod linked_account;
pub mod milestone;
pub mod passkey;
pub mod password;
pub mod password_rules;
pub mod principal;
pub mod random;
pub mod refresh_token;
pub mod registry;
pub mod revocation;
pub mod search;
pub mod second_factor;
pub mod secret;
pub mod session;
pub mod settled_clock;
pub mod signing_key;
pub mod team;
pub mod throttle;
pub mod trusted_device;
pub mod user;
pub mod username;

pub use client::ClientId;
pub use clock::{Clock, SystemClock, Timestamp};
pub use context::{Ctx, Origin};
pub use id::{
    AccessTokenId, AuditId, AvatarId, ChallengeId, GrantId, Id, JobId, PasskeyId, SessionId, UserId,
};
pub use id::{GroupId, PolicyId, TrustedDeviceId};
pub use random::{Random, SystemRandom};
pub use secret::{PlainSecret, SecretDigest};
