//! The `[traces]` section: where spans are sent.
//! It refuses nothing; without an endpoint there are no spans and they cost nothing.

use serde::{Deserialize, Serialize};
use url::Url;

/// Where spans are sent.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Traces {
    /// OTLP over HTTP, as in `http://127.0.0.1:4318/v1/traces`; no traces when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Url>,
    /// The part of the traces begun here that is sent, from 0 to 1.
    pub ratio: f64,
    /// What this program is called there.
    pub service_name: String,
}

impl Default for Traces {
    fn default() -> Self {
        Self {
            endpoint: None,
            ratio: 0.1,
            service_name: "introspect-proxy".to_owned(),
        }
    }
}
