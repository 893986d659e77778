//! Puts a configuration to work: binds, starts workers, keeps feed, keys and routes fresh, drains.
//! It refuses to start when anything it was told cannot be done.

mod assemble;
mod follow;

use crate::admin;
use crate::audit::{self, Courier};
use crate::clock::Clock;
use crate::config::{self, Config};
use crate::core::Core;
use crate::gateway::{Accepting, BoundListener, Certificates, OpenConnections, Workers, bind, socket};
use crate::gateway::{Blueprint, Departure};
use crate::handover::{Label, Predecessor, Socket};
use crate::usage;
use assemble::{bounds, cores, live};
use follow::follow;
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

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
    leaving: watch::Sender<bool>,
    shutdown: watch::Sender<bool>,
    /// Connections end with them, so they stay until the last one is closed.
    workers: Arc<Workers>,
    /// Bound, and not yet accepting.
    closed: Option<Doors>,
    accepting: JoinSet<()>,
    administering: JoinSet<()>,
    background: JoinSet<()>,
    watching: JoinSet<()>,
    reporting: JoinSet<()>,
    grace: Duration,
    /// As it was at the start.
    config: Config,
}

/// The sockets of a proxy that does not accept yet.
struct Doors {
    public: Vec<BoundListener>,
    admin: AdminSocket,
}

impl Proxy {
    /// Starts a proxy on the current runtime.
    ///
    /// # Errors
    /// A sentence that says what cannot be done.
    pub async fn start(config: &Config, clock: Clock) -> Result<Self, String> {
        let mut proxy = Self::prepare(config, clock, None).await?;
        proxy.open();
        Ok(proxy)
    }

    /// A proxy that has its sockets and fetches what it must know, but does not accept connections yet.
    ///
    /// # Errors
    /// A sentence that says what cannot be done.
    pub async fn prepare(
        config: &Config,
        clock: Clock,
        predecessor: Option<&mut Predecessor>,
    ) -> Result<Self, String> {
        let (public, admin) = sockets(config, predecessor).await?;
        let admin_address = admin.1.local_addr().map_err(|reason| reason.to_string())?;
        let core = Arc::new(assemble::core(config, clock).await?);
        let (leaving, shutdown) = (watch::Sender::new(false), watch::Sender::new(false));
        let blueprint = Blueprint {
            core: Arc::clone(&core),
            sites: public.iter().map(BoundListener::site).collect(),
            bounds: bounds(config),
            departure: Departure {
                leaving: leaving.subscribe(),
                shutdown: shutdown.subscribe(),
            },
        };
        let threads = config.runtime.threads.unwrap_or_else(cores);
        let workers = Arc::new(Workers::start(threads, &blueprint).map_err(|reason| reason.to_string())?);
        let limits = &config.limits;
        let gauge = core.metrics.connections.clone();
        let open = OpenConnections::new(limits.connections_per_address, limits.connections, gauge);
        let mut proxy = Self {
            listeners: public
                .iter()
                .map(|listener| (listener.name.clone(), listener.address))
                .collect(),
            admin: admin_address,
            certificates: public.iter().filter_map(BoundListener::certificates).collect(),
            core,
            open: Arc::new(open),
            leaving,
            shutdown,
            workers,
            closed: Some(Doors { public, admin }),
            accepting: JoinSet::new(),
            administering: JoinSet::new(),
            background: JoinSet::new(),
            watching: JoinSet::new(),
            reporting: JoinSet::new(),
            grace: config.runtime.shutdown_grace.0,
            config: config.clone(),
        };
        proxy.run_background(config);
        proxy.watch_upstreams();
        Ok(proxy)
    }

    /// The sockets, for a successor; to be asked for before [`Self::open`].
    ///
    /// # Errors
    /// When the process has no descriptor left.
    pub fn offered(&self) -> std::io::Result<Vec<Socket>> {
        let Some(doors) = &self.closed else {
            return Ok(Vec::new());
        };
        let admin = Socket {
            label: doors.admin.0.clone(),
            descriptor: doors.admin.1.as_fd().try_clone_to_owned()?,
        };
        let public = doors.public.iter().map(BoundListener::offered);
        public.chain([Ok(admin)]).collect()
    }

    /// Begins to accept connections.
    pub fn open(&mut self) {
        let Some(doors) = self.closed.take() else { return };
        for (index, listener) in doors.public.into_iter().enumerate() {
            let accepting = Accepting {
                index,
                listener,
                workers: Arc::clone(&self.workers),
                open: Arc::clone(&self.open),
            };
            self.accepting.spawn(accepting.run());
        }
        let core = Arc::clone(&self.core);
        self.administering.spawn(async move {
            if let Err(error) = axum::serve(doors.admin.1, admin::router(core)).await {
                tracing::error!(%error, "the admin listener failed");
            }
        });
    }

    fn run_background(&mut self, config: &Config) {
        self.background.spawn(follow(
            Arc::clone(&self.core),
            config.authorization_server.keys_refresh.0,
        ));
        let core = Arc::clone(&self.core);
        self.reporting.spawn(async move {
            let courier = Courier {
                authority: Arc::clone(core.evaluator.introspector.authority()),
                sent: core.metrics.audit_reported.clone(),
                lost: core.metrics.audit_lost.clone(),
            };
            audit::run(courier, &core.reports).await;
        });
        let authority = Arc::clone(self.core.evaluator.introspector.authority());
        self.reporting
            .spawn(usage::run(Arc::clone(&self.core.usage), authority));
        let limiter = Arc::clone(&self.core.limiter);
        self.background.spawn(async move {
            if let Some(shared) = limiter.shared() {
                shared.store().keep().await;
            }
        });
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
        for upstream in self.core.live.load().upstreams.values() {
            self.watching.spawn(Arc::clone(upstream).watch());
        }
    }

    /// Takes routes with their limits and meters, upstreams, the section on usage and certificates from a new configuration,
    /// all or nothing.
    /// Returns the other sections that changed: they count from the next start on.
    ///
    /// # Errors
    /// A sentence for each problem; nothing changes then.
    pub async fn reload(&mut self, config: &Config) -> Result<Vec<String>, Vec<String>> {
        let live = live(config, &self.core.metrics).await?;
        self.core.live.store(Arc::new(live));
        self.core.usage.configure(&config.usage);
        self.watch_upstreams();
        for certificates in &self.certificates {
            certificates.reload();
        }
        Ok(config::fixed_differences(&self.config, config))
    }

    /// Notes for operators whether the configuration in force is the one that its file has now.
    pub fn reloaded(&self, taken: bool) {
        self.core.metrics.configuration_refused(!taken);
    }

    /// Whether requests can be judged.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.core.ready().is_ok()
    }

    /// Waits until requests can be judged, but no longer than `limit`; tells whether they can.
    pub async fn ready_within(&self, limit: Duration) -> bool {
        let ready = async {
            while !self.is_ready() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let in_time = tokio::time::timeout(limit, ready).await.is_ok();
        if !in_time {
            tracing::warn!("not ready yet");
        }
        in_time
    }

    /// The shared state, for tests and for embedding.
    #[must_use]
    pub const fn core(&self) -> &Arc<Core> {
        &self.core
    }

    /// Stops accepting, lets requests in flight finish within the grace time, then ends.
    pub async fn drain(self) {
        self.leave(Duration::ZERO).await;
    }

    /// Leaves to a successor that serves already. Connections that wait for a request may send one more within
    /// `farewell`: its answer tells the client to come back on a new connection.
    pub async fn hand_over(mut self, farewell: Duration) {
        self.administering.shutdown().await;
        self.leave(farewell).await;
    }

    async fn leave(mut self, farewell: Duration) {
        self.core.drain();
        self.accepting.shutdown().await;
        self.leaving.send_replace(true);
        let _all_gone = tokio::time::timeout(farewell, self.open.closed()).await;
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
        self.core.reports.leave();
        self.core.usage.leave();
        while self.reporting.join_next().await.is_some() {}
        if let Some(tracing) = &self.core.tracing {
            Arc::clone(tracing).send_the_rest().await;
        }
    }
}

type AdminSocket = (Label, TcpListener);

async fn sockets(
    config: &Config,
    mut predecessor: Option<&mut Predecessor>,
) -> Result<(Vec<BoundListener>, AdminSocket), String> {
    let mut public = Vec::new();
    for listener in &config.listeners {
        public.push(bind(listener, predecessor.as_deref_mut()).await?);
    }
    let label = Label {
        name: "admin".to_owned(),
        asked: config.admin.listen,
    };
    let admin = socket(&label, predecessor)
        .await
        .map_err(|reason| format!("admin.listen: cannot listen on {}: {reason}", config.admin.listen))?;
    Ok((public, (label, admin)))
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
