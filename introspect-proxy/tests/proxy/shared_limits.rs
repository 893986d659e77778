//! Limits that several proxies count together in a real Redis, and what happens while it is away.
//! Time stands still at the proxies; the store has its own.

use crate::support::{RedisServer, World, eventually};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

const ROUTES: &str = r#"
[[routes]]
name = "hundred"
match = { path = "/hundred" }
upstream = "echo"
require = { anonymous = true }
rate_limit = [{ per = "address", limit = "100/h" }]

[[routes]]
name = "ten"
match = { path = "/ten" }
upstream = "echo"
require = { anonymous = true }
rate_limit = [{ per = "address", limit = "50/h" }, { per = "client", limit = "10/h" }]
"#;

async fn proxy(redis: &RedisServer, timeout: &str) -> World {
    let settings = format!(
        "[shared_limits]\nurl = \"{}\"\nproxies = 2\ntimeout = \"{timeout}\"\n",
        redis.url()
    );
    let world = World::with(ROUTES, &settings).await;
    eventually(|| world.has_store()).await;
    world
}

async fn passed(worlds: &[&World], path: &str, count: usize) -> usize {
    let ask = |number: usize| async move { worlds[number % worlds.len()].get(path, &[]).await.status };
    let statuses = futures::future::join_all((0..count).map(ask)).await;
    assert!(
        statuses.iter().all(|status| [200, 429].contains(status)),
        "{statuses:?}"
    );
    statuses.iter().filter(|status| **status == 200).count()
}

/// A01
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_at_once_over_two_proxies_pass_a_hundred_times() {
    let redis = RedisServer::start().await;
    let (one, other) = (proxy(&redis, "10s").await, proxy(&redis, "10s").await);
    assert_eq!(passed(&[&one, &other], "/hundred", 1000).await, 100);
}

/// A01
#[tokio::test(flavor = "multi_thread")]
async fn while_the_store_is_away_each_counts_its_share_and_then_together_again() {
    let mut redis = RedisServer::start().await;
    let (one, other) = (proxy(&redis, "10s").await, proxy(&redis, "10s").await);
    assert_eq!(passed(&[&one], "/ten", 20).await, 10);
    redis.stop();
    assert_eq!(passed(&[&one], "/ten", 20).await, 5);
    assert_eq!(
        passed(&[&other], "/ten", 20).await,
        5,
        "not more than twice the limit"
    );
    assert!(!one.has_store() && !other.has_store());
    let told = one.get("/ten", &[]).await;
    assert_eq!(
        told.header("x-ratelimit-limit"),
        Some("5"),
        "what holds now is told"
    );
    redis.start_again().await;
    eventually(|| one.has_store() && other.has_store()).await;
    assert_eq!(passed(&[&one, &other], "/ten", 40).await, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_does_not_answer_holds_up_a_few_requests_only() {
    let redis = RedisServer::start().await;
    let world = proxy(&redis, "300ms").await;
    redis.freeze(true);
    assert_eq!(passed(&[&world], "/hundred", 60).await, 50, "its share passes");
    eventually(|| !world.has_store()).await;
    redis.freeze(false);
    eventually(|| world.has_store()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_request_is_charged_to_none_of_its_limits() {
    let redis = RedisServer::start().await;
    let world = proxy(&redis, "10s").await;
    assert_eq!(passed(&[&world], "/ten", 30).await, 10);
    let refused = world.get("/ten", &[]).await;
    let state = refused.header("ratelimit").unwrap();
    assert!(state.starts_with("\"address\";r=40;"), "{state}");
    assert_eq!(refused.header("x-ratelimit-remaining"), Some("0"));
}

/// C02
#[tokio::test(flavor = "multi_thread")]
async fn the_store_learns_no_names_and_forgets_by_itself() {
    let redis = RedisServer::start().await;
    let world = proxy(&redis, "10s").await;
    assert_eq!(passed(&[&world], "/ten", 1).await, 1);
    let mut connection = redis.connection();
    let keys: Vec<String> = redis::cmd("KEYS").arg("*").query(&mut connection).unwrap();
    assert_eq!(keys.len(), 2);
    for key in keys {
        let digest = key.strip_prefix("introspect-proxy:").unwrap();
        assert!(digest.len() == 24 && !key.contains("127.0.0.1"), "{key}");
        let left: i64 = redis::cmd("PTTL").arg(&key).query(&mut connection).unwrap();
        assert!((1..=7_200_000).contains(&left), "{left}");
    }
}

/// A TLS front of the store, and the file with the authority it is signed by.
async fn tls_front(redis: &RedisServer, folder: &Path) -> SocketAddr {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(folder.join("ca.pem"), made.cert.pem()).unwrap();
    let key = made.signing_key.serialize_der().try_into().unwrap();
    let config = rustls::ServerConfig::builder().with_no_client_auth();
    let config = config
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, socket) = (listener.local_addr().unwrap(), redis.socket());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let mut store = tokio::net::UnixStream::connect(&socket).await.unwrap();
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut stream, &mut store).await });
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_is_reached_over_tls_with_a_password_from_a_file() {
    introspect_proxy::install_crypto();
    let (redis, folder) = (RedisServer::start().await, tempfile::tempdir().unwrap());
    let mut password = redis::cmd("CONFIG");
    password.arg("SET").arg("requirepass").arg("open-sesame");
    password.exec(&mut redis.connection()).unwrap();
    let port = tls_front(&redis, folder.path()).await.port();
    let url = format!("rediss://:open-sesame@localhost:{port}/0\n");
    std::fs::write(folder.path().join("url"), url).unwrap();
    let settings = format!(
        "[shared_limits]\nurl_file = \"{0}/url\"\nca_file = \"{0}/ca.pem\"\nproxies = 1\ntimeout = \"10s\"\n",
        folder.path().display()
    );
    let world = World::with(ROUTES, &settings).await;
    eventually(|| world.has_store()).await;
    assert_eq!(passed(&[&world], "/ten", 20).await, 10);
}
