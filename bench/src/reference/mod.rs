//! What we are held against, each a process of its own: plain axum, bare pingora, an upstream that says ok.
//! They refuse to know any token.

mod sessions;

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use async_trait::async_trait;
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use pingora::apps::HttpServerOptions;
use pingora::prelude::{HttpPeer, ProxyHttp, Session};
use pingora::server::Server;
use pingora::server::configuration::ServerConf;
use pingora::services::listening::Service;
use serde::{Deserialize, Serialize};

use sessions::Sessions;

const THREADS: &str = "BENCH_THREADS";

/// `kind` is `axum`, `upstream`, `pingora`, `pingora-alike` or `pingora-sessions`; the last three take the upstream's
/// address.
/// Prints its own address.
pub fn run(kind: &str, upstream: Option<String>) -> Result<()> {
    let upstream = || -> Result<SocketAddr> {
        let address = upstream.context("the upstream's address")?;
        Ok(address.parse()?)
    };
    match kind {
        "axum" => serve(Router::new().route("/token", post(answer))),
        "upstream" => serve(Router::new().route("/{*path}", get(|| async { "ok" }))),
        "pingora" => bare_pingora(upstream()?, true),
        "pingora-alike" => bare_pingora(upstream()?, false),
        "pingora-sessions" => bare_sessions(upstream()?),
        other => bail!("no reference {other}"),
    }
}

#[derive(Deserialize)]
struct Asked {
    token: String,
}

/// The shape of a token answer, with nothing behind it.
#[derive(Serialize)]
struct Answered {
    active: bool,
    token_type: &'static str,
    scope: &'static str,
    client_id: String,
    exp: u64,
}

async fn answer(Form(asked): Form<Asked>) -> Json<Answered> {
    let client_id = asked.token.chars().take(8).collect();
    Json(Answered {
        active: true,
        token_type: "Bearer",
        scope: "orders:read",
        client_id,
        exp: 1_795_221_529,
    })
}

fn serve(router: Router) -> Result<()> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
            announce(listener.local_addr()?)?;
            Ok(axum::serve(listener, router).await?)
        })
}

fn announce(address: SocketAddr) -> Result<()> {
    use std::io::Write as _;
    Ok(writeln!(std::io::stdout().lock(), "{address}")?)
}

struct Bare(SocketAddr);

#[async_trait]
impl ProxyHttp for Bare {
    type CTX = ();

    fn new_ctx(&self) {}

    async fn upstream_peer(&self, _: &mut Session, (): &mut ()) -> pingora::Result<Box<HttpPeer>> {
        Ok(Box::new(HttpPeer::new(self.0, false, String::new())))
    }
}

/// Its own server with as many threads as our proxy has. As pingora comes, its threads steal work from each other;
/// configured alike, they don't.
fn bare_pingora(upstream: SocketAddr, work_stealing: bool) -> Result<()> {
    let mut server = server(work_stealing);
    let mut service = pingora::proxy::http_proxy_service(&Arc::clone(&server.configuration), Bare(upstream));
    // Looked for once on each connection, never on a request.
    let mut options = HttpServerOptions::default();
    options.h2c = true;
    if let Some(app) = service.app_logic_mut() {
        app.server_options = Some(options);
    }
    let address = free_address()?;
    service.add_tcp(&address.to_string());
    server.add_service(service);
    std::thread::spawn(move || announce_when_open(address));
    server.run_forever()
}

fn bare_sessions(upstream: SocketAddr) -> Result<()> {
    let mut server = server(false);
    let mut service = Service::new("sessions".to_owned(), Sessions::new(upstream));
    let address = free_address()?;
    service.add_tcp(&address.to_string());
    server.add_service(service);
    std::thread::spawn(move || announce_when_open(address));
    server.run_forever()
}

fn server(work_stealing: bool) -> Server {
    let conf = ServerConf {
        threads: threads(),
        work_stealing,
        ..ServerConf::default()
    };
    let mut server = Server::new_with_opt_and_conf(None, conf);
    server.bootstrap();
    server
}

fn free_address() -> Result<SocketAddr> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// Pingora opens its sockets itself and doesn't say when.
fn announce_when_open(address: SocketAddr) -> Result<()> {
    while std::net::TcpStream::connect(address).is_err() {
        std::thread::yield_now();
    }
    announce(address)
}

/// Whoever starts a reference says its threads; by hand it has half of what it may use.
fn threads() -> usize {
    let asked = std::env::var(THREADS).ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or_else(|| {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        (cores / 2).max(1)
    })
}
