//! A listener behind a load balancer that names its clients with the PROXY protocol.
//! The bytes are written by hand.

use crate::support::{ROUTES, World, read_answer, status_of};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

const LISTENER: &str = "[[listeners]]\nname = \"balanced\"\nlisten = \"127.0.0.1:0\"\n\
                        trusted_peers = [\"127.0.0.0/8\"]\nproxy_protocol = true\n";

async fn ask(world: &World, bytes: &str) -> String {
    let balanced = world
        .proxy
        .listeners
        .iter()
        .find(|(name, _)| name == "balanced")
        .unwrap();
    let mut socket = TcpStream::connect(balanced.1).await.unwrap();
    socket.write_all(bytes.as_bytes()).await.unwrap();
    read_answer(&mut socket).await
}

/// X09, A01
#[tokio::test(flavor = "multi_thread")]
async fn the_announced_client_is_the_one_that_is_forwarded_and_limited() {
    let limited = ROUTES.replace(
        "require = { anonymous = true }",
        "require = { anonymous = true }\nrate_limit = [{ per = \"address\", limit = \"1/min\" }]",
    );
    let world = World::with(&format!("{LISTENER}{limited}"), "").await;
    let request = "GET /public HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.1\r\n\r\n";
    let first = ask(
        &world,
        &format!("PROXY TCP4 198.51.100.7 192.0.2.1 1 443\r\n{request}"),
    )
    .await;
    assert_eq!(status_of(&first), 200, "{first}");
    assert!(
        first.contains("[\"x-forwarded-for\",\"198.51.100.7\"]"),
        "{first}"
    );
    let again = ask(
        &world,
        &format!("PROXY TCP4 198.51.100.7 192.0.2.1 2 443\r\n{request}"),
    )
    .await;
    assert_eq!(status_of(&again), 429, "{again}");
    let other = ask(
        &world,
        &format!("PROXY TCP4 198.51.100.8 192.0.2.1 3 443\r\n{request}"),
    )
    .await;
    assert_eq!(status_of(&other), 200, "{other}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_header_the_connection_is_closed() {
    let world = World::with(&format!("{LISTENER}{ROUTES}"), "").await;
    assert_eq!(ask(&world, "GET /public HTTP/1.1\r\nHost: a\r\n\r\n").await, "");
    assert_eq!(world.upstream.hits(), 0);
}
