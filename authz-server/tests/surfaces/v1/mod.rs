//! `/v1`, noun by noun.

mod api_keys;
mod auth;
mod federation;
mod magic_link;
mod second_factor;
mod sessions;
mod users_me;
