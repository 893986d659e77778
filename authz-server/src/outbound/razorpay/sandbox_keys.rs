//! The keys of the built-in sandbox, made at its first start, also for the commands that work beside the server.
//! Refuses to be read by other users of the machine.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use domain::billing::gateway::Checkout;
use serde::{Deserialize, Serialize};
use url::Url;

use super::RazorpaySettings;
use crate::config::{BillingConfig, Secret};

const FILE: &str = "sandbox.json";
/// The path of its checkout page.
/// Below the gateway's address: its page that takes payments.
pub(super) const CHECKOUT: &str = "v1/checkout/embedded";

#[derive(Clone, Serialize, Deserialize)]
pub struct SandboxKeys {
    /// Where its API is.
    pub api: Url,
    /// Where browsers reach it.
    pub public: Url,
    pub key_id: String,
    pub key_secret: String,
    pub webhook_secret: String,
}

impl SandboxKeys {
    /// Those of the server that runs, or ran last, in this data folder.
    ///
    /// # Errors
    /// When there is a file and it can't be read.
    pub fn read(folder: &Path) -> io::Result<Option<Self>> {
        match fs::read(folder.join(FILE)) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(io::Error::from),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// # Errors
    /// When the folder can't be written to.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        let path = folder.join(FILE);
        let next = folder.join(format!("{FILE}.next"));
        let text = serde_json::to_vec(self)?;
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        options.open(&next)?.write_all(&text)?;
        fs::rename(next, path)
    }

    /// What the adapter needs to speak to it.
    pub fn settings(&self, config: &BillingConfig) -> RazorpaySettings {
        let page = self.public.join(CHECKOUT).unwrap_or_else(|_| self.public.clone());
        RazorpaySettings {
            key_id: self.key_id.clone(),
            key_secret: Secret::new(self.key_secret.clone()),
            webhook_secrets: vec![Secret::new(self.webhook_secret.clone())],
            base_url: self.api.clone(),
            checkout: Checkout {
                script: None,
                page: page.into(),
            },
            timeout: config.request_timeout.duration(),
        }
    }
}
