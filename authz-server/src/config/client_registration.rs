//! `[client_registration]`: what is open to clients that nobody has registered by hand.
//! Refuses audiences that are not described, and networks that would be everybody's.

use std::path::PathBuf;

use ipnet::IpNet;

use super::{Period, Problems, ResourceConfig};

/// What is open to clients that nobody has registered by hand.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ClientRegistrationConfig {
    /// Who may register a client at `/oauth2/register`: nobody (`closed`), whoever has a token of
    /// `clients initial-token` (`token`), or everybody (`open`).
    pub policy: RegistrationPolicy,
    /// Take client ids that are https URLs, where the client publishes what it is.
    pub documents: bool,
    /// Hosts that such documents may come from, each with everything below it. Without any: all.
    pub document_hosts: Vec<String>,
    /// Hosts that they may not come from, each with everything below it.
    pub denied_hosts: Vec<String>,
    /// Networks besides the public one that documents may be fetched from.
    #[schemars(with = "Vec<String>")]
    pub document_networks: Vec<IpNet>,
    /// PEM file with authorities that such hosts may have their certificates from, besides the well-known ones.
    pub document_ca_file: Option<PathBuf>,
    /// The audiences that such clients may ask for. They may ask for the scopes of these, and those about the user.
    pub resources: Vec<String>,
    /// After so long without a grant they are forgotten.
    pub unused_after: Period,
    /// How many clients one address may register, or have fetched, within `window` before it has to wait.
    pub attempts: u32,
    /// How long those count.
    pub window: Period,
}

/// Who may register a client.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum RegistrationPolicy {
    #[default]
    Closed,
    Token,
    Open,
}

impl Default for ClientRegistrationConfig {
    fn default() -> Self {
        Self {
            policy: RegistrationPolicy::Closed,
            documents: false,
            document_hosts: Vec::new(),
            denied_hosts: Vec::new(),
            document_networks: Vec::new(),
            document_ca_file: None,
            resources: Vec::new(),
            unused_after: Period::days(30),
            attempts: 20,
            window: Period::minutes(60),
        }
    }
}

impl ClientRegistrationConfig {
    pub(super) fn check(&self, resources: &[ResourceConfig], problems: &mut Problems) {
        for audience in &self.resources {
            let known = resources.iter().any(|resource| resource.audience == *audience);
            problems.add_if(
                !known,
                "client_registration.resources",
                &format!("{audience} is described by no [[resources]] entry"),
            );
        }
        let plain =
            |name: &String| !name.is_empty() && !name.starts_with('.') && *name == name.to_ascii_lowercase();
        let hosts = self.document_hosts.iter().chain(&self.denied_hosts);
        problems.add_if(
            !hosts.clone().all(plain),
            "client_registration",
            "hosts are lower-case names such as example.com",
        );
        problems.add_if(
            self.document_networks
                .iter()
                .any(|network| network.prefix_len() == 0),
            "client_registration.document_networks",
            "must not contain every address",
        );
        if let Some(file) = &self.document_ca_file {
            super::file::check_present(file, "client_registration.document_ca_file", problems);
        }
        problems.add_if(
            !(1..=10_000).contains(&self.attempts),
            "client_registration.attempts",
            "must be between 1 and 10000",
        );
        let window = (Period::seconds(1)..=Period::days(1)).contains(&self.window);
        problems.add_if(!window, "client_registration.window", "must be between 1s and 1d");
        let unused = (Period::minutes(60)..=Period::days(365)).contains(&self.unused_after);
        problems.add_if(
            !unused,
            "client_registration.unused_after",
            "must be between 1h and 365d",
        );
    }
}
