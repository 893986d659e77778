//! A proxy in this process, with a fake upstream that echoes and a fake authorization server that counts.
//! It refuses sleeps: waits are for conditions, with a deadline.

mod authority;
mod fixed;
pub mod frames;
mod key_holder;
mod recorder;
mod streaming;
mod upstream;

pub use authority::{FakeAuthority, opaque_token};
pub use fixed::FixedUpstream;
pub use key_holder::{EITHER, KeyHolder, NO_NONCE};
pub use recorder::Recorder;
pub use redis_process::RedisServer;
pub use streaming::{PIECE, StreamingUpstream};
pub use upstream::EchoUpstream;

use introspect_proxy::clock::Clock;
use introspect_proxy::config;
use introspect_proxy::serve::Proxy;
use reqwest::header::HeaderMap;
use serde_json::Value;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinHandle;

pub const NOW: i64 = 1_800_000_000;

/// A running proxy and everything around it.
pub struct World {
    pub authority: FakeAuthority,
    pub upstream: EchoUpstream,
    pub clock: Clock,
    pub proxy: Proxy,
    pub http: reqwest::Client,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or("")
    }

    /// Values of a header as the upstream saw it.
    pub fn seen(&self, name: &str) -> Vec<String> {
        let pairs = self.body["headers"].as_array().unwrap();
        let own = pairs.iter().filter(|pair| pair[0] == name);
        own.map(|pair| pair[1].as_str().unwrap().to_owned()).collect()
    }
}

pub const ROUTES: &str = r#"
[[routes]]
name = "public"
match = { path = "/public", methods = ["GET"] }
upstream = "echo"
require = { anonymous = true }

[[routes]]
name = "orders"
match = { path = "/orders/**", methods = ["GET", "POST"] }
upstream = "echo"
require = { scopes = ["orders:read"], audience = "https://api" }

[[routes]]
name = "admin"
match = { path = "/admin/**" }
upstream = "echo"
require = { scopes = ["admin"], audience = "https://api" }

[[routes]]
name = "rest"
match = { path = "/x/**" }
upstream = "echo"
require = { audience = "https://api" }
"#;

impl World {
    pub async fn start() -> Self {
        Self::with(ROUTES, "").await
    }

    /// With these routes, and settings placed in front of them.
    pub async fn with(routes: &str, settings: &str) -> Self {
        Self::with_server(routes, settings, "").await
    }

    /// With these settings about the authorization server too.
    pub async fn with_server(routes: &str, settings: &str, server: &str) -> Self {
        Self::of(FakeAuthority::start().await, routes, settings, server).await
    }

    /// Another proxy of the same authorization server.
    pub async fn beside(&self, routes: &str, settings: &str) -> Self {
        Self::of(self.authority.clone(), routes, settings, "").await
    }

    async fn of(authority: FakeAuthority, routes: &str, settings: &str, server: &str) -> Self {
        introspect_proxy::install_crypto();
        let upstream = EchoUpstream::start().await;
        let text = configuration((&authority, &upstream), routes, settings, server);
        let config = config::parse(&text).unwrap();
        let clock = Clock::manual(NOW);
        let proxy = Proxy::start(&config, clock.clone()).await.unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let world = Self {
            authority,
            upstream,
            clock,
            proxy,
            http,
        };
        eventually(|| world.proxy.is_ready()).await;
        world
    }

    /// Gives it other routes and settings while it runs; the sections that count from the next start only.
    pub async fn reload(&mut self, routes: &str, settings: &str) -> Vec<String> {
        let text = configuration((&self.authority, &self.upstream), routes, settings, "");
        self.proxy.reload(&config::parse(&text).unwrap()).await.unwrap()
    }

    pub fn address(&self) -> SocketAddr {
        self.proxy.listeners[0].1
    }

    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.send(0, "GET", path, headers).await
    }

    pub async fn get_with(&self, path: &str, token: &str) -> Reply {
        self.get(path, &[("authorization", &format!("Bearer {token}"))])
            .await
    }

    /// A request on a task of its own, which ends with the status.
    pub fn spawn(&self, path: &str, token: &str) -> JoinHandle<u16> {
        let url = format!("http://{}{path}", self.address());
        let request = self.http.get(url).bearer_auth(token);
        tokio::spawn(async move { request.send().await.unwrap().status().as_u16() })
    }

    /// A request whose introspection has read its answer and waits, and which stays so until the authority is no longer stalled.
    pub async fn stalled(&self, path: &str, token: &str) -> JoinHandle<u16> {
        let asked = self.authority.calls() + 1;
        self.authority.stall(true);
        let slow = self.spawn(path, token);
        eventually(|| self.authority.calls() == asked).await;
        slow
    }

    pub async fn send(&self, listener: usize, method: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
        let url = format!("http://{}{path}", self.proxy.listeners[listener].1);
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = headers
            .iter()
            .fold(self.http.request(method, url), |request, (name, value)| {
                request.header(*name, *value)
            });
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.unwrap();
        Reply {
            status,
            headers,
            body: serde_json::from_slice(&body).unwrap_or(Value::Null),
        }
    }

    /// Sends bytes as they are and reads until the proxy closes or says nothing more.
    pub async fn raw(&self, request: &str) -> String {
        let mut socket = tokio::net::TcpStream::connect(self.address()).await.unwrap();
        socket.write_all(request.as_bytes()).await.unwrap();
        read_answer(&mut socket).await
    }

    /// Whether it has the store that proxies share.
    pub fn has_store(&self) -> bool {
        self.proxy.core().limiter.shared().unwrap().store().is_connected()
    }

    /// Whether the proxy has applied every event of the fake server.
    pub async fn caught_up(&self) {
        let head = self.authority.head();
        eventually(|| self.proxy.core().evaluator.revocations.head() >= head).await;
    }
}

/// The file of a proxy between these two.
fn configuration(
    (authority, upstream): (&FakeAuthority, &EchoUpstream),
    routes: &str,
    settings: &str,
    server: &str,
) -> String {
    format!(
        "{settings}\n[authorization_server]\nissuer = \"{}\"\nclient_id = \"edge\"\n\
         client_secret = \"az-edge-secret-0123\"\n{server}\n\
         [admin]\nlisten = \"127.0.0.1:0\"\n[runtime]\nthreads = 2\nshutdown_grace = \"5s\"\n\
         [[upstreams]]\nname = \"echo\"\naddresses = [\"{}\"]\n\
         [[listeners]]\nname = \"public\"\nlisten = \"127.0.0.1:0\"\n\
         [[listeners]]\nname = \"behind\"\nlisten = \"127.0.0.1:0\"\ntrusted_peers = [\"127.0.0.0/8\"]\n{routes}",
        authority.issuer, upstream.address
    )
}

/// Reads one answer: head and as much body as its length says.
pub async fn read_answer(socket: &mut tokio::net::TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = async {
        loop {
            let mut chunk = [0; 4096];
            let count = socket.read(&mut chunk).await.unwrap_or(0);
            bytes.extend_from_slice(&chunk[..count]);
            let text = String::from_utf8_lossy(&bytes);
            let whole = text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
                let length = head.lines().find_map(|line| {
                    line.to_ascii_lowercase()
                        .strip_prefix("content-length:")
                        .map(|l| l.trim().parse::<usize>().unwrap())
                });
                length.is_some_and(|length| body.len() >= length)
            });
            if count == 0 || whole {
                break;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(15), read)
        .await
        .expect("the proxy answers or closes");
    String::from_utf8_lossy(&bytes).into_owned()
}

pub fn status_of(answer: &str) -> u16 {
    answer.get(9..12).and_then(|code| code.parse().ok()).unwrap_or(0)
}

/// Waits for a condition that other tasks bring about.
pub async fn eventually(condition: impl Fn() -> bool) {
    let reached = async {
        while !condition() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), reached)
        .await
        .expect("the condition comes true");
}
