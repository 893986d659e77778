//! Use of what lasts: WebSockets, event streams, long bodies, gRPC calls. A request counts once, when its answer begins;
//! bytes count as they pass, so that what lasts a day is not told a day late.

use crate::streams::open;
use crate::support::{PIECE, StreamingUpstream, World, eventually};
use crate::websockets::{EchoServer, says, with_token};
use reqwest::Version;

const SOON: &str = "[usage]\ninterval = \"20ms\"";

fn route(name: &str, upstream: &str, meter: &str) -> String {
    format!(
        "[[routes]]\nname = \"{name}\"\nmatch = {{ path = \"/{name}/**\" }}\nupstream = \"{upstream}\"\nwebsocket = true\n\
         require = {{ audience = \"https://api\" }}\nmeter = {meter}\n"
    )
}

const REQUESTS: &str = "\"calls\"";
const SENT: &str = "{ metric = \"egress\", count = \"response_bytes\" }";
const READ: &str = "{ metric = \"ingress\", count = \"request_bytes\" }";

async fn sockets() -> World {
    let server = EchoServer::start().await;
    let mut routes = format!(
        "[[upstreams]]\nname = \"chat\"\naddresses = [\"{}\"]\n",
        server.address
    );
    for (name, meter) in [("calls", REQUESTS), ("egress", SENT), ("ingress", READ)] {
        routes.push_str(&route(name, "chat", meter));
    }
    World::with(&routes, SOON).await
}

async fn streams() -> (World, StreamingUpstream) {
    let upstream = StreamingUpstream::start().await;
    let mut routes = upstream.table();
    for (name, meter) in [("calls", REQUESTS), ("egress", SENT)] {
        routes.push_str(&route(name, "streaming", meter));
    }
    (World::with(&routes, SOON).await, upstream)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_websocket_is_one_request_and_counts_when_it_opens() {
    let world = sockets().await;
    let mut socket = with_token(&world, "/calls/1", &world.token_of("1")).await;
    eventually(|| world.authority.used("1", "calls") == 1).await;
    assert!(says(&mut socket, "hello").await);
    drop(socket);
    let authority = world.authority.clone();
    world.proxy.drain().await;
    assert_eq!(authority.used("1", "calls"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_of_a_websocket_count_while_it_is_open() {
    let world = sockets().await;
    let token = world.token_of("1");
    for metric in ["egress", "ingress"] {
        let mut socket = with_token(&world, &format!("/{metric}/1"), &token).await;
        for _ in 0..3 {
            assert!(says(&mut socket, &"x".repeat(1000)).await);
        }
        // What passed last is told with what passes next, or at the end.
        eventually(|| world.authority.used("1", metric) >= 2000).await;
        socket.close(None).await.unwrap();
        eventually(|| world.authority.used("1", metric) >= 3000).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_stream_is_one_request_and_counts_when_it_begins() {
    for version in [Version::HTTP_11, Version::HTTP_2] {
        let (world, upstream) = streams().await;
        let stream = open(&world, version, "/calls/events", &world.token_of("1")).await;
        eventually(|| world.authority.used("1", "calls") == 1).await;
        upstream.go_on();
        drop(stream);
        let authority = world.authority.clone();
        world.proxy.drain().await;
        assert_eq!(authority.used("1", "calls"), 1, "{version:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_of_a_long_body_count_as_they_pass() {
    let (world, upstream) = streams().await;
    let mut body = open(&world, Version::HTTP_11, "/egress/endless", &world.token_of("1")).await;
    for round in 1..4 {
        upstream.go_on();
        body.chunk().await.unwrap().unwrap();
        eventually(|| world.authority.used("1", "egress") >= (round * PIECE) as u64).await;
    }
}
