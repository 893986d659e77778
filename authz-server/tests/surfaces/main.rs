//! The JSON surfaces over the public router.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that can't go on says so"
)]

#[path = "../app/mod.rs"]
#[expect(dead_code, reason = "shared with the other programs of tests")]
mod app;

mod completeness;
mod console;
mod console_keys;
mod coverage;
mod description;
mod doors;
mod envelope;
mod iam;
mod iam_sign_in;
mod idempotency;
mod key_limits;
mod key_rotation;
mod limits;
mod paging;
mod people;
mod platform;
mod proofs;
mod shared_limits;
mod teams;
mod tokens;
mod user_administration;
mod v1;
