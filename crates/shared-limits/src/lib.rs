//! Rate limits: how often somebody may do something, counted in this process, or by several together in one store.
//! It refuses to know what is limited: no HTTP, no routes, no settings files, no metrics of its own.

mod ask;
mod counters;
mod link;
mod memory;
mod rate;
mod shared;
mod store;
mod window;

pub use ask::{Ask, Who};
pub use counters::{Counted, Counters, Receipt};
pub use link::{Companion, Link};
pub use memory::Memory;
pub use rate::Rate;
pub use shared::{Shared, TAKE};
pub use store::{Observer, Silence, Store};
pub use window::{Verdict, Window, take};

use std::time::Duration;

/// Where the store is, and how it is used. The address may hold a password, so this is never printed.
#[derive(Clone)]
pub struct Settings {
    /// `redis://`, `rediss://` for TLS, or `unix://`.
    pub url: String,
    /// PEM of the authority that signed the store's certificate; those of the system when there is none.
    pub authority: Option<Vec<u8>>,
    /// What keys in the store begin with.
    pub prefix: String,
    /// How many processes count there. While the store is away each lets through its part of every limit.
    pub replicas: u32,
    /// How long a request waits for the store before this process counts alone.
    pub timeout: Duration,
}

/// The settings make no address of a store. What the library says of it may repeat the address, and is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the URL and the authority make no address of a Redis")]
pub struct NoAddress;

/// Whether this could be the address of a store.
#[must_use]
pub fn is_address(url: &str) -> bool {
    redis::Client::open(url).is_ok()
}
