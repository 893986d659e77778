//! A new proxy process takes over from a running one, and routes are reloaded, under load and without a failed request.
//! The clients here retry nothing: one refused connection or broken answer fails the test.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::get;
use rustix::process::{Pid, Signal, kill_process};
use tests::demo;
use tests::proxy::{Proxy, Secret, Setup};
use tests::server::{self, Server};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixDatagram};
use tokio::sync::Notify;
use tokio::task::JoinSet;

const LIMIT: Duration = Duration::from_secs(60);
const CONNECTIONS: usize = 8;

const SECTIONS: &str = r#"
[runtime]
threads = 2
upgrade_socket = "upgrade.sock"

[[routes]]
name = "orders"
match = { path = "/orders/**" }
upstream = "service"
require = { scopes = ["orders:read"] }

[[routes]]
name = "slow"
match = { path = "/slow" }
upstream = "service"
require = { anonymous = true }
"#;

/// A service with one answer that ends when the test says so.
async fn service(end: Arc<Notify>) -> SocketAddr {
    let slow = move || {
        let end = Arc::clone(&end);
        async move {
            let chunks = futures::stream::unfold(0, move |step| {
                let end = Arc::clone(&end);
                async move {
                    if step == 1 {
                        end.notified().await;
                    }
                    let chunk = Bytes::from_static([&b"begin,"[..], b"end"][step.min(1)]);
                    (step < 2).then_some((Ok::<_, std::io::Error>(chunk), step + 1))
                }
            });
            Body::from_stream(chunks)
        }
    };
    let router = Router::new()
        .route("/slow", get(slow))
        .fallback(async || "an answer");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Server, proxy and an access token that may read orders.
async fn world(end: &Arc<Notify>) -> (Server, Proxy, String) {
    let (server, setup, token) = setting(end).await;
    (server, Proxy::start(setup).await.unwrap(), token)
}

async fn setting(end: &Arc<Notify>) -> (Server, Setup, String) {
    let server = Server::start(server::Setup::sqlite().with(&demo::sections()))
        .await
        .unwrap();
    let setup = Setup {
        issuer: server.issuer(),
        client_id: demo::EDGE.0.to_owned(),
        client_secret: Secret::Text(demo::EDGE.1.to_owned()),
        upstream: service(Arc::clone(end)).await,
        sections: SECTIONS.to_owned(),
    };
    let form = [("grant_type", "client_credentials"), ("scope", "orders:read")];
    let answer = reqwest::Client::new()
        .post(server.url("/oauth2/token"))
        .basic_auth(demo::OPAQUE.0, Some(demo::OPAQUE.1))
        .form(&form);
    let tokens: serde_json::Value = answer.send().await.unwrap().json().await.unwrap();
    let token = tokens["access_token"].as_str().unwrap().to_owned();
    (server, setup, token)
}

/// Callers that ask one request after the other on kept-alive connections.
struct Load {
    answered: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    callers: JoinSet<Result<()>>,
}

impl Load {
    fn start(address: SocketAddr, token: &str) -> Self {
        let (answered, stop) = (Arc::<AtomicUsize>::default(), Arc::<AtomicBool>::default());
        let mut callers = JoinSet::new();
        for _ in 0..CONNECTIONS {
            let (answered, stop) = (Arc::clone(&answered), Arc::clone(&stop));
            let request =
                format!("GET /orders/1 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\r\n");
            callers.spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    connection(address, &request, &answered, &stop).await?;
                }
                Ok(())
            });
        }
        Self {
            answered,
            stop,
            callers,
        }
    }

    /// Waits until so many more were answered.
    async fn goes_on(&mut self, more: usize) {
        let goal = self.answered.load(Ordering::Relaxed) + more;
        let reached = async {
            while self.answered.load(Ordering::Relaxed) < goal {
                if let Some(ended) = self.callers.try_join_next() {
                    panic!("a caller failed: {ended:?}");
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(LIMIT, reached).await.unwrap();
    }

    async fn end(mut self) {
        self.stop.store(true, Ordering::Relaxed);
        while let Some(caller) = self.callers.join_next().await {
            caller.unwrap().unwrap();
        }
    }
}

/// Asks on one connection until the proxy says that it closes.
async fn connection(
    address: SocketAddr,
    request: &str,
    answered: &AtomicUsize,
    stop: &AtomicBool,
) -> Result<()> {
    let mut socket = TcpStream::connect(address).await.context("refused")?;
    while !stop.load(Ordering::Relaxed) {
        socket
            .write_all(request.as_bytes())
            .await
            .context("broken while asking")?;
        let answer = answer(&mut socket).await?;
        ensure!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        answered.fetch_add(1, Ordering::Relaxed);
        if answer.to_ascii_lowercase().contains("connection: close") {
            return Ok(());
        }
    }
    Ok(())
}

async fn answer(socket: &mut TcpStream) -> Result<String> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"an answer") {
        let read = socket
            .read_buf(&mut bytes)
            .await
            .context("broken while answering")?;
        let so_far = String::from_utf8_lossy(&bytes);
        ensure!(read > 0, "closed after {so_far:?}");
        ensure!(so_far.starts_with("HTTP/1.1 200 "), "{so_far}");
    }
    Ok(String::from_utf8(bytes)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_successor_takes_over_under_load_without_a_failed_request() {
    let end = Arc::new(Notify::new());
    let (_server, mut proxy, token) = world(&end).await;
    let mut load = Load::start(proxy.address(), &token);
    let http2 = reqwest::Client::builder()
        .http2_prior_knowledge()
        .build()
        .unwrap();
    for _ in 0..3 {
        load.goes_on(50).await;
        let slow = reqwest::get(proxy.url("/slow")).await.unwrap();
        let mut old = proxy.upgrade().await.unwrap();
        load.goes_on(50).await;
        let call = http2.get(proxy.url("/orders/2")).bearer_auth(&token);
        assert_eq!(call.send().await.unwrap().status(), 200);
        end.notify_one();
        assert_eq!(
            slow.text().await.unwrap(),
            "begin,end",
            "what the old one began it ends"
        );
        assert!(old.ended(LIMIT).await.unwrap().success());
    }
    load.end().await;
    assert!(proxy.stop().await.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_asked_to_stop_ends_what_it_began() {
    let end = Arc::new(Notify::new());
    let (_server, mut proxy, _) = world(&end).await;
    let slow = reqwest::get(proxy.url("/slow")).await.unwrap();
    let (stopped, text) = tokio::join!(proxy.stop(), async {
        end.notify_one();
        slow.text().await
    });
    assert_eq!(text.unwrap(), "begin,end");
    assert!(stopped.unwrap().success());
}

/// A process that nobody here is the parent of, ended with the test.
struct Stranger(Pid);

impl Drop for Stranger {
    fn drop(&mut self) {
        let _ = kill_process(self.0, Signal::KILL);
    }
}

/// What systemd would be told, sd_notify(3).
async fn told(system: &UnixDatagram, wanted: &str) -> String {
    let mut line = [0; 256];
    loop {
        let length = system.recv(&mut line).await.unwrap();
        let text = String::from_utf8_lossy(&line[..length]).into_owned();
        if let Some(value) = text.trim().strip_prefix(wanted) {
            return value.to_owned();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sigusr2_starts_a_successor_and_systemd_learns_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let system = UnixDatagram::bind(&path).unwrap();
    let (server, setup, token) = setting(&Arc::default()).await;
    let variable = ("NOTIFY_SOCKET".to_owned(), path.display().to_string());
    let mut proxy = Proxy::start_with(vec![variable], setup).await.unwrap();
    told(&system, "READY=1").await;
    let mut load = Load::start(proxy.address(), &token);
    load.goes_on(20).await;
    proxy.process().signal(Signal::USR2).unwrap();
    let successor = told(&system, "MAINPID=").await;
    let successor = Stranger(Pid::from_raw(successor.parse().unwrap()).unwrap());
    assert!(proxy.process().ended(LIMIT).await.unwrap().success());
    load.goes_on(20).await;
    load.end().await;
    drop((successor, server));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_successor_with_a_broken_configuration_changes_nothing() {
    let (_server, mut proxy, token) = world(&Arc::default()).await;
    let mut load = Load::start(proxy.address(), &token);
    load.goes_on(20).await;
    proxy
        .reconfigure(|text| text.replace("upstream = \"service\"", "upstream = \"nowhere\""))
        .unwrap();
    let error = proxy.upgrade().await.err().unwrap().to_string();
    assert!(error.contains("there is no upstream `nowhere`"), "{error}");
    load.goes_on(20).await;
    load.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_drops_nothing_and_a_wrong_one_is_refused_as_a_whole() {
    let (_server, mut proxy, token) = world(&Arc::default()).await;
    let mut load = Load::start(proxy.address(), &token);
    let route = "\n[[routes]]\nname = \"new\"\nmatch = { path = \"/new\" }\nupstream = \"service\"\n\
                 require = { anonymous = true }\n";
    for _ in 0..5 {
        load.goes_on(50).await;
        proxy.reconfigure(|text| text + route).unwrap();
        until_status(&proxy, "/new", 200).await;
        let wrong = "\n[[routes]]\nname = \"wrong\"\nmatch = { path = \"/wrong\" }\nupstream = \"nowhere\"\n\
                     require = { anonymous = true }\n";
        let before = proxy.log().unwrap().matches("routes not reloaded").count();
        proxy.reconfigure(|text| text.replace(route, wrong)).unwrap();
        until(|| proxy.log().unwrap().matches("routes not reloaded").count() > before).await;
        until_status(&proxy, "/new", 200).await;
        assert!(
            figures(&proxy)
                .await
                .contains("\nproxy_configuration_refused 1\n")
        );
        proxy.reconfigure(|text| text.replace(wrong, "")).unwrap();
        until_status(&proxy, "/new", 404).await;
        until_current(&proxy).await;
    }
    assert!(proxy.log().unwrap().contains("there is no upstream `nowhere`"));
    load.end().await;
}

async fn figures(proxy: &Proxy) -> String {
    let answer = reqwest::get(proxy.admin_url("/metrics")).await.unwrap();
    answer.text().await.unwrap()
}

/// The routes are in force a moment before the figure says so.
async fn until_current(proxy: &Proxy) {
    let reached = async {
        while !figures(proxy).await.contains("\nproxy_configuration_refused 0\n") {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LIMIT, reached).await.unwrap();
}

async fn until_status(proxy: &Proxy, path: &str, status: u16) {
    let reached = async {
        while reqwest::get(proxy.url(path)).await.unwrap().status() != status {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LIMIT, reached).await.unwrap();
}

async fn until(mut condition: impl FnMut() -> bool) {
    let reached = async {
        while !condition() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LIMIT, reached).await.unwrap();
}
