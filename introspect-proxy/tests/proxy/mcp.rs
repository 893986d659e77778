//! Routes to servers of the Model Context Protocol: metadata, challenges, scopes by tool.
//! The upstream is the echo: what it was sent is what passed.

use crate::support::{Reply, World, status_of};
use introspect_proxy::config::parse;
use serde_json::{Value, json};

pub(crate) const FILES: &str = "http://127.0.0.1/mcp";
const METADATA: &str = "http://127.0.0.1/.well-known/oauth-protected-resource/mcp";
pub(crate) const ROUTES: &str = r#"
[[routes]]
name = "files"
match = { path = "/mcp" }
upstream = "echo"
require = { audience = "http://127.0.0.1/mcp", scopes = ["files:read"] }
mcp = true
mcp_tools = { "delete_*" = ["files:delete"], "share" = ["files:share"] }
resource_name = "Files"
cors_preflight = true

[[routes]]
name = "orders"
match = { path = "/orders/**" }
upstream = "echo"
require = { audience = "https://api.example.com/orders", scopes = ["orders:read"] }
metadata = true
"#;

impl World {
    pub(crate) fn token(&self, audience: &str, scope: &str) -> String {
        self.authority.jwt(&json!({ "aud": audience, "scope": scope }))
    }

    pub(crate) async fn post(&self, token: &str, body: impl Into<reqwest::Body>) -> Reply {
        self.post_as(token, "application/json", body).await
    }

    async fn post_as(&self, token: &str, media: &str, body: impl Into<reqwest::Body>) -> Reply {
        let request = self.http.post(format!("http://{}/mcp", self.address()));
        let request = request
            .bearer_auth(token)
            .header("content-type", media)
            .body(body);
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.json().await.unwrap_or(Value::Null);
        Reply {
            status,
            headers,
            body,
        }
    }
}

impl World {
    /// The same in chunks: status, and the body as the upstream got it.
    async fn chunks(&self, token: &str, parts: &[&str]) -> (u16, Option<String>) {
        let chunk = |part: &&str| format!("{:x}\r\n{part}\r\n", part.len());
        let chunks: String = parts.iter().filter(|part| !part.is_empty()).map(chunk).collect();
        let answer = self
            .raw(&format!(
                "POST /mcp HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\n\
                 content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n{chunks}0\r\n\r\n"
            ))
            .await;
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        let body: Value = serde_json::from_str(body).unwrap();
        (status_of(&answer), body["body"].as_str().map(str::to_owned))
    }
}

pub(crate) fn call(tool: &str) -> String {
    json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": {}}})
        .to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_are_told_at_both_well_known_forms_to_anybody() {
    let world = World::with(ROUTES, "").await;
    for path in [
        "/.well-known/oauth-protected-resource/mcp",
        "/.well-known/oauth-protected-resource",
    ] {
        let reply = world.get(path, &[("origin", "https://elsewhere.example")]).await;
        assert_eq!(
            (reply.status, reply.header("access-control-allow-origin")),
            (200, Some("*"))
        );
        assert_eq!(
            reply.body,
            json!({
                "resource": FILES,
                "authorization_servers": [world.authority.issuer],
                "scopes_supported": ["files:delete", "files:read", "files:share"],
                "bearer_methods_supported": ["header"],
                "resource_name": "Files",
            })
        );
        let preflight = world.send(0, "OPTIONS", path, &[]).await;
        assert_eq!(
            preflight.header("access-control-allow-headers"),
            Some("mcp-protocol-version")
        );
        assert_eq!(world.send(0, "POST", path, &[]).await.status, 405);
    }
    let orders = "/.well-known/oauth-protected-resource/orders";
    assert_eq!(world.get(orders, &[]).await.status, 404, "it is on another host");
    let reply = world.get(orders, &[("host", "api.example.com")]).await;
    assert_eq!(reply.body["resource"], "https://api.example.com/orders");
    assert_eq!(world.upstream.hits(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_challenge_says_where_the_metadata_are() {
    let world = World::with(ROUTES, "").await;
    let reply = world.get("/mcp", &[]).await;
    let expected =
        format!("Bearer realm=\"{FILES}\", scope=\"files:read\", resource_metadata=\"{METADATA}\"");
    assert_eq!(
        (reply.status, reply.header("www-authenticate")),
        (401, Some(&*expected))
    );
    assert_eq!(
        reply.header("access-control-expose-headers"),
        Some("www-authenticate")
    );
    let weak = world.token(FILES, "profile");
    for (token, status, error) in [
        ("nonsense", 401, "invalid_token"),
        (weak.as_str(), 403, "insufficient_scope"),
    ] {
        let reply = world.get_with("/mcp", token).await;
        let challenge = reply.header("www-authenticate").unwrap().to_owned();
        assert_eq!(reply.status, status, "{challenge}");
        for part in [error, "scope=\"files:read\"", METADATA] {
            assert!(challenge.contains(part), "{part} in {challenge}");
        }
    }
}

/// O24: the token must be for this very server.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_another_resource_is_refused() {
    let world = World::with(ROUTES, "").await;
    for audience in [
        "http://127.0.0.1",
        "http://127.0.0.1/mcp/",
        "https://api.example.com/orders",
    ] {
        let reply = world
            .post(&world.token(audience, "files:read"), call("read"))
            .await;
        assert_eq!(
            (reply.status, reply.code()),
            (403, "wrong_audience"),
            "{audience}"
        );
        assert!(reply.header("www-authenticate").unwrap().contains(METADATA));
    }
    assert_eq!(world.upstream.hits(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_that_needs_more_is_challenged_with_everything_worth_asking_for() {
    let world = World::with(ROUTES, "").await;
    let token = world.token(FILES, "files:read files:share profile");
    let batch = format!("[{},{}]", call("read"), call("delete_one"));
    for body in [call("delete_one"), batch] {
        let reply = world.post(&token, body).await;
        assert_eq!((reply.status, reply.code()), (403, "insufficient_scope"));
        assert_eq!(reply.body["missing_scope"], "files:delete");
        let challenge = reply.header("www-authenticate").unwrap();
        assert!(challenge.contains("error=\"insufficient_scope\""), "{challenge}");
        assert!(
            challenge.contains("scope=\"files:delete files:read files:share\""),
            "{challenge}"
        );
        assert!(challenge.contains(METADATA), "{challenge}");
    }
    assert_eq!(world.upstream.hits(), 0);
    let enough = world.token(FILES, "files:read files:delete");
    for tool in ["read", "delete_one"] {
        let reply = world.post(&enough, call(tool)).await;
        assert_eq!(
            (reply.status, reply.body["body"].as_str()),
            (200, Some(&*call(tool)))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_pass_byte_for_byte_up_to_the_limit_and_however_they_are_framed() {
    let world = World::with(ROUTES, "").await;
    let token = world.token(FILES, "files:read");
    let padded = |length: usize| {
        let body = call("read");
        format!("{}{body}", " ".repeat(length - body.len()))
    };
    for length in [200, 4_000, 64 * 1024] {
        let body = padded(length);
        let reply = world.post(&token, body.clone()).await;
        assert_eq!((reply.status, reply.body["body"].as_str()), (200, Some(&*body)));
        let passed = world.chunks(&token, &[&body[..100], &body[100..]]).await;
        assert_eq!(passed, (200, Some(body)));
    }
    let long = padded(64 * 1024 + 1);
    assert_eq!(world.post(&token, long.clone()).await.status, 413);
    assert_eq!(world.chunks(&token, &[&long[..9], &long[9..]]).await.0, 413);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_in_one_way_does_not_pass() {
    let world = World::with(ROUTES, "").await;
    let token = world.token(FILES, "files:read");
    let twice = r#"{"method":"tools/list","method":"tools/call","params":{"name":"delete_one"}}"#;
    for body in [twice, "{", "", "delete_one"] {
        assert_eq!(world.chunks(&token, &[body]).await.0, 400, "{body}");
    }
    for media in [
        "text/plain",
        "application/json; charset=utf-16",
        "application/xml",
    ] {
        assert_eq!(
            world.post_as(&token, media, call("read")).await.status,
            415,
            "{media}"
        );
    }
    let bearer = format!("Bearer {token}");
    let own = [("authorization", bearer.as_str())];
    let switched = [own[0], ("connection", "upgrade"), ("upgrade", "websocket")];
    assert_eq!(world.get("/mcp", &switched).await.status, 400);
    assert_eq!(world.upstream.hits(), 0);
    assert_eq!(
        world.get("/mcp", &own).await.status,
        200,
        "the stream of the server's messages"
    );
    assert_eq!(
        world.send(0, "DELETE", "/mcp", &own).await.status,
        200,
        "the end of a session"
    );
}

/// A gateway that asks without the body can't tell the tools apart: then all their scopes are needed.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_without_the_call_needs_every_scope() {
    let world = World::with(ROUTES, "").await;
    let some = world.token(FILES, "files:read files:delete");
    let all = world.token(FILES, "files:read files:delete files:share");
    for (token, status) in [(some, 403), (all, 200)] {
        let bearer = format!("Bearer {token}");
        let headers = [
            ("authorization", bearer.as_str()),
            ("x-original-uri", "/mcp"),
            ("x-original-method", "POST"),
        ];
        assert_eq!(world.send(1, "GET", "/check", &headers).await.status, status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_observing_route_lets_every_call_pass_whole() {
    let routes = ROUTES.replacen("mcp = true", "mcp = true\nobserve = true", 1);
    let world = World::with(&routes, "").await;
    let token = world.token(FILES, "files:read");
    let long = " ".repeat(70_000);
    for body in [call("delete_one"), "{".to_owned(), long.clone()] {
        let reply = world.post(&token, body.clone()).await;
        assert_eq!((reply.status, reply.body["body"].as_str()), (200, Some(&*body)));
    }
    let passed = world.chunks(&token, &[&long[..9], &long[9..]]).await;
    assert_eq!(passed, (200, Some(long)));
}

#[test]
fn contradictory_routes_are_refused_at_start() {
    for (change, said) in [
        (
            ("audience = \"http://127.0.0.1/mcp\", ", ""),
            "need require.audience",
        ),
        (
            ("http://127.0.0.1/mcp", "http://other.example/mcp"),
            "loopback hosts only",
        ),
        (("http://127.0.0.1/mcp", "http://127.0.0.1/other"), "match.path"),
        (("http://127.0.0.1/mcp", "http://127.0.0.1/mcp?x"), "no query"),
        (
            ("path = \"/mcp\"", "path = \"/mcp\", host = \"b.example\""),
            "another host",
        ),
        (("[\"files:delete\"]", "[]"), "at least one scope"),
        (("mcp = true", "metadata = true"), "mcp_tools needs mcp"),
        (
            ("mcp_tools = ", "mcp_tools_list = \"callable\" # "),
            "needs mcp_tools, which say",
        ),
    ] {
        let routes = ROUTES.replacen(change.0, change.1, 1);
        let text = format!(
            "[authorization_server]\nissuer = \"https://id.example\"\nclient_id = \"edge\"\n\
             client_secret = \"az-edge-secret-0123\"\n[[listeners]]\nname = \"a\"\nlisten = \"127.0.0.1:0\"\n\
             [[upstreams]]\nname = \"echo\"\naddresses = [\"127.0.0.1:1\"]\n{routes}"
        );
        let found = format!("{:?}", parse(&text).err());
        assert!(found.contains(said), "{said}: {found}");
    }
}
