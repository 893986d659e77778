//! One connection to Redis or Valkey, over TCP, TLS or a local socket, that has the scripts loaded.
//! It refuses to be repaired: a link that failed is dropped, and a new one made.

use crate::config::{Rate, SharedLimits};
use crate::proof;
use crate::rate_limit::{TAKE, Verdict};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth::dpop::NonceKey;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, RedisResult, TlsCertificates, cmd};
use std::time::Duration;

/// The store's own clock, so that proxies need not agree on the time.
const CLOCK: &str = "local t = redis.call('TIME')\nlocal now = t[1] * 1000 + math.floor(t[2] / 1000)\n";
const TAKE_PROOF: &str = include_str!("take_proof.lua");

/// Connecting, loading the scripts and being alive may take this long at least, though no request waits for it.
const PATIENCE: Duration = Duration::from_secs(1);

/// Where the store is; the address carries a secret and is never printed.
pub(super) struct Target {
    client: Client,
    patience: Duration,
    /// What the key of the nonces is kept under, where the store remembers proofs.
    nonces_key: Option<String>,
}

/// A connection.
pub struct Link {
    connection: MultiplexedConnection,
    limits: String,
    proofs: Option<Memory>,
}

/// What is needed to remember proofs there.
struct Memory {
    script: String,
    /// Where the key of the nonces is, and its text.
    nonces_key: String,
    secret: String,
    nonces: NonceKey,
}

/// What the store says of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// Now, for the first time.
    Now,
    /// Before.
    Before,
    /// It lost its memory since the link was made.
    Forgotten,
}

impl Target {
    /// Reads the settings.
    ///
    /// # Errors
    /// When they make no address.
    pub(super) fn new(settings: &SharedLimits, proofs: bool) -> Result<Self, String> {
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
                nonces_key: proofs.then(|| format!("{}:dpop:nonces", settings.prefix)),
            })
            .map_err(|_| "shared_limits: url and ca_file make no address of a Redis".to_owned())
    }

    /// A connection with the scripts loaded.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) async fn connect(&self) -> Result<Link, String> {
        let connect = async { self.link().await.map_err(|error| error.to_string()) };
        let link = tokio::time::timeout(self.patience, connect).await;
        link.unwrap_or_else(|_| Err("it does not answer".to_owned()))
    }

    async fn link(&self) -> RedisResult<Link> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.patience))
            .set_response_timeout(Some(self.patience));
        let connection = self.client.get_multiplexed_async_connection_with_config(&config);
        let mut connection = connection.await?;
        let limits = load(&mut connection, &format!("{CLOCK}{TAKE}")).await?;
        let proofs = match &self.nonces_key {
            None => None,
            Some(_) if !keeps_all(&mut connection).await => {
                tracing::warn!(
                    "the shared store may drop what it was told (maxmemory-policy): proofs are not kept there"
                );
                None
            }
            Some(key) => Some(remember(&mut connection, key).await?),
        };
        Ok(Link {
            connection,
            limits,
            proofs,
        })
    }
}

async fn load(connection: &mut MultiplexedConnection, script: &str) -> RedisResult<String> {
    cmd("SCRIPT")
        .arg("LOAD")
        .arg(script)
        .query_async(connection)
        .await
}

/// Whether nothing is thrown out before its time for want of room, as far as the store tells.
async fn keeps_all(connection: &mut MultiplexedConnection) -> bool {
    let told = cmd("INFO").arg("memory").query_async::<String>(connection).await;
    told.is_ok_and(|told| {
        let says = |line: &str| told.lines().any(|own| own.trim_end() == line);
        says("maxmemory:0") || says("maxmemory_policy:noeviction")
    })
}

/// The key of the nonces is the store's own: whoever lost its proofs has lost it, too, and no older proof counts.
async fn remember(connection: &mut MultiplexedConnection, nonces_key: &str) -> RedisResult<Memory> {
    let script = load(connection, TAKE_PROOF).await?;
    let own = proof::own_key().map_err(|why| (redis::ErrorKind::Client, "key", why))?;
    let mut offer = cmd("SET");
    let offer = offer.arg(nonces_key).arg(URL_SAFE_NO_PAD.encode(own)).arg("NX");
    offer.query_async::<Option<String>>(connection).await?;
    let secret: String = cmd("GET").arg(nonces_key).query_async(connection).await?;
    Ok(Memory {
        script,
        nonces_key: nonces_key.to_owned(),
        nonces: proof::nonces_under(&secret),
        secret,
    })
}

impl Link {
    /// Counts a request against all these limits or none.
    ///
    /// # Errors
    /// When the store fails, or forgot the script.
    pub(crate) async fn take(&self, limits: &[(String, Rate)]) -> RedisResult<Vec<Verdict>> {
        let command = evaluate(&self.limits, limits);
        let numbers: Vec<u64> = command.query_async(&mut self.connection.clone()).await?;
        Ok(numbers.chunks_exact(3).map(verdict).collect())
    }

    /// The nonces that proofs need, where the store remembers proofs.
    #[must_use]
    pub(crate) fn nonces(&self) -> Option<&NonceKey> {
        self.proofs.as_ref().map(|memory| &memory.nonces)
    }

    /// Takes a proof, for as long as it could be good anywhere.
    ///
    /// # Errors
    /// When the store fails, or forgot the script.
    pub(crate) async fn take_proof(&self, digest: &[u8; 32], good_for: Duration) -> RedisResult<Taken> {
        let Some(memory) = &self.proofs else {
            return Ok(Taken::Forgotten);
        };
        let proof = format!("{}:{}", memory.nonces_key, URL_SAFE_NO_PAD.encode(&digest[..18]));
        let mut command = cmd("EVALSHA");
        command.arg(&memory.script).arg(2);
        command.arg(&memory.nonces_key).arg(proof);
        command.arg(&memory.secret).arg(good_for.as_millis().to_string());
        let said: i64 = command.query_async(&mut self.connection.clone()).await?;
        Ok(match said {
            1 => Taken::Now,
            0 => Taken::Before,
            _ => Taken::Forgotten,
        })
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
