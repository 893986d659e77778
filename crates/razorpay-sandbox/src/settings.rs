//! What a sandbox is started with.
//! Holds secrets, so it is not printable.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use url::Url;

/// How to start a sandbox.
#[derive(Clone)]
pub struct Settings {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The user name of the API, `rzp_test_…`.
    pub key_id: String,
    /// Its password; checkout signatures are made with it.
    pub key_secret: String,
    /// Where events are posted; nowhere until it is set.
    pub webhook_url: Option<Url>,
    /// What events are signed with.
    pub webhook_secret: String,
    /// The address in links to people; `http://` and the bound address when absent.
    pub public_url: Option<Url>,
    /// How it behaves; can be changed while it runs.
    pub behaviour: Behaviour,
    /// Makes ids, delays and losses repeatable.
    pub seed: Option<u64>,
    /// Where its memory is kept over a restart; nowhere when absent.
    pub state_file: Option<PathBuf>,
    /// Unix seconds at which the sandbox's clock stands; then it moves only when it is advanced.
    pub frozen_at: Option<i64>,
}

impl Settings {
    /// The defaults: the machine's clock, no webhooks, everything succeeds at once.
    #[must_use]
    pub fn new(listen: SocketAddr, key_id: &str, key_secret: &str) -> Self {
        Self {
            listen,
            key_id: key_id.to_owned(),
            key_secret: key_secret.to_owned(),
            webhook_url: None,
            webhook_secret: String::new(),
            public_url: None,
            behaviour: Behaviour::default(),
            seed: None,
            state_file: None,
            frozen_at: None,
        }
    }
}

/// What the sandbox does of its own accord.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Behaviour {
    /// Whether authorized payments are captured at once; an order can say otherwise.
    pub auto_capture: bool,
    /// Whether collections by mandate must name a phone number.
    pub contact_required: bool,
    /// Seconds until a refund is processed.
    pub refund_delay: u32,
    /// Seconds until a collection by mandate is decided.
    pub collection_delay: u32,
    /// How often a failed charge of a subscription is tried again before it is halted.
    pub subscription_retries: u8,
    /// Seconds between these tries.
    pub subscription_retry_after: u32,
    /// How events reach their receiver.
    pub webhooks: Webhooks,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            auto_capture: true,
            contact_required: false,
            refund_delay: 2,
            collection_delay: 0,
            subscription_retries: 3,
            subscription_retry_after: 86_400,
            webhooks: Webhooks::default(),
        }
    }
}

/// How late, how often and in which order events are posted. Times are milliseconds of the sandbox's clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Webhooks {
    /// The least delay of a delivery.
    pub delay_min: u32,
    /// The greatest delay of a delivery.
    pub delay_max: u32,
    /// How many more times each event is delivered.
    pub duplicates: u8,
    /// How many places an event may fall behind; 0 keeps the order.
    pub shuffle: u8,
    /// Of a hundred deliveries, how many are lost without a trace or a retry.
    pub lost_percent: u8,
    /// How often a delivery is tried again when it was not answered with 2xx.
    pub retries: u8,
    /// The wait before the first retry; doubles with each.
    pub backoff: u32,
    /// Keeps events back until they are released.
    pub hold: bool,
}

impl Default for Webhooks {
    fn default() -> Self {
        Self {
            delay_min: 0,
            delay_max: 0,
            duplicates: 0,
            shuffle: 0,
            lost_percent: 0,
            retries: 8,
            backoff: 1_000,
            hold: false,
        }
    }
}
