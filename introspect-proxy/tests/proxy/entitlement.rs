//! What an account's plan gives, asked once, remembered, and asked anew the moment something is said of the account.
//! The clock stands still unless a test moves it.

use crate::support::{World, eventually};
use introspect_proxy::explain::{Detail, tell};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const ROUTES: &str = r#"
[[routes]]
name = "exports"
match = { path = "/exports/**" }
upstream = "echo"
require = { audience = "https://api", entitlement = "exports" }

[[routes]]
name = "trial"
match = { path = "/trial/**" }
upstream = "echo"
require = { audience = "https://api", entitlement = "exports" }
observe = true

[[routes]]
name = "patient"
match = { path = "/patient/**" }
upstream = "echo"
require = { audience = "https://api", entitlement = "exports" }
on_lease_lapse = "until-exp"
"#;

impl World {
    pub fn token_of(&self, account: &str) -> String {
        self.authority
            .jwt(&json!({ "account_id": account, "sub": format!("usr_{account}") }))
    }

    /// Calls until the answer has this status; the log brings the news within moments.
    pub async fn until(&self, path: &str, token: &str, status: u16) -> Duration {
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(10) {
            if self.get_with(path, token).await.status == status {
                return began.elapsed();
            }
        }
        panic!("{path} never answers {status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_answer_serves_every_token_of_the_account() {
    let world = World::with(ROUTES, "").await;
    world.authority.plan("1", "exports", None);
    world.caught_up().await;
    for _ in 0..5 {
        let token = world.token_of("1");
        assert_eq!(world.get_with("/exports/1", &token).await.status, 200);
    }
    assert_eq!(world.authority.questions(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exhausted_account_is_told_what_to_do() {
    let world = World::with(ROUTES, "").await;
    world.authority.plan("1", "exports", Some(1000));
    world.authority.used_elsewhere("1", "exports", 1000);
    world.caught_up().await;
    let reply = world.get_with("/exports/1", &world.token_of("1")).await;
    assert_eq!((reply.status, reply.code()), (403, "entitlement_exceeded"));
    assert_eq!(reply.header("www-authenticate"), None);
    assert_eq!(
        reply.body["details"],
        json!({
            "feature": "exports", "limit": 1000, "used": 1000, "resets_at": "2027-02-01T00:00:00Z",
            "reason": "limit_reached", "upgrade_url": "https://id.example/account/billing",
        })
    );
    let without = world.get_with("/exports/1", &world.token_of("2")).await;
    assert_eq!((without.status, without.code()), (403, "entitlement_exceeded"));
    assert_eq!(without.body["details"]["reason"], "not_in_plan");
    assert_eq!(without.body["details"]["limit"], Value::Null);
    assert_eq!(
        without.body["details"]["upgrade_url"],
        "https://id.example/account/billing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_explained_with_the_fact_its_age_and_what_would_flip_it() {
    let world = World::with(ROUTES, "").await;
    world.authority.plan("1", "exports", Some(5));
    world.authority.used_elsewhere("1", "exports", 5);
    world.caught_up().await;
    let token = world.token_of("1");
    assert_eq!(world.get_with("/exports/1", &token).await.status, 403);
    world.clock.advance(Duration::from_millis(1500));
    let reply = world.get_with("/exports/1", &token).await;
    let id = reply.body["decision_id"].as_str().unwrap();
    let (_, body) = world.admin(&format!("/decisions/{id}")).await;
    let detail: Detail = serde_json::from_str(&body).unwrap();
    let entitled = detail.entitlement.as_ref().unwrap();
    assert_eq!((entitled.account.as_str(), entitled.age_ms), ("1", 1500));
    assert_eq!(
        (detail.change.by.as_str(), detail.change.kind.as_str()),
        ("caller", "change_plan")
    );
    let text = tell(&detail);
    for part in [
        "route      exports",
        "plan       exports of account 1: limit 5, used 5; by the server, at position 1, 1500 ms old",
        "get a plan with more than 5 exports, limit 5, used 5, resets at 2027-02-01T00:00:00Z",
        "a plan with exports",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
}

/// C10: the flip counts within moments, in both directions, and nobody else's does.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_exhausted_is_refused_within_ms_and_topped_up_it_passes_again() {
    let world = World::with(ROUTES, "").await;
    world.authority.plan("1", "exports", Some(10));
    world.caught_up().await;
    let token = world.token_of("1");
    for used in [true, false, true] {
        let limit = if used { 10 } else { 1_000_000 };
        world.until("/exports/1", &token, 200).await;
        if used {
            world.authority.used_elsewhere("1", "exports", 10);
            world.authority.plan("1", "exports", Some(10));
            let took = world.until("/exports/1", &token, 403).await;
            assert!(took < Duration::from_secs(1), "{took:?}");
        }
        world.authority.plan("1", "exports", Some(limit.max(1000)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_another_account_changes_nothing() {
    let world = World::with(ROUTES, "").await;
    world.authority.plan("1", "exports", None);
    world.authority.plan("2", "exports", None);
    world.caught_up().await;
    let token = world.token_of("1");
    assert_eq!(world.get_with("/exports/1", &token).await.status, 200);
    world.authority.plan("2", "exports", Some(0));
    world.caught_up().await;
    assert_eq!(world.get_with("/exports/1", &token).await.status, 200);
    assert_eq!(world.authority.questions(), 1, "nobody asked again");
    let other = world.get_with("/exports/1", &world.token_of("2")).await;
    assert_eq!(other.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_answer_nothing_new_passes() {
    let world = World::with(ROUTES, "").await;
    world.authority.plan("1", "exports", None);
    world.caught_up().await;
    let (known, token) = (world.token_of("1"), world.token_of("2"));
    assert_eq!(world.get_with("/exports/1", &known).await.status, 200);
    world.authority.go_down(true);
    assert_eq!(
        world.get_with("/exports/1", &known).await.status,
        200,
        "within the lease"
    );
    let reply = world.get_with("/exports/1", &token).await;
    assert_eq!((reply.status, reply.header("retry-after")), (503, Some("1")));
}

/// C05: also where tokens are trusted until they expire, money is not.
#[tokio::test(flavor = "multi_thread")]
async fn a_ruling_is_not_used_beyond_the_lease() {
    let world = World::with(ROUTES, "").await;
    world.authority.plan("1", "exports", None);
    world.caught_up().await;
    let token = world.token_of("1");
    assert_eq!(world.get_with("/patient/1", &token).await.status, 200);
    world.authority.go_down(true);
    world.clock.advance(Duration::from_secs(6));
    for path in ["/patient/1", "/exports/1"] {
        assert_eq!(world.get_with(path, &token).await.status, 503, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ruling_is_asked_for_again_once_it_is_old() {
    let world = World::with(ROUTES, "").await;
    world.authority.plan("1", "exports", None);
    world.caught_up().await;
    let token = world.token_of("1");
    assert_eq!(world.get_with("/exports/1", &token).await.status, 200);
    for _ in 0..3 {
        world.clock.advance(Duration::from_secs(4));
        let polls = world.authority.polls();
        eventually(|| world.authority.polls() > polls + 1).await;
    }
    assert_eq!(world.get_with("/exports/1", &token).await.status, 200);
    assert_eq!(world.authority.questions(), 2);
}

/// H01: a herd of one account's tokens causes one question, and its answer is everybody's.
#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_ask_once() {
    let world = World::with(ROUTES, "").await;
    world.authority.plan("1", "exports", None);
    world.caught_up().await;
    world.authority.hold_entitlements(true);
    let tokens: Vec<_> = (0..20).map(|_| world.token_of("1")).collect();
    let calls = futures::future::join_all(tokens.iter().map(|token| world.get_with("/exports/1", token)));
    let release = async {
        eventually(|| world.authority.questions() == 1).await;
        world.authority.hold_entitlements(false);
    };
    let (replies, ()) = tokio::join!(calls, release);
    assert!(replies.iter().all(|reply| reply.status == 200));
    assert_eq!(world.authority.questions(), 1);
}

/// A dead token is no word about its account: others that wait for its answer ask with their own.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_dead_does_not_speak_for_its_account() {
    let world = World::with(ROUTES, "").await;
    world.authority.plan("1", "exports", None);
    world.caught_up().await;
    let dead = world
        .authority
        .opaque(&json!({ "account_id": "1", "jti": "tok_dead" }));
    let live = world.token_of("1");
    assert_eq!(world.get_with("/trial/1", &dead).await.status, 200);
    world.authority.forget("tok_dead");
    world.clock.advance(Duration::from_secs(1));
    world.authority.plan("1", "exports", None);
    world.caught_up().await;
    world.authority.hold_entitlements(true);
    let first = world.get_with("/exports/1", &dead);
    let second = async {
        eventually(|| world.authority.questions() == 2).await;
        let call = world.get_with("/exports/1", &live);
        world.authority.hold_entitlements(false);
        call.await
    };
    let (first, second) = tokio::join!(first, second);
    assert_eq!((first.status, second.status), (401, 200));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_without_an_account_is_refused_where_accounts_count() {
    let world = World::with(ROUTES, "").await;
    let token = world.authority.jwt(&json!({}));
    let reply = world.get_with("/exports/1", &token).await;
    assert_eq!((reply.status, reply.code()), (403, "account_required"));
    assert_eq!(world.authority.questions(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_observing_route_counts_and_lets_pass() {
    let world = World::with(ROUTES, "").await;
    assert_eq!(world.get_with("/trial/1", &world.token_of("1")).await.status, 200);
    let (_, report) = world.admin("/observe").await;
    assert!(report.contains("entitlement_exceeded"), "{report}");
    let (_, figures) = world.admin("/metrics").await;
    assert!(figures.contains("proxy_entitlement_refused_total 1"), "{figures}");
}

#[tokio::test(flavor = "multi_thread")]
async fn forward_auth_refuses_for_the_plan_too() {
    let world = World::with(ROUTES, "").await;
    let bearer = format!("Bearer {}", world.token_of("1"));
    let headers = [
        ("x-original-uri", "/exports/5"),
        ("x-original-method", "GET"),
        ("authorization", &*bearer),
    ];
    let reply = world.send(1, "GET", "/check", &headers).await;
    assert_eq!((reply.status, reply.code()), (403, "entitlement_exceeded"));
}
