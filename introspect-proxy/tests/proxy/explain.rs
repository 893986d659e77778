//! Refusals explained: what is kept of them, what would have let them pass, and who learns it.
//! The clock stands still unless a test moves it.

use crate::support::{NOW, World};
use introspect_proxy::explain::{Counted, Detail, Listing, Report, tell};
use serde_json::{Value, json};

const ROUTES: &str = r#"
[[routes]]
name = "orders"
match = { path = "/orders/**", methods = ["GET"] }
upstream = "echo"
require = { scopes = ["orders:write"], audience = "https://api" }

[[routes]]
name = "vault"
match = { path = "/vault", host = "vault.example" }
upstream = "echo"
require = { audience = "https://vault", acr = "gold" }

[[routes]]
name = "limited"
match = { path = "/limited" }
upstream = "echo"
require = { audience = "https://api" }
rate_limit = [{ per = "principal", limit = "1/min" }]

[[routes]]
name = "trial"
match = { path = "/trial/**" }
upstream = "echo"
require = { scopes = ["trial"], audience = "https://api" }
observe = true
"#;

impl World {
    pub async fn admin(&self, path: &str) -> (u16, String) {
        let url = format!("http://{}{path}", self.proxy.admin);
        let answer = self.http.get(url).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    async fn explain(&self, id: &str) -> Detail {
        let (status, body) = self.admin(&format!("/decisions/{id}")).await;
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap()
    }

    async fn list(&self, query: &str) -> Listing {
        serde_json::from_str(&self.admin(&format!("/decisions{query}")).await.1).unwrap()
    }
}

fn id(body: &Value) -> &str {
    body["decision_id"].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_tells_facts_demand_and_the_change_that_would_let_it_pass() {
    let world = World::with(ROUTES, "").await;
    let token = world
        .authority
        .opaque(&json!({ "scope": "orders:read", "acr": "silver" }));
    let reply = world.get_with("/orders/17?secret=x", &token).await;
    assert_eq!(reply.status, 403);
    let told = world.explain(id(&reply.body)).await;
    assert_eq!(
        (told.verdict.as_str(), told.status, told.code.as_str()),
        ("refused", 403, "insufficient_scope")
    );
    assert_eq!(
        (told.request.method.as_str(), told.request.path.as_str()),
        ("GET", "/orders/17")
    );
    assert_eq!(
        (told.route.as_deref(), told.demand.unwrap().scopes.as_str()),
        (Some("orders"), "orders:write")
    );
    let facts = told.facts.unwrap();
    assert_eq!(
        (facts.source.as_str(), facts.position, facts.scopes.as_str()),
        ("introspection", Some(0), "orders:read")
    );
    assert_eq!(
        (facts.subject.as_deref(), facts.expires_at),
        (Some("usr_alice"), Some(NOW + 600))
    );
    assert_eq!(told.credential.unwrap().sha256.len(), 12);
    assert_eq!(
        (told.change.by.as_str(), told.change.kind.as_str()),
        ("caller", "add_scope")
    );
    assert!(
        told.change.text.contains("orders:write") && told.change.text.contains("client shop"),
        "{}",
        told.change.text
    );
    assert_eq!(told.log.lease_left_ms, 5000);
}

/// Gateways that ask keep no body of a refusal, but the id of the request is in its head.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_found_by_the_id_of_its_request_too() {
    let world = World::with(ROUTES, "").await;
    let refused = world.get("/orders/17", &[]).await;
    let told = world.explain(refused.header("x-request-id").unwrap()).await;
    assert_eq!(told.id, id(&refused.body));
    // A client that names its request like a decision hides nothing.
    let other = world.get("/vault", &[("x-request-id", &told.id)]).await;
    assert_eq!(world.explain(&told.id).await.route, told.route);
    assert_eq!(world.explain(id(&other.body)).await.request.id, told.id);
}

/// A02, C02: neither tokens nor queries nor paths that look like one are kept; the caller learns no facts.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_secret_is_kept_and_callers_learn_only_what_is_theirs() {
    let world = World::with(ROUTES, "").await;
    let token = world.authority.opaque(&json!({}));
    let path = format!("/orders/{token}?token={token}");
    let reply = world.get_with(&path, &token).await;
    let (_, kept) = world.admin(&format!("/decisions/{}", id(&reply.body))).await;
    assert!(
        kept.contains("/orders/{secret}") && !kept.contains(&token),
        "{kept}"
    );
    let told = reply.body.to_string();
    for hidden in ["usr_alice", "to pass", "position", "orders:read"] {
        assert!(!told.contains(hidden), "{hidden}: {told}");
    }
    assert_eq!(
        world
            .get(&format!("/decisions/{}", id(&reply.body)), &[])
            .await
            .status,
        404
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_reason_has_its_smallest_change() {
    let world = World::with(ROUTES, "").await;
    let jwt = format!(
        "Bearer {}",
        world.authority.jwt(&json!({ "aud": "https://vault" }))
    );
    let auth = [("authorization", jwt.as_str())];
    let vault = [("host", "vault.example"), ("authorization", jwt.as_str())];
    for (method, path, headers, kind, part) in [
        (
            "GET",
            "/orders/1",
            &[][..],
            "send_credential",
            "with the scope orders:write",
        ),
        (
            "GET",
            "/orders/1",
            &auth[..],
            "use_audience",
            "this one is for https://vault",
        ),
        (
            "GET",
            "/orders/1",
            &[("authorization", "Bearer az_at_x")][..],
            "get_new_token",
            "malformed",
        ),
        (
            "POST",
            "/orders/1",
            &[][..],
            "add_method",
            "the route `orders`, which takes GET only",
        ),
        ("GET", "/vault", &[][..], "use_host", "vault.example"),
        ("GET", "/vault", &vault[..], "sign_in_again", "acr_values=gold"),
        ("GET", "/nowhere", &[][..], "add_route", "GET /nowhere"),
        ("GET", "/a%2Fb", &[][..], "correct_path", "separator"),
    ] {
        let reply = world.send(0, method, path, headers).await;
        let told = world.explain(id(&reply.body)).await;
        assert_eq!(told.change.kind, kind, "{method} {path}");
        assert!(told.change.text.contains(part), "{}", told.change.text);
        assert!(tell(&told).contains(part));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_anybody_is_told_to_become_a_bound_one() {
    for (sender, part) in [
        ("dpop", "header DPoP"),
        ("mtls", "client certificate"),
        ("any", "a key"),
    ] {
        let routes = format!(
            "[[routes]]\nname = \"vault\"\nmatch = {{ path = \"/vault\" }}\nupstream = \"echo\"\n\
             require = {{ audience = \"https://api\", sender = \"{sender}\" }}\n"
        );
        let world = World::with(&routes, "").await;
        let token = world.authority.jwt(&json!({}));
        let told = world
            .explain(id(&world.get_with("/vault", &token).await.body))
            .await;
        assert_eq!(told.change.kind, "get_bound_token");
        assert!(told.change.text.contains(part), "{}", told.change.text);
        assert!(tell(&told).contains("audience https://api, bound to a"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exhausted_limit_is_named_with_the_time_to_wait() {
    let world = World::with(ROUTES, "").await;
    let token = world.authority.jwt(&json!({}));
    assert_eq!(world.get_with("/limited", &token).await.status, 200);
    let told = world
        .explain(id(&world.get_with("/limited", &token).await.body))
        .await;
    assert_eq!(told.limit.as_deref(), Some("1/min for each principal"));
    let text = &told.change.text;
    assert!(
        text.starts_with("wait ") && text.contains("s: 1/min for each principal"),
        "{text}"
    );
    let facts = told.facts.unwrap();
    assert_eq!((facts.source.as_str(), facts.position), ("jwt", None));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_observing_route_lets_pass_is_kept_as_would_be_refused() {
    let world = World::with(ROUTES, "").await;
    let token = world.authority.jwt(&json!({}));
    assert_eq!(world.get_with("/trial/1", &token).await.status, 200);
    let listed = world.list("?route=trial").await.decisions;
    assert_eq!(
        (listed.len(), listed[0].verdict.as_str()),
        (1, "would_be_refused")
    );
    assert_eq!(listed[0].change.kind, "add_scope");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_of_an_observing_route_says_who_would_be_refused_and_what_would_help() {
    let world = World::with(ROUTES, "[decisions]\nper_second = 1").await;
    for number in 0..3 {
        let token = world.authority.jwt(&json!({ "sub": "usr_bob" }));
        assert_eq!(
            world.get_with(&format!("/trial/{number}"), &token).await.status,
            200
        );
    }
    assert_eq!(world.get("/trial/x", &[]).await.status, 200);
    let report: Report = serde_json::from_str(&world.admin("/observe").await.1).unwrap();
    let [route] = &report.routes[..] else {
        panic!("{report:?}")
    };
    assert_eq!(
        (route.route.as_str(), route.would_be_refused),
        ("trial", 4),
        "also those that are not kept"
    );
    assert_eq!(
        (
            route.codes["insufficient_scope"],
            route.codes["missing_credential"]
        ),
        (3, 1)
    );
    let first = |list: &[Counted]| (list[0].name.clone(), list[0].count);
    assert_eq!(first(&route.subjects), ("usr_bob".to_owned(), 3));
    assert_eq!(first(&route.clients), ("shop".to_owned(), 3));
    assert_eq!(first(&route.paths), ("GET /trial/*".to_owned(), 3));
    assert!(first(&route.changes).0.contains("scope trial"));
    assert!(
        report
            .tell()
            .contains("trial: 4 would have been refused since 2027-01-15T08:00:00.000Z")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn forward_auth_refusals_are_kept_with_the_request_that_was_meant() {
    let world = World::with(ROUTES, "").await;
    let headers = [("x-original-uri", "/orders/5?x=y"), ("x-original-method", "GET")];
    let reply = world.send(1, "GET", "/check", &headers).await;
    let told = world.explain(id(&reply.body)).await;
    assert_eq!(
        (told.route.as_deref(), told.request.path.as_str()),
        (Some("orders"), "/orders/5")
    );
    let reply = world.get("/check?scope=a:b", &[]).await;
    let told = world.explain(id(&reply.body)).await;
    assert_eq!((told.route, told.demand.unwrap().scopes.as_str()), (None, "a:b"));
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_filtered_and_bounded_and_a_flood_leaves_the_rest() {
    let world = World::with(ROUTES, "[decisions]\nkeep = 10\nper_second = 3").await;
    world.get("/orders/1", &[]).await;
    for _ in 0..50 {
        world.get("/nowhere", &[]).await;
    }
    let all = world.list("").await;
    assert_eq!((all.decisions.len(), all.passed_over), (4, 47));
    let ids: Vec<_> = all.decisions.iter().map(|told| &told.id).collect();
    assert!(
        ids.is_sorted_by(|later, earlier| later[..16] >= earlier[..16]),
        "{ids:?}"
    );
    assert_eq!(world.list("?code=missing_credential").await.decisions.len(), 1);
    assert_eq!(world.list("?code=no_route&limit=2").await.decisions.len(), 2);
    assert_eq!(world.admin("/decisions?unknown=1").await.0, 400);
    assert_eq!(world.admin("/decisions/dec_0").await.0, 404);
}
