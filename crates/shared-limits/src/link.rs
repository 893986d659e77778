//! One connection to Redis or Valkey, over TCP, TLS or a local socket, that has the script loaded.
//! It refuses to be repaired: a link that failed is dropped, and a new one made.

use crate::{NoAddress, Rate, Settings, TAKE, Verdict};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, ErrorKind, RedisResult, TlsCertificates, cmd};
use std::time::Duration;

/// The store's own clock, so that processes need not agree on the time.
const CLOCK: &str = "local t = redis.call('TIME')\nlocal now = t[1] * 1000 + math.floor(t[2] / 1000)\n";

/// Connecting, loading the script and being alive may take this long at least, though no request waits for it.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a program keeps with each connection besides limits; `()` where that is nothing.
pub trait Companion: Send + Sync + Sized + 'static {
    /// What is known of it before there is a connection.
    type Plan: Send + Sync + 'static;

    /// Makes it over a new connection; an error is one of the connection.
    fn prepare(
        plan: &Self::Plan,
        connection: &mut MultiplexedConnection,
    ) -> impl Future<Output = RedisResult<Self>> + Send;
}

impl Companion for () {
    type Plan = ();

    async fn prepare((): &(), _: &mut MultiplexedConnection) -> RedisResult<()> {
        Ok(())
    }
}

/// Where the store is; the address carries a secret and is never printed.
pub(crate) struct Target<C: Companion> {
    client: Client,
    patience: Duration,
    plan: C::Plan,
}

/// A connection.
pub struct Link<C> {
    connection: MultiplexedConnection,
    script: String,
    companion: C,
}

impl<C: Companion> Target<C> {
    pub(crate) fn new(settings: &Settings, plan: C::Plan) -> Result<Self, NoAddress> {
        let url = settings.url.as_str();
        let client = match &settings.authority {
            None => Client::open(url),
            Some(root) => {
                let certificates = TlsCertificates {
                    client_tls: None,
                    root_cert: Some(root.clone()),
                };
                Client::build_with_tls(url, certificates)
            }
        };
        Ok(Self {
            client: client.map_err(|_| NoAddress)?,
            patience: PATIENCE.max(settings.timeout),
            plan,
        })
    }

    /// A connection with the script loaded.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) async fn connect(&self) -> Result<Link<C>, String> {
        let connect = async { self.link().await.map_err(|error| error.to_string()) };
        let link = tokio::time::timeout(self.patience, connect).await;
        link.unwrap_or_else(|_| Err("it does not answer".to_owned()))
    }

    async fn link(&self) -> RedisResult<Link<C>> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.patience))
            .set_response_timeout(Some(self.patience));
        let connection = self.client.get_multiplexed_async_connection_with_config(&config);
        let mut connection = connection.await?;
        let mut load = cmd("SCRIPT");
        let load = load.arg("LOAD").arg(format!("{CLOCK}{TAKE}"));
        let script = load.query_async(&mut connection).await?;
        let companion = C::prepare(&self.plan, &mut connection).await?;
        Ok(Link {
            connection,
            script,
            companion,
        })
    }
}

impl<C> Link<C> {
    /// The connection, for questions of the program's own.
    #[must_use]
    pub fn connection(&self) -> MultiplexedConnection {
        self.connection.clone()
    }

    /// What the program keeps with it.
    #[must_use]
    pub const fn companion(&self) -> &C {
        &self.companion
    }

    /// Counts a request against all these limits or none, and one less on `back`.
    ///
    /// # Errors
    /// When the store fails, or forgot the script.
    pub(crate) async fn take(
        &self,
        limits: &[(String, Rate)],
        back: Option<&str>,
    ) -> RedisResult<Vec<Verdict>> {
        let command = evaluate(&self.script, limits, back);
        let numbers: Vec<u64> = command.query_async(&mut self.connection()).await?;
        if numbers.len() != limits.len() * 3 {
            return Err((ErrorKind::UnexpectedReturnType, "it says something else").into());
        }
        Ok(numbers.chunks_exact(3).map(verdict).collect())
    }

    /// Whether it still answers.
    ///
    /// # Errors
    /// Why not.
    pub(crate) async fn is_alive(&self) -> Result<(), String> {
        let answer = cmd("PING").query_async::<String>(&mut self.connection()).await;
        answer.map(drop).map_err(|error| error.to_string())
    }
}

fn evaluate(script: &str, limits: &[(String, Rate)], back: Option<&str>) -> Cmd {
    let mut command = cmd("EVALSHA");
    command
        .arg(script)
        .arg(limits.len() + usize::from(back.is_some()));
    for (key, _) in limits {
        command.arg(key);
    }
    command.arg(back);
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
