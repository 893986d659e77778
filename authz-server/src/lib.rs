//! The authorization server: OAuth 2 and OpenID Connect endpoints, and the pages people see.
//! Holds no rules of its own; those are in `domain`.

pub mod pages;
