//! The running server: composes what the configuration describes, answers, and ends in order.
//! Contains no rules; every part it joins can be tested without it.

mod authority;
mod doors;
mod foundation;
mod jobs;
mod master_keys;
mod router;
mod sandbox;
mod seller;
mod settings;
mod setup_link;
mod shared_limits;

use std::{io, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use axum::Extension;
use model::{SystemClock, SystemRandom};
use tokio::runtime::Handle;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use traces::{Destination, Tracing};

use doors::Doors;

pub use self::shared_limits::SharedLimitsError;
pub(crate) use self::shared_limits::probe as probe_shared_limits;
use crate::{
    admin::{self, Metrics, MetricsError},
    app::AppState,
    cli::Doctor,
    config::{Config, TracesConfig},
    endpoints::leaked_keys,
    http::{Frame, audit::audited, rate_limit::KeyLimits},
    listener::{CertificateAuthorities, Certificates, Listener, TlsError, Workers, write_port_file},
    outbound::{LeakReporters, federation::Outside, mail::Outbox},
    pages::BrandError,
};
pub use authority::{AuthorityError, open as open_authority, own_ctx};
pub(crate) use foundation::make_data_dir;
pub use foundation::{Foundation, FoundationError, database_config};
pub(crate) use master_keys::{MasterKeysError, refuse_if_gone};
pub use sandbox::SandboxError;
pub use settings::SettingsError;

/// Why the server could not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("cannot listen on {address} ({key}): {source}")]
    Bind {
        key: &'static str,
        address: SocketAddr,
        source: io::Error,
    },
    #[error("cannot write {} (--port-file): {source}", path.display())]
    PortFile { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error(transparent)]
    Foundation(#[from] FoundationError),
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    #[error(transparent)]
    SharedLimits(#[from] SharedLimitsError),
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    #[error("brand: {0}")]
    Brand(#[from] BrandError),
    #[error("{0}")]
    Traces(String),
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// Runs until SIGTERM or SIGINT.
pub async fn serve(config: Config, port_file: Option<PathBuf>) -> Result<(), ServeError> {
    let stop = CancellationToken::new();
    tokio::spawn(stop_on_signal(stop.clone())?);
    run(config, port_file, stop).await
}

/// Runs until `stop`.
pub async fn run(
    config: Config,
    port_file: Option<PathBuf>,
    stop: CancellationToken,
) -> Result<(), ServeError> {
    let metrics = Metrics::install()?;
    let tls = config.server.tls.clone().map(Certificates::load).transpose()?;
    let public = bind("server.listen", config.server.listen, tls.clone()).await?;
    let operators = bind("admin.listen", config.admin.listen, None).await?;
    let addresses = [("public", public.address()), ("admin", operators.address())];
    let issuer = config.server.issuer(public.address());
    let foundation = Foundation::lay(&config).await?;
    let sandbox = sandbox::start(&config, public.address())?;
    let authority = authority::open(&config, issuer.clone(), foundation.database.clone()).await?;
    authority::prepare(&authority, &config).await?;
    let readiness = foundation.readiness(&authority);
    let brand = Arc::new(config.brand.brand()?);
    let https = issuer.starts_with("https:");
    let state = AppState {
        authority: authority.clone(),
        brand: brand.clone(),
        https,
        key_limits: KeyLimits::new(shared_limits::start(&config)?),
        printer: Arc::default(),
    };
    let tracing = tracing(&config.traces)?;
    let frame = Frame::new(
        &config.server,
        brand,
        Arc::new(SystemClock),
        SystemRandom::shared(),
        tracing.clone(),
    );

    tokio::spawn(upkeep(metrics.clone()));
    let jobs = tokio::spawn(jobs::run(authority.clone(), stop.clone()));
    if let Some(certificates) = tls {
        tokio::spawn(certificates.watch()?);
    }
    let admin_stop = CancellationToken::new();
    let outbox = config
        .mail
        .smtp
        .is_none()
        .then(|| Outbox::at(&config.server.data_dir));
    let for_operators = admin::router(readiness.clone(), metrics, outbox, authority.clone());
    let operators = tokio::spawn(operators.serve(for_operators, admin_stop.clone(), Duration::from_secs(1)));
    let reports = leaked_keys::router(leak_reporters(&config)?).with_state(state.clone());
    let doors = router::public(readiness.clone(), state.clone(), &config.limits)
        .merge(reports)
        .layer(Extension(Doctor::of(&config)));
    let authorities = config.server.client_ca_file.as_deref();
    let authorities = authorities.map(CertificateAuthorities::read).transpose()?;
    let doors = audited(doors, authority.clone());
    let for_everyone = Doors::new(frame, (state, authorities.map(Arc::new)), doors);
    let grace = config.server.shutdown_grace.duration();
    let workers = Arc::new(Workers::start()?);
    let public = public.on(workers.clone());
    let public = tokio::spawn(public.serve(for_everyone, stop.clone(), grace));
    if let Some(path) = port_file {
        write_port_file(&path, &addresses).map_err(|source| ServeError::PortFile { path, source })?;
    }
    setup_link::offer(&authority)
        .await
        .map_err(AuthorityError::from)?;
    tracing::info!(%issuer, public = %addresses[0].1, admin = %addresses[1].1, "listening");

    stop.cancelled().await;
    tracing::info!("stopping");
    readiness.stop();
    _ = public.await;
    _ = jobs.await;
    drop(sandbox);
    foundation.close().await;
    // Not before: connections to the database may have been opened there.
    drop(workers);
    admin_stop.cancel();
    _ = operators.await;
    if let Some(tracing) = tracing {
        tracing.send_the_rest().await;
    }
    tracing::info!("stopped");
    Ok(())
}

async fn bind(
    key: &'static str,
    address: SocketAddr,
    tls: Option<Certificates>,
) -> Result<Listener, ServeError> {
    Listener::bind(address, tls)
        .await
        .map_err(|source| ServeError::Bind { key, address, source })
}

/// Where spans go, when anywhere.
fn tracing(config: &TracesConfig) -> Result<Option<Arc<Tracing>>, ServeError> {
    let start = |endpoint| {
        let destination = Destination {
            endpoint: &endpoint,
            ratio: config.ratio,
            service_name: &config.service_name,
        };
        Tracing::start(&destination, Handle::current())
    };
    let started = config.destination().map(start).transpose();
    started.map_err(ServeError::Traces)
}

/// Whom the operator trusts to report keys found in public.
fn leak_reporters(config: &Config) -> Result<Option<LeakReporters>, ServeError> {
    let url = config.api_keys.leak_reporter_keys.as_deref();
    let reporters = url.map(|url| {
        let outside = Outside::new().map_err(AuthorityError::from)?;
        Ok(LeakReporters::new(url, outside, Arc::new(SystemClock)))
    });
    reporters.transpose()
}

async fn upkeep(metrics: Metrics) {
    let mut every = tokio::time::interval(Duration::from_secs(5));
    loop {
        every.tick().await;
        metrics.upkeep();
    }
}

fn stop_on_signal(stop: CancellationToken) -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        stop.cancel();
    })
}
