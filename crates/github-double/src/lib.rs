//! A local stand-in for GitHub, for tests and demonstrations: sign-in, REST API, GitHub App, webhooks, and faults.
//! Keeps everything in memory and trusts whoever can reach it: never for anything but tests.

mod api;
mod app_key;
mod bounded;
mod call;
mod callback;
mod caller;
mod change;
mod clock;
mod control;
mod decorate;
mod double;
mod endpoint;
mod fault;
mod front;
mod jwt;
mod people;
mod problem;
mod random;
mod rate;
mod render;
mod scope;
mod seen;
mod server;
mod settings;
mod shared;
mod struck;
mod web;
mod webhook;
mod world;

pub use app_key::{AppKey, AppKeyError};
pub use change::{Change, ChangeError};
pub use double::{GithubDouble, StartError};
pub use endpoint::Endpoint;
pub use fault::Fault;
pub use people::{Email, Organization, Person, Repository};
pub use seen::{AuthenticatedAs, SeenRequest, SentEvent};
pub use settings::{GithubApp, Installation, OauthApp, Settings};
