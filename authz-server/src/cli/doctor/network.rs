//! The listeners' ports and the way to the issuer: free, open, reachable?
//! Binds and connects, but sends nothing.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};
use url::Url;

use super::Finding;
use crate::config::Config;

pub(super) async fn ports(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (key, address) in [
        ("server.listen", config.server.listen),
        ("admin.listen", config.admin.listen),
    ] {
        findings.push(port(key, address).await);
    }
    if !config.admin.listen.ip().is_loopback() {
        findings.push(Finding::doubtful(
            format!(
                "admin.listen is {}, and metrics have no authentication",
                config.admin.listen
            ),
            "Use a loopback address, or make sure that only operators can reach it.",
        ));
    }
    findings
}

async fn port(key: &str, address: SocketAddr) -> Finding {
    match TcpListener::bind(address).await {
        Ok(_) => Finding::Fine(format!("{key} {address} is free")),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => Finding::doubtful(
            format!("{key} {address} is in use"),
            "Fine if the server is running now; else stop the other program or change the port.",
        ),
        Err(error) => Finding::wrong(
            format!("{key} {address} cannot be used: {error}"),
            "Choose an address of this machine and a port that this user may open.",
        ),
    }
}

pub(super) async fn issuer(config: &Config) -> Vec<Finding> {
    let Some(issuer) = &config.server.issuer else {
        return vec![Finding::Fine(
            "none configured; the listener's own address is used".to_owned(),
        )];
    };
    // A configured issuer was already checked to be a URL with a host.
    let Ok(addresses) = Url::parse(issuer)
        .map_err(std::io::Error::other)
        .and_then(|url| url.socket_addrs(|| None))
    else {
        return vec![Finding::doubtful(
            format!("the name in {issuer} is not known here"),
            "Clients must be able to resolve it: check the DNS entry.",
        )];
    };
    for address in addresses {
        if matches!(
            timeout(Duration::from_secs(3), TcpStream::connect(address)).await,
            Ok(Ok(_))
        ) {
            return vec![Finding::Fine(format!("something answers at {issuer}"))];
        }
    }
    vec![Finding::doubtful(
        format!("nothing answers at {issuer}"),
        "Fine while neither this server nor the reverse proxy in front of it runs; else check the way between them.",
    )]
}
