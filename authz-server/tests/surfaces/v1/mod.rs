//! `/v1`, noun by noun.

mod auth;
