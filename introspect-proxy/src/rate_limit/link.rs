//! One connection to Redis or Valkey, over TCP, TLS or a local socket, that has the script loaded.
//! It refuses to be repaired: a link that failed is dropped, and a new one made.

use super::window::Verdict;
use crate::config::{Rate, SharedLimits};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, RedisResult, TlsCertificates, cmd};
use std::time::Duration;

/// Connecting, loading the script and being alive may take this long at least, though no request waits for it.
const PATIENCE: Duration = Duration::from_secs(1);

/// Where the store is; the address carries a secret and is never printed.
pub(super) struct Target {
    client: Client,
    patience: Duration,
}

/// A connection.
pub(super) struct Link {
    connection: MultiplexedConnection,
    script: String,
}

impl Target {
    /// Reads the settings.
    ///
    /// # Errors
    /// When they make no address.
    pub(super) fn new(settings: &SharedLimits) -> Result<Self, String> {
        let url = settings.url.as_ref().ok_or("shared_limits: no url")?;
        let client = match &settings.ca_file {
            None => Client::open(url.expose()),
            Some(file) => {
                let root = std::fs::read(file).map_err(|reason| {
                    format!("shared_limits.ca_file: cannot read {}: {reason}", file.display())
                })?;
                let certificates = TlsCertificates {
                    client_tls: None,
                    root_cert: Some(root),
                };
                Client::build_with_tls(url.expose(), certificates)
            }
        };
        // What the library says may repeat the address.
        client
            .map(|client| Self {
                client,
                patience: PATIENCE.max(settings.timeout.0),
            })
            .map_err(|_| "shared_limits: url and ca_file make no address of a Redis".to_owned())
    }

    /// A connection with the script loaded.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) async fn connect(&self, script: &str) -> Result<Link, String> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.patience))
            .set_response_timeout(Some(self.patience));
        let connect = async {
            let mut connection = self
                .client
                .get_multiplexed_async_connection_with_config(&config)
                .await?;
            let mut load = cmd("SCRIPT");
            let script = load.arg("LOAD").arg(script).query_async(&mut connection).await?;
            RedisResult::Ok(Link { connection, script })
        };
        match tokio::time::timeout(self.patience, connect).await {
            Ok(link) => link.map_err(|error| error.to_string()),
            Err(_) => Err("it does not answer".to_owned()),
        }
    }
}

impl Link {
    /// Counts a request against all these limits or none.
    ///
    /// # Errors
    /// When the store fails, or forgot the script.
    pub(super) async fn take(&self, limits: &[(String, Rate)]) -> RedisResult<Vec<Verdict>> {
        let command = evaluate(&self.script, limits);
        let numbers: Vec<u64> = command.query_async(&mut self.connection.clone()).await?;
        Ok(numbers.chunks_exact(3).map(verdict).collect())
    }

    /// Whether it still answers.
    ///
    /// # Errors
    /// Why not.
    pub(super) async fn is_alive(&self) -> Result<(), String> {
        let mut connection = self.connection.clone();
        let answer = cmd("PING").query_async::<String>(&mut connection).await;
        answer.map(drop).map_err(|error| error.to_string())
    }
}

fn evaluate(script: &str, limits: &[(String, Rate)]) -> Cmd {
    let mut command = cmd("EVALSHA");
    command.arg(script).arg(limits.len());
    for (key, _) in limits {
        command.arg(key);
    }
    for (_, rate) in limits {
        command.arg(rate.count).arg(rate.window.as_millis().to_string());
    }
    command
}

fn verdict(numbers: &[u64]) -> Verdict {
    Verdict {
        has_room: numbers[0] == 1,
        remaining: u32::try_from(numbers[1]).unwrap_or(u32::MAX),
        reset: Duration::from_millis(numbers[2]),
    }
}
