//! Puts a configuration to work: binds, starts workers, keeps feed, keys and routes fresh, drains.
//! It refuses to start when anything it was told cannot be done.

use crate::admin;
use crate::authority::Authority;
use crate::clock::Clock;
use crate::config::{self, Config};
use crate::core::{Core, Live, Parts};
use crate::evaluate::Evaluator;
use crate::front_filter::HeadLimits;
use crate::gateway::{Accepting, BoundListener, Certificates, OpenConnections, Workers, bind};
use crate::gateway::{Blueprint, Bounds};
use crate::introspect::{self, Introspector};
use crate::keys::{Fetched, Keys};
use crate::live_connections;
use crate::metrics::Metrics;
use crate::rate_limit::{Lookups, RateLimiter};
use crate::revocations::{self, FeedClient, Revocations};
use crate::routes::RouteTable;
use crate::token_cache::TokenCache;
use crate::upstream;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

const DEFAULT_GRACE: Duration = Duration::from_secs(30);
/// How long exchanges that are cut at the end of the grace time have to say so.
const FAREWELL: Duration = Duration::from_secs(1);
const CERTIFICATE_CHECK: Duration = Duration::from_secs(5);

/// A proxy at work.
pub struct Proxy {
    /// Name and address of each listener.
    pub listeners: Vec<(String, SocketAddr)>,
    /// Address of the admin listener.
    pub admin: SocketAddr,
    core: Arc<Core>,
    certificates: Vec<Arc<Certificates>>,
    open: Arc<OpenConnections>,
    shutdown: watch::Sender<bool>,
    accepting: JoinSet<()>,
    background: JoinSet<()>,
    watching: JoinSet<()>,
    grace: Duration,
}

impl Proxy {
    /// Starts a proxy on the current runtime.
    ///
    /// # Errors
    /// A sentence that says what cannot be done.
    pub async fn start(config: &Config, clock: Clock) -> Result<Self, String> {
        let mut bound = Vec::new();
        for listener in &config.listeners {
            bound.push(bind(listener).await?);
        }
        let admin = TcpListener::bind(config.admin.listen)
            .await
            .map_err(|reason| format!("admin: cannot listen on {}: {reason}", config.admin.listen))?;
        let admin_address = admin.local_addr().map_err(|reason| reason.to_string())?;
        let core = Arc::new(core(config, clock).await?);
        let (shutdown, watcher) = watch::channel(false);
        let blueprint = Blueprint {
            core: Arc::clone(&core),
            sites: bound.iter().map(BoundListener::site).collect(),
            bounds: bounds(config),
            shutdown: watcher,
        };
        let threads = config.runtime.threads.unwrap_or_else(cores);
        let workers = Arc::new(Workers::start(threads, &blueprint).map_err(|reason| reason.to_string())?);
        let limits = &config.limits;
        let gauge = core.metrics.connections.clone();
        let open = Arc::new(OpenConnections::new(
            limits.connections_per_address,
            limits.connections,
            gauge,
        ));
        let mut proxy = Self {
            listeners: bound
                .iter()
                .map(|listener| (listener.name.clone(), listener.address))
                .collect(),
            admin: admin_address,
            certificates: bound.iter().filter_map(BoundListener::certificates).collect(),
            core: Arc::clone(&core),
            open: Arc::clone(&open),
            shutdown,
            accepting: JoinSet::new(),
            background: JoinSet::new(),
            watching: JoinSet::new(),
            grace: config.runtime.shutdown_grace.map_or(DEFAULT_GRACE, |span| span.0),
        };
        for (index, listener) in bound.into_iter().enumerate() {
            let accepting = Accepting {
                index,
                listener,
                workers: Arc::clone(&workers),
                open: Arc::clone(&open),
            };
            proxy.accepting.spawn(accepting.run());
        }
        proxy.run_background(config, admin);
        proxy.watch_upstreams();
        Ok(proxy)
    }

    fn run_background(&mut self, config: &Config, admin: TcpListener) {
        let core = Arc::clone(&self.core);
        self.background.spawn(async move {
            if let Err(error) = axum::serve(admin, admin::router(core)).await {
                tracing::error!(%error, "the admin listener failed");
            }
        });
        self.background.spawn(follow(
            Arc::clone(&self.core),
            config.authorization_server.keys_refresh.0,
        ));
        for certificates in self.certificates.clone() {
            self.background.spawn(async move {
                loop {
                    tokio::time::sleep(CERTIFICATE_CHECK).await;
                    certificates.reload();
                }
            });
        }
    }

    fn watch_upstreams(&mut self) {
        self.watching = JoinSet::new();
        let Ok(http) = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
        else {
            tracing::error!("health checks cannot run");
            return;
        };
        for upstream in self.core.live.load().upstreams.values() {
            self.watching.spawn(Arc::clone(upstream).watch(http.clone()));
        }
    }

    /// Takes routes and upstreams from a new configuration; everything else needs a restart.
    ///
    /// # Errors
    /// A sentence for each problem; nothing changes then.
    pub async fn reload(&mut self, config: &Config) -> Result<(), Vec<String>> {
        let live = live(config, &self.core.metrics).await?;
        self.core.live.store(Arc::new(live));
        self.watch_upstreams();
        for certificates in &self.certificates {
            certificates.reload();
        }
        Ok(())
    }

    /// Whether requests can be judged.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.core.ready().is_ok()
    }

    /// Waits until requests can be judged, but no longer than `limit`.
    pub async fn ready_within(&self, limit: Duration) {
        let ready = async {
            while !self.is_ready() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        if tokio::time::timeout(limit, ready).await.is_err() {
            tracing::warn!("not ready yet");
        }
    }

    /// The shared state, for tests and for embedding.
    #[must_use]
    pub const fn core(&self) -> &Arc<Core> {
        &self.core
    }

    /// Stops accepting, lets requests in flight finish within the grace time, then ends.
    pub async fn drain(mut self) {
        self.core.drain();
        self.accepting.shutdown().await;
        self.shutdown.send_replace(true);
        self.core.exchanges.leave(self.core.clock.tick(), self.grace / 2);
        if tokio::time::timeout(self.grace, self.open.closed())
            .await
            .is_err()
        {
            tracing::warn!("some connections did not finish in time");
            self.core.exchanges.end_all();
            let _farewells = tokio::time::timeout(FAREWELL, self.open.closed()).await;
        }
    }
}

fn bounds(config: &Config) -> Bounds {
    let limits = &config.limits;
    Bounds {
        head: HeadLimits {
            bytes: limits.header_bytes,
            fields: limits.header_count,
            url: limits.url_bytes,
        },
        head_timeout: limits.header_timeout.0,
        idle_timeout: limits.idle_timeout.0,
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

async fn live(config: &Config, metrics: &Metrics) -> Result<Live, Vec<String>> {
    let routes = RouteTable::compile(config)?;
    let upstreams = upstream::resolve(&config.upstreams).await?;
    Ok(Live::new(config, routes, upstreams, metrics))
}

async fn core(config: &Config, clock: Clock) -> Result<Core, String> {
    let metrics = Arc::new(Metrics::new().map_err(|reason| reason.to_string())?);
    let live = live(config, &metrics)
        .await
        .map_err(|problems| problems.join("\n"))?;
    let limiter = Arc::new(RateLimiter::default());
    let evaluator = evaluator(config, clock, metrics, &limiter)?;
    Ok(Core::new(Parts {
        live,
        evaluator,
        limiter,
        access_log: config.log.access,
    }))
}

fn evaluator(
    config: &Config,
    clock: Clock,
    metrics: Arc<Metrics>,
    limiter: &Arc<RateLimiter>,
) -> Result<Evaluator, String> {
    let server = &config.authorization_server;
    let authority = Arc::new(Authority::new(server).map_err(|reason| reason.to_string())?);
    let revocations = Arc::new(Revocations::new(config.revocations.lease.0));
    let parts = introspect::Parts {
        authority: Arc::clone(&authority),
        revocations: Arc::clone(&revocations),
        clock: clock.clone(),
        metrics: Arc::clone(&metrics),
        runtime: tokio::runtime::Handle::current(),
    };
    let bounds = introspect::Bounds {
        max_in_flight: server.max_in_flight,
        timeout: server.timeout.0,
        ttl: config.cache.ttl.0,
    };
    Ok(Evaluator {
        cache: Arc::new(TokenCache::new(&config.cache)),
        keys: Arc::new(Keys::new(authority, clock.clone())),
        introspector: Arc::new(Introspector::new(parts, bounds)),
        revocations,
        lookups: Lookups::new(Arc::clone(limiter), config.limits.lookups_per_address),
        metrics,
        clock,
    })
}

/// Finds the authorization server, then follows its keys and its revocations for ever.
async fn follow(core: Arc<Core>, keys_refresh: Duration) {
    let evaluator = &core.evaluator;
    let authority = Arc::clone(evaluator.introspector.authority());
    let mut pause = Duration::from_millis(50);
    while let Err(error) = authority.discover().await {
        tracing::warn!(%error, "the authorization server is not there yet");
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(1));
    }
    let cache = Arc::clone(&evaluator.cache);
    let exchanges = Arc::clone(&core.exchanges);
    let feed = FeedClient::new(authority, core.clock.clone());
    let feed = revocations::run(feed, Arc::clone(&evaluator.revocations), move || {
        cache.clear();
        exchanges.doubt();
    });
    let watch = live_connections::run(Arc::clone(&core));
    tokio::join!(feed, follow_keys(&core, keys_refresh), watch);
}

async fn follow_keys(core: &Core, refresh: Duration) {
    loop {
        let pause = match core.evaluator.keys.fetch().await {
            Ok(Fetched::KeysGone) => {
                core.evaluator.cache.clear();
                refresh
            }
            Ok(Fetched::Same) => refresh,
            Ok(Fetched::TooSoon) => Duration::from_secs(1),
            Err(error) => {
                tracing::warn!(%error, "fetching the key set failed");
                Duration::from_secs(2)
            }
        };
        tokio::time::sleep(pause).await;
    }
}

/// Writes where the proxy listens, all at once.
///
/// # Errors
/// When the file cannot be written.
pub fn write_port_file(path: &std::path::Path, proxy: &Proxy) -> std::io::Result<()> {
    let mut text = String::new();
    for (name, address) in &proxy.listeners {
        text.push_str(&format!("listener.{name}={address}\n"));
    }
    text.push_str(&format!("admin={}\n", proxy.admin));
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    std::fs::write(&partial, text)?;
    std::fs::rename(&partial, path)
}

/// Loads a configuration again, as `config::load` does.
///
/// # Errors
/// As `config::load`.
pub fn reread(path: &std::path::Path) -> Result<Config, Vec<String>> {
    config::load(path).map_err(|error| vec![error.to_string()])
}
