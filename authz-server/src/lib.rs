//! The authorization server: command line, configuration, HTTP doors, pages.
//! Decides nothing itself; the rules live in `domain`.

pub mod admin;
pub mod cli;
pub mod config;
pub mod listener;
pub mod serve;
pub mod telemetry;
