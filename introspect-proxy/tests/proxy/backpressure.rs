//! Large bodies through the proxy while one side is slow: what is on its way stays bounded, and nothing gets lost.
//! Counts what its sender could hand over; the rest waits there and not in the proxy.

use crate::support::World;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::routing::{get, post};
use futures::{Stream, StreamExt};
use http_body::Frame;
use http_body_util::StreamBody;
use reqwest::Version;
use serde_json::json;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::watch;

const PIECE: usize = 64 * 1024;
const PIECES: usize = 4096;
/// The whole is 256 MiB. The buffers of the system's sockets take up to 10 MiB each, the rest is ours.
const WAYSIDE: usize = 48 * 1024 * 1024;

#[derive(Clone)]
struct Depot {
    sent: Arc<AtomicUsize>,
    received: Arc<AtomicUsize>,
    reads_on: watch::Sender<bool>,
}

/// Pieces as fast as they are taken, counted when they are.
fn pieces(count: &Arc<AtomicUsize>) -> impl Stream<Item = Bytes> + use<> {
    static PATTERN: [u8; PIECE] = [b'x'; PIECE];
    let count = Arc::clone(count);
    futures::stream::iter(0..PIECES).map(move |_| {
        count.fetch_add(PIECE, Ordering::SeqCst);
        Bytes::from_static(&PATTERN)
    })
}

async fn download(State(depot): State<Depot>) -> Body {
    Body::from_stream(pieces(&depot.sent).map(Ok::<_, Infallible>))
}

/// Reads one piece, then waits.
async fn upload(State(depot): State<Depot>, body: Body) -> String {
    let mut body = body.into_data_stream();
    let mut reads_on = depot.reads_on.subscribe();
    while let Some(Ok(piece)) = body.next().await {
        depot.received.fetch_add(piece.len(), Ordering::SeqCst);
        reads_on.wait_for(|go| *go).await.unwrap();
    }
    depot.received.load(Ordering::SeqCst).to_string()
}

async fn start(protocol: &str) -> (World, Depot) {
    let depot = Depot {
        sent: Arc::default(),
        received: Arc::default(),
        reads_on: watch::Sender::new(false),
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    let router = Router::new()
        .route("/big/download", get(download))
        .route("/big/upload", post(upload))
        .with_state(depot.clone());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let routes = format!(
        "[[upstreams]]\nname = \"depot\"\naddresses = [\"{address}\"]\nprotocol = \"{protocol}\"\n\
         [[routes]]\nname = \"big\"\nmatch = {{ path = \"/big/**\" }}\nupstream = \"depot\"\n\
         require = {{ audience = \"https://api\" }}\n\
         [[routes]]\nname = \"public\"\nmatch = {{ path = \"/public\" }}\nupstream = \"echo\"\n\
         require = {{ anonymous = true }}\n"
    );
    (World::with(&routes, "").await, depot)
}

fn client(version: Version) -> reqwest::Client {
    let builder = reqwest::Client::builder().no_proxy();
    let builder = match version {
        Version::HTTP_2 => builder.http2_prior_knowledge(),
        _ => builder.http1_only(),
    };
    builder.build().unwrap()
}

/// Until nothing more was handed over while a hundred others were served.
async fn stands_still(world: &World, count: &AtomicUsize) -> usize {
    loop {
        let before = count.load(Ordering::SeqCst);
        for _ in 0..100 {
            assert_eq!(world.get("/public", &[]).await.status, 200);
        }
        if before > 0 && count.load(Ordering::SeqCst) == before {
            return before;
        }
    }
}

const KINDS: [(Version, &str); 4] = [
    (Version::HTTP_11, "h1"),
    (Version::HTTP_11, "h2c"),
    (Version::HTTP_2, "h1"),
    (Version::HTTP_2, "h2c"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_reads_slowly_holds_the_service_back() {
    for (version, protocol) in KINDS {
        let (world, depot) = start(protocol).await;
        let token = world.authority.jwt(&json!({}));
        let url = format!("http://{}/big/download", world.address());
        let request = client(version).get(url).bearer_auth(token);
        let mut response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        let on_its_way = stands_still(&world, &depot.sent).await;
        assert!(on_its_way < WAYSIDE, "{version:?} {protocol}: {on_its_way}");
        let mut total = 0;
        while let Some(piece) = response.chunk().await.unwrap() {
            total += piece.len();
        }
        assert_eq!(total, PIECE * PIECES, "{version:?} {protocol}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_reads_slowly_holds_the_client_back() {
    for (version, protocol) in KINDS {
        let (world, depot) = start(protocol).await;
        let token = world.authority.jwt(&json!({}));
        let url = format!("http://{}/big/upload", world.address());
        let sent = Arc::<AtomicUsize>::default();
        let body = pieces(&sent).map(|piece| Ok::<_, Infallible>(Frame::data(piece)));
        let body = reqwest::Body::wrap(StreamBody::new(body));
        let request = client(version).post(url).bearer_auth(token).body(body);
        let answer = tokio::spawn(request.send());
        let on_its_way = stands_still(&world, &sent).await;
        assert!(on_its_way < WAYSIDE, "{version:?} {protocol}: {on_its_way}");
        depot.reads_on.send_replace(true);
        let answer = answer.await.unwrap().unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.text().await.unwrap(), (PIECE * PIECES).to_string());
    }
}
