//! Proofs that any of several proxies has taken, in the store that they share.
//! It refuses to keep them where the store may throw them out, or has lost its memory.

use crate::config::SharedLimits;
use crate::proof;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth::dpop::NonceKey;
use redis::aio::MultiplexedConnection;
use redis::{RedisResult, cmd};
use shared_limits::Companion;
use std::time::Duration;

const TAKE_PROOF: &str = include_str!("take_proof.lua");

/// A connection.
pub type Link = shared_limits::Link<KeptProofs>;

/// What is needed to remember proofs over a connection; nothing where they are not kept there.
pub struct KeptProofs(Option<Memory>);

struct Memory {
    script: String,
    /// Where the key of the nonces is, and its text.
    nonces_key: String,
    secret: String,
    nonces: NonceKey,
}

/// What the key of the nonces is kept under, where the store remembers proofs.
pub struct Plan(Option<String>);

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

impl Plan {
    pub(super) fn new(settings: &SharedLimits, proofs: bool) -> Self {
        Self(proofs.then(|| format!("{}:dpop:nonces", settings.prefix)))
    }
}

impl Companion for KeptProofs {
    type Plan = Plan;

    async fn prepare(plan: &Plan, connection: &mut MultiplexedConnection) -> RedisResult<Self> {
        Ok(Self(match &plan.0 {
            None => None,
            Some(_) if !keeps_all(connection).await => {
                tracing::warn!(
                    "the shared store may drop what it was told (maxmemory-policy): proofs are not kept there"
                );
                None
            }
            Some(key) => Some(remember(connection, key).await?),
        }))
    }
}

impl KeptProofs {
    /// The nonces that proofs need, where the store remembers proofs.
    #[must_use]
    pub(crate) fn nonces(&self) -> Option<&NonceKey> {
        self.0.as_ref().map(|memory| &memory.nonces)
    }

    /// Takes a proof, for as long as it could be good anywhere.
    ///
    /// # Errors
    /// When the store fails, or forgot the script.
    pub(crate) async fn take(
        &self,
        mut connection: MultiplexedConnection,
        digest: &[u8; 32],
        good_for: Duration,
    ) -> RedisResult<Taken> {
        let Some(memory) = &self.0 else {
            return Ok(Taken::Forgotten);
        };
        let proof = format!("{}:{}", memory.nonces_key, URL_SAFE_NO_PAD.encode(&digest[..18]));
        let mut command = cmd("EVALSHA");
        command.arg(&memory.script).arg(2);
        command.arg(&memory.nonces_key).arg(proof);
        command.arg(&memory.secret).arg(good_for.as_millis().to_string());
        let said: i64 = command.query_async(&mut connection).await?;
        Ok(match said {
            1 => Taken::Now,
            0 => Taken::Before,
            _ => Taken::Forgotten,
        })
    }
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
    let mut load = cmd("SCRIPT");
    let load = load.arg("LOAD").arg(TAKE_PROOF);
    let script = load.query_async(connection).await?;
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
