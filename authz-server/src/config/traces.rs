//! `[traces]`: where the spans of requests are sent.
//! Refuses addresses with credentials in them; without an endpoint there are no spans and they cost nothing.

use url::Url;

use super::Problems;

/// Where the spans of requests are sent.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TracesConfig {
    /// OTLP over HTTP, as in `http://127.0.0.1:4318/v1/traces`; no traces when left out.
    pub endpoint: Option<String>,
    /// The part of the traces begun here that is sent, from 0 to 1.
    pub ratio: f64,
    /// What this program is called there.
    pub service_name: String,
}

impl Default for TracesConfig {
    fn default() -> Self {
        Self {
            endpoint: None,
            ratio: 0.1,
            service_name: "authz-server".to_owned(),
        }
    }
}

impl TracesConfig {
    /// The endpoint of a checked configuration.
    pub fn destination(&self) -> Option<Url> {
        self.endpoint.as_deref().and_then(address)
    }

    pub(super) fn check(&self, problems: &mut Problems) {
        problems.add_if(
            self.endpoint.is_some() && self.destination().is_none(),
            "traces.endpoint",
            "must be an http or https URL without credentials",
        );
        problems.add_if(
            !(0.0..=1.0).contains(&self.ratio),
            "traces.ratio",
            "must be between 0 and 1",
        );
    }
}

fn address(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let bare = url.username().is_empty() && url.password().is_none();
    (bare && matches!(url.scheme(), "http" | "https")).then_some(url)
}
