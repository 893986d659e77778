//! Exchanges that outlive their check end with their credential, whatever it ends by.
//! Every wait is for a condition; time moves when a test says so.

use crate::support::{PIECE, StreamingUpstream, World, eventually, read_answer, status_of};
use reqwest::{Response, Version};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

fn routes(upstream: &StreamingUpstream) -> String {
    let mut text = upstream.table();
    for (rule, settings) in [
        ("live", ""),
        ("refuse", "on_lease_lapse = \"refuse\""),
        ("go-on", "on_lease_lapse = \"until-exp\""),
        (
            "finish",
            "on_lease_lapse = \"until-exp\"\nlong_responses = \"finish\"",
        ),
        ("short", "on_lease_lapse = \"until-exp\"\nstream_total = \"30s\""),
    ] {
        text.push_str(&format!(
            "[[routes]]\nname = \"{rule}\"\nmatch = {{ path = \"/{rule}/**\" }}\nupstream = \"streaming\"\n\
             require = {{ audience = \"https://api\" }}\n{settings}\n"
        ));
    }
    text
}

pub(crate) async fn start() -> (World, StreamingUpstream) {
    let upstream = StreamingUpstream::start().await;
    let world = World::with(&routes(&upstream), "").await;
    (world, upstream)
}

/// Opens a stream and reads its first piece.
pub(crate) async fn open(world: &World, version: Version, path: &str, token: &str) -> Response {
    let builder = reqwest::Client::builder().no_proxy();
    let client = match version {
        Version::HTTP_2 => builder.http2_prior_knowledge(),
        _ => builder.http1_only(),
    };
    let url = format!("http://{}{path}", world.address());
    let request = client.build().unwrap().get(url).bearer_auth(token);
    let mut response = request.send().await.unwrap();
    assert_eq!((response.status().as_u16(), response.version()), (200, version));
    assert!(
        response
            .chunk()
            .await
            .unwrap()
            .is_some_and(|first| !first.is_empty())
    );
    response
}

/// Whether the rest was cut off instead of coming to an end.
pub(crate) async fn is_cut(mut response: Response) -> bool {
    let rest = async {
        loop {
            match response.chunk().await {
                Ok(Some(_)) => {}
                Ok(None) => return false,
                Err(_) => return true,
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(15), rest)
        .await
        .expect("the stream ends")
}

/// X14
#[tokio::test(flavor = "multi_thread")]
async fn open_streams_are_cut_when_their_token_is_revoked_and_others_go_on() {
    let (world, upstream) = start().await;
    let (doomed, other) = (
        world.authority.jwt(&json!({ "sid": "ses_a" })),
        world.authority.opaque(&json!({})),
    );
    for version in [Version::HTTP_11, Version::HTTP_2] {
        for path in ["/live/events", "/live/endless", "/go-on/events", "/finish/events"] {
            let session = format!("ses_{path}_{version:?}");
            let doomed = world.authority.jwt(&json!({ "sid": session }));
            let cut = open(&world, version, path, &doomed).await;
            let mut spared = open(&world, version, path, &other).await;
            world.authority.revoke("session", &session);
            assert!(is_cut(cut).await, "{path} {version:?}");
            eventually(|| upstream.open() == 1).await;
            upstream.go_on();
            assert!(spared.chunk().await.unwrap().is_some(), "{path} {version:?}");
            drop(spared);
            eventually(|| upstream.open() == 0 && world.proxy.core().exchanges.is_empty()).await;
        }
    }
    assert_eq!(world.get_with("/live/none", &doomed).await.status, 404);
}

/// X14
#[tokio::test(flavor = "multi_thread")]
async fn open_streams_are_cut_when_their_token_expires() {
    let (world, upstream) = start().await;
    let short = world.authority.jwt(&json!({ "exp": crate::support::NOW + 60 }));
    let long = world.authority.jwt(&json!({ "exp": crate::support::NOW + 600 }));
    let cut = open(&world, Version::HTTP_2, "/go-on/events", &short).await;
    let mut spared = open(&world, Version::HTTP_2, "/go-on/events", &long).await;
    world.clock.advance(Duration::from_secs(59));
    upstream.go_on();
    assert!(spared.chunk().await.unwrap().is_some());
    assert_eq!(upstream.open(), 2, "not a second too early");
    world.clock.advance(Duration::from_secs(1));
    assert!(is_cut(cut).await);
    upstream.go_on();
    assert!(spared.chunk().await.unwrap().is_some());
}

/// X14
#[tokio::test(flavor = "multi_thread")]
async fn a_lapse_of_the_lease_ends_streams_as_their_route_says() {
    let (world, upstream) = start().await;
    let token = world.authority.jwt(&json!({}));
    let refuse = open(&world, Version::HTTP_11, "/refuse/events", &token).await;
    let ask = open(&world, Version::HTTP_11, "/live/events", &token).await;
    let mut on = open(&world, Version::HTTP_11, "/go-on/events", &token).await;
    world.authority.go_down(true);
    world.clock.advance(Duration::from_secs(6));
    assert!(is_cut(refuse).await);
    assert!(is_cut(ask).await, "nobody vouches for it");
    upstream.go_on();
    assert!(on.chunk().await.unwrap().is_some(), "availability first");
}

/// X14
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_goes_on_during_a_lapse_when_the_server_vouches_for_it() {
    let (world, upstream) = start().await;
    let token = world.authority.opaque(&json!({}));
    let mut stream = open(&world, Version::HTTP_11, "/live/events", &token).await;
    let before = world.authority.calls();
    world.clock.advance(Duration::from_secs(6));
    eventually(|| world.authority.calls() > before).await;
    eventually(|| world.proxy.core().state().lease_fresh).await;
    upstream.go_on();
    assert!(stream.chunk().await.unwrap().is_some());
}

/// X14
#[tokio::test(flavor = "multi_thread")]
async fn a_long_download_is_cut_or_finishes_as_the_route_says() {
    let (world, upstream) = start().await;
    let token = world.authority.jwt(&json!({ "jti": "tok_a" }));
    let cut = open(&world, Version::HTTP_11, "/live/download/4", &token).await;
    let finish = open(&world, Version::HTTP_11, "/finish/download/4", &token).await;
    world.clock.advance(Duration::from_secs(2));
    world.authority.revoke("token", "tok_a");
    world.caught_up().await;
    for _ in 0..3 {
        upstream.go_on();
    }
    assert!(is_cut(cut).await);
    assert_eq!(finish.bytes().await.unwrap().len(), 3 * PIECE);
}

/// X14
#[tokio::test(flavor = "multi_thread")]
async fn a_long_upload_is_cut_when_its_token_is_revoked() {
    let (world, upstream) = start().await;
    let token = world.authority.jwt(&json!({ "jti": "tok_a" }));
    let mut socket = TcpStream::connect(world.address()).await.unwrap();
    let head = format!(
        "POST /live/upload HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\nContent-Length: {}\r\n\r\n",
        3 * PIECE
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    socket.write_all(&[b'x'; PIECE]).await.unwrap();
    eventually(|| upstream.received() == PIECE).await;
    world.clock.advance(Duration::from_secs(2));
    world.authority.revoke("token", "tok_a");
    world.caught_up().await;
    socket.write_all(&[b'x'; PIECE]).await.unwrap();
    let answer = read_answer(&mut socket).await;
    assert!(matches!(status_of(&answer), 401 | 0), "{answer}");
    eventually(|| upstream.open() == 0).await;
    assert_eq!(upstream.received(), PIECE, "not a byte more");
}

/// X13, X14: whatever the order of the two, nothing is left alive.
#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_between_check_and_response_leaves_nothing_open() {
    let (world, upstream) = start().await;
    for round in 0..40 {
        let session = format!("ses_{round}");
        let token = world.authority.jwt(&json!({ "sid": session }));
        upstream.hold_heads(true);
        let request = world
            .http
            .get(format!("http://{}/live/events", world.address()))
            .bearer_auth(&token);
        let answer = tokio::spawn(request.send());
        eventually(|| upstream.waiting() == 1).await;
        if round % 2 == 0 {
            // The head comes when the proxy knows already.
            world.authority.revoke("session", &session);
            world.caught_up().await;
            upstream.hold_heads(false);
            assert_eq!(answer.await.unwrap().unwrap().status(), 401);
        } else {
            // Both at once.
            upstream.hold_heads(false);
            world.authority.revoke("session", &session);
            let answer = answer.await.unwrap().unwrap();
            assert!(answer.status() == 401 || is_cut(answer).await, "round {round}");
        }
        eventually(|| upstream.open() == 0 && world.proxy.core().exchanges.is_empty()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_lasts_longer_than_its_route_allows() {
    let (world, upstream) = start().await;
    let token = world.authority.jwt(&json!({}));
    let mut stream = open(&world, Version::HTTP_2, "/short/events", &token).await;
    world.clock.advance(Duration::from_secs(29));
    upstream.go_on();
    assert!(stream.chunk().await.unwrap().is_some());
    world.clock.advance(Duration::from_secs(1));
    assert!(is_cut(stream).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_leaves_ends_streams_early_and_lets_downloads_finish() {
    let (world, upstream) = start().await;
    let token = world.authority.jwt(&json!({}));
    let events = open(&world, Version::HTTP_11, "/go-on/events", &token).await;
    let download = open(&world, Version::HTTP_11, "/go-on/download/2", &token).await;
    let World { proxy, clock, .. } = world;
    let core = Arc::clone(proxy.core());
    let leaving = tokio::spawn(proxy.drain());
    eventually(|| core.exchanges.is_leaving()).await;
    clock.advance(Duration::from_millis(2500));
    assert!(is_cut(events).await, "within half the grace time");
    upstream.go_on();
    assert_eq!(download.bytes().await.unwrap().len(), PIECE);
    leaving.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn ends_are_counted_by_their_reason() {
    let (world, _upstream) = start().await;
    let token = world.authority.jwt(&json!({ "jti": "tok_a" }));
    let stream = open(&world, Version::HTTP_2, "/live/events", &token).await;
    world.authority.revoke("token", "tok_a");
    assert!(is_cut(stream).await);
    eventually(|| world.proxy.core().exchanges.is_empty()).await;
    let url = format!("http://{}/metrics", world.proxy.admin);
    let metrics = world.http.get(url).send().await.unwrap().text().await.unwrap();
    for line in [
        "proxy_exchanges_ended_total{reason=\"revoked\"} 1",
        "proxy_live_exchanges 0",
    ] {
        assert!(metrics.contains(line), "{metrics}");
    }
}
