//! Rate limits, and forward-auth through `/check`.
//! Time stands still unless a test moves it.

use crate::support::{World, eventually};
use serde_json::json;
use std::time::Duration;

const LIMITED: &str = r#"
[[routes]]
name = "limited"
match = { path = "/limited" }
upstream = "echo"
require = { audience = "https://api" }
rate_limit = [{ per = "principal", limit = "3/min" }, { per = "address", limit = "5/min" }]
"#;

/// A01
#[tokio::test(flavor = "multi_thread")]
async fn the_limit_holds_at_its_edge_and_says_so() {
    let world = World::with(LIMITED, "").await;
    let token = world.authority.jwt(&json!({}));
    for remaining in ["2", "1", "0"] {
        let reply = world.get_with("/limited", &token).await;
        assert_eq!(
            (reply.status, reply.header("x-ratelimit-remaining")),
            (200, Some(remaining))
        );
        assert_eq!(reply.header("x-ratelimit-limit"), Some("3"));
        assert_eq!(
            reply.header("ratelimit-policy"),
            Some("\"principal\";q=3;w=60, \"address\";q=5;w=60")
        );
    }
    let refused = world.get_with("/limited", &token).await;
    assert_eq!((refused.status, refused.code()), (429, "rate_limited"));
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert_eq!(refused.header("x-ratelimit-remaining"), Some("0"));
    world.clock.advance(Duration::from_secs(wait));
    eventually(|| world.proxy.core().state().lease_fresh).await;
    assert_eq!(
        world.get_with("/limited", &token).await.status,
        200,
        "waiting as told is enough"
    );
}

/// A01
#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_limited_whoever_it_claims_to_be() {
    let world = World::with(LIMITED, "").await;
    let mut statuses = Vec::new();
    for number in 0..6 {
        let token = world.authority.jwt(&json!({ "sub": format!("usr_{number}") }));
        let bearer = format!("Bearer {token}");
        let forwarded = format!("198.51.100.{number}");
        let headers = [
            ("authorization", bearer.as_str()),
            ("x-forwarded-for", forwarded.as_str()),
        ];
        statuses.push(world.get("/limited", &headers).await.status);
    }
    assert_eq!(statuses, [200, 200, 200, 200, 200, 429]);
}

#[tokio::test(flavor = "multi_thread")]
async fn check_applies_the_route_table_for_trusted_peers() {
    let world = World::start().await;
    let bearer = format!("Bearer {}", world.authority.jwt(&json!({})));
    let ask = async |listener, uri: &str, method: &str| {
        let headers = [
            ("authorization", bearer.as_str()),
            ("x-original-uri", uri),
            ("x-original-method", method),
        ];
        world.send(listener, "GET", "/check", &headers).await
    };
    let allowed = ask(1, "/orders/1?a=b", "GET").await;
    assert_eq!(
        (allowed.status, allowed.header("x-auth-subject")),
        (200, Some("usr_alice"))
    );
    assert_eq!(
        allowed.header("cache-control"),
        Some("private, max-age=0, no-store")
    );
    assert_eq!(ask(1, "/admin", "GET").await.status, 403);
    assert_eq!(ask(1, "/orders/1", "DELETE").await.status, 404);
    assert_eq!(ask(1, "/x/../admin", "GET").await.status, 400);
    assert_eq!(
        ask(0, "/public", "GET").await.status,
        403,
        "a stranger may not say so"
    );
    assert_eq!(world.upstream.hits(), 0);
}

/// X09: a gateway asks for a scope and hands on whatever headers its client sent.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_behind_a_trusted_peer_cannot_replace_the_demand_by_another_request() {
    let world = World::start().await;
    for (name, value) in [
        ("x-original-uri", "/public"),
        ("x-original-url", "https://any.example/public"),
        ("x-forwarded-uri", "/public"),
        ("x-original-method", "GET"),
    ] {
        let asked = world.send(1, "GET", "/check?scope=admin", &[(name, value)]).await;
        assert_eq!(
            (asked.status, &asked.body["code"]),
            (400, &json!("invalid_request")),
            "{name}"
        );
    }
    let asked = world.send(1, "GET", "/check?scope=admin", &[]).await;
    assert_eq!(asked.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn check_answers_scope_and_audience_questions() {
    let world = World::start().await;
    let bearer = format!("Bearer {}", world.authority.jwt(&json!({})));
    let ask = async |query: &str| {
        world
            .get(&format!("/check{query}"), &[("authorization", &bearer)])
            .await
    };
    assert_eq!(ask("").await.status, 200);
    assert_eq!(
        ask("?scope=orders%3Aread&audience=https%3A%2F%2Fapi")
            .await
            .status,
        200
    );
    let missing = ask("?scope=orders%3Aread+admin").await;
    assert_eq!(
        (missing.status, &missing.body["missing_scope"]),
        (403, &json!("admin"))
    );
    assert_eq!(ask("?audience=other").await.status, 403);
    let nobody = world.get("/check?scope=a", &[]).await;
    assert_eq!(
        (nobody.status, nobody.header("www-authenticate")),
        (401, Some("Bearer realm=\"api\", scope=\"a\""))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_observing_route_lets_pass_what_it_would_refuse() {
    let routes = "[[routes]]\nname = \"a\"\nmatch = { path = \"/a\" }\nupstream = \"echo\"\n\
                  require = { scopes = [\"admin\"] }\nobserve = true\n";
    let world = World::with(routes, "").await;
    let reply = world.get("/a", &[("x-auth-subject", "evil")]).await;
    assert_eq!((reply.status, reply.seen("x-auth-subject").len()), (200, 0));
    let url = format!("http://{}/metrics", world.proxy.admin);
    let metrics = world.http.get(url).send().await.unwrap().text().await.unwrap();
    assert!(
        metrics.contains("proxy_requests_total{route=\"a\",outcome=\"observed\"} 1"),
        "{metrics}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn health_is_told_on_both_sides_and_metrics_only_inside() {
    let world = World::start().await;
    assert_eq!(world.get("/healthz", &[]).await.status, 200);
    assert_eq!(world.get("/readyz", &[]).await.status, 200);
    assert_eq!(world.get("/metrics", &[]).await.status, 404);
    for path in ["healthz", "readyz", "metrics"] {
        let url = format!("http://{}/{path}", world.proxy.admin);
        assert_eq!(world.http.get(url).send().await.unwrap().status(), 200, "{path}");
    }
}
