//! The authorization server: command line, configuration, OAuth 2 and OpenID Connect endpoints, and the pages people see.
//! Holds no rules of its own; those are in `domain`.

pub mod admin;
pub mod app;
pub mod cli;
pub mod config;
pub mod endpoints;
pub mod http;
pub mod listener;
pub mod outbound;
pub mod pages;
pub mod redirects;
pub mod serve;
pub mod surfaces;
pub mod telemetry;
