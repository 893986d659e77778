//! Lists of tools on routes that show what the caller may call; the upstream answers everything with one list.

use crate::mcp::{FILES, ROUTES, call};
use crate::support::{FixedUpstream, World, status_of};
use serde_json::Value;

const LISTED: &str =
    r#"{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"read"},{"name":"delete_one"},{"name":"share"}]}}"#;
const LIST: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;

/// A server that answers everything with this, on a route that shows what may be called.
async fn listing(answer: &str) -> (World, FixedUpstream) {
    let upstream = FixedUpstream::start(Box::leak(answer.to_owned().into_boxed_str())).await;
    let routes = ROUTES
        .replacen("upstream = \"echo\"", "upstream = \"tools\"", 1)
        .replacen("mcp = true", "mcp = true\nmcp_tools_list = \"callable\"", 1);
    let place = format!(
        "[[upstreams]]\nname = \"tools\"\naddresses = [\"{}\"]\n",
        upstream.address
    );
    let world = World::with(&format!("{place}{routes}"), "").await;
    (world, upstream)
}

fn answer(media: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {media}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn names(list: &Value) -> Vec<&str> {
    let tools = list["result"]["tools"].as_array().unwrap();
    tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_shows_what_the_token_may_call() {
    let chunked = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n\
         28\r\n{}\r\n{:x}\r\n{}\r\n0\r\n\r\n",
        &LISTED[..40],
        LISTED.len() - 40,
        &LISTED[40..]
    );
    for answer in [answer("application/json", LISTED), chunked] {
        let (world, upstream) = listing(&answer).await;
        for (scope, expected) in [
            ("files:read", &["read"][..]),
            ("files:read files:share", &["read", "share"]),
            (
                "files:read files:share files:delete",
                &["read", "delete_one", "share"],
            ),
        ] {
            let reply = world.post(&world.token(FILES, scope), LIST).await;
            assert_eq!(
                (reply.status, names(&reply.body)),
                (200, expected.to_vec()),
                "{answer}"
            );
        }
        let heads = upstream.heads().concat().to_ascii_lowercase();
        assert!(!heads.contains("accept-encoding"), "{heads}");
    }
}

/// The same in events; and in a stream that a client takes up again, where it left one with the answer in it.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_in_a_stream_is_shortened_and_the_rest_passes() {
    let events = format!("id: 1\ndata: {LISTED}\n\n: still here\n\ndata: {{\"method\":\"ping\"}}\n\n");
    let (world, _upstream) = listing(&answer("text/event-stream", &events)).await;
    let bearer = format!("Bearer {}", world.token(FILES, "files:read files:share"));
    for ask in [
        format!("GET /mcp HTTP/1.1\r\nLast-Event-ID: 1\r\nAuthorization: {bearer}\r\n"),
        format!(
            "POST /mcp HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\nAuthorization: {bearer}\r\n",
            LIST.len()
        ),
    ] {
        let body = if ask.starts_with("POST") { LIST } else { "" };
        let seen = world
            .raw(&format!(
                "{ask}Host: 127.0.0.1\r\nConnection: close\r\n\r\n{body}"
            ))
            .await;
        assert_eq!(status_of(&seen), 200, "{seen}");
        assert!(
            seen.contains("\"share\"") && !seen.contains("delete_one"),
            "{seen}"
        );
        assert!(
            seen.contains(": still here") && seen.contains("\"ping\""),
            "{seen}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_cannot_be_read_is_not_passed_on() {
    let encoded = answer("application/json\r\nContent-Encoding: br", "x");
    for answer in [encoded, answer("text/plain", LISTED)] {
        let (world, _upstream) = listing(&answer).await;
        let token = world.token(FILES, "files:read");
        let reply = world.post(&token, LIST).await;
        assert_eq!((reply.status, reply.code()), (502, "upstream_failed"), "{answer}");
        let called = world.post(&token, call("read")).await;
        assert_eq!(
            called.status, 200,
            "answers to calls are the server's own: {answer}"
        );
    }
    let (world, _upstream) = listing(&answer("application/json", "{\"tools\"")).await;
    let bearer = format!("Bearer {}", world.token(FILES, "files:read"));
    let request = world.http.post(format!("http://{}/mcp", world.address()));
    let request = request.header("content-type", "application/json");
    let reply = request
        .header("authorization", bearer)
        .body(LIST)
        .send()
        .await
        .unwrap();
    // Its head may have gone before.
    assert!(reply.status() == 502 || reply.bytes().await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_left_alone_unless_the_route_says_otherwise() {
    let (_, upstream) = listing(&answer("application/json", LISTED)).await;
    let place = format!(
        "[[upstreams]]\nname = \"tools\"\naddresses = [\"{}\"]\n",
        upstream.address
    );
    let routes = ROUTES.replacen("upstream = \"echo\"", "upstream = \"tools\"", 1);
    let observing = routes.replacen(
        "mcp = true",
        "mcp = true\nmcp_tools_list = \"callable\"\nobserve = true",
        1,
    );
    let weak = ["files:read", "profile"];
    for (routes, scope) in [routes, observing].into_iter().zip(weak) {
        let world = World::with(&format!("{place}{routes}"), "").await;
        let reply = world.post(&world.token(FILES, scope), LIST).await;
        assert_eq!((reply.status, names(&reply.body).len()), (200, 3), "{routes}");
    }
}
