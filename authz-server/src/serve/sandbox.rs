//! The built-in payment sandbox: on a listener of its own, with keys made at its first start.
//! Moves no money, and says so loudly; the configuration's check keeps it from servers that look relied on.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use model::{Random, SystemRandom};
use razorpay_sandbox::{Running, Sandbox, Settings, StartError};
use url::Url;

use crate::config::{Config, GatewayKind};
use crate::outbound::razorpay::SandboxKeys;
use crate::surfaces::GATEWAY_EVENTS;

/// Its orders and payments, so that a restart loses none.
const MEMORY: &str = "sandbox-state.json";

#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    #[error("billing.sandbox.listen: {0}")]
    Start(#[from] StartError),
    #[error("the keys of the sandbox can't be kept in server.data_dir: {0}")]
    Keys(#[from] io::Error),
    #[error("billing.sandbox: unusable address")]
    Address,
}

/// Starts it when the configuration says so; it ends when the handle is dropped. `public`: where this server listens.
///
/// # Errors
/// When it can't listen, or its keys can't be written.
pub fn start(config: &Config, public: SocketAddr) -> Result<Option<Running>, SandboxError> {
    if config.billing.gateway != GatewayKind::Sandbox {
        return Ok(None);
    }
    let own = &config.billing.sandbox;
    let folder = &config.server.data_dir;
    let (key_id, key_secret, webhook_secret) = match SandboxKeys::read(folder)? {
        Some(kept) => (kept.key_id, kept.key_secret, kept.webhook_secret),
        None => (format!("rzp_test_{}", secret(7)), secret(16), secret(16)),
    };
    let mut settings = Settings::new(own.listen, &key_id, &key_secret);
    settings.state_file = Some(folder.join(MEMORY));
    settings.webhook_url = Some(events(config, public)?);
    settings.webhook_secret.clone_from(&webhook_secret);
    let public_url = own.public_url.as_deref().map(Url::parse).transpose();
    settings.public_url = public_url.map_err(|_| SandboxError::Address)?;
    let shown = settings.public_url.clone();
    let running = Sandbox::start(settings)?;
    let api = Url::parse(&running.url()).map_err(|_| SandboxError::Address)?;
    let keys = SandboxKeys {
        public: shown.unwrap_or_else(|| api.clone()),
        api,
        key_id,
        key_secret,
        webhook_secret,
    };
    keys.write(folder)?;
    tracing::warn!(
        sandbox = %running.addr(),
        "THE PAYMENT GATEWAY IS THE SANDBOX: wallets are credited and NO MONEY MOVES; for demonstrations and tests only"
    );
    Ok(Some(running))
}

/// From this machine to itself, unless the server speaks TLS: then by its name, which the certificate is for.
fn events(config: &Config, public: SocketAddr) -> Result<Url, SandboxError> {
    let base = if config.server.tls.is_some() {
        config.server.issuer(public)
    } else {
        format!("http://{}", loopback(public))
    };
    Url::parse(&format!("{base}{GATEWAY_EVENTS}")).map_err(|_| SandboxError::Address)
}

fn loopback(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

fn secret(bytes: usize) -> String {
    let mut random = vec![0; bytes];
    SystemRandom.fill(&mut random);
    random.iter().map(|byte| format!("{byte:02x}")).collect()
}
