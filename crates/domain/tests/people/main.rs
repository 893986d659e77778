//! People's capabilities, each on SQLite and PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test that can't go on says so")]

mod administration;
mod extras;
mod federation;
mod github_app;
mod iam;
mod idempotency;
mod letters;
mod log;
mod login;
mod own_account;
mod passkey;
mod passwords;
mod registration;
mod replicas;
mod second_factor;
mod sessions;
mod setup;
mod teams;
mod throttling;
mod trusted;
mod undo;
mod users;
mod world;
