//! Revocation at the proxy: at once while the feed is up, within the lease when it is not.
//! Every wait is for a condition.

use crate::support::{World, eventually};
use serde_json::json;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_is_refused_whether_jwt_or_opaque() {
    let world = World::start().await;
    let jwt = world.authority.jwt(&json!({ "jti": "tok_a" }));
    let opaque = world.authority.opaque(&json!({ "jti": "tok_b" }));
    let family = world.authority.jwt(&json!({ "grant_id": "gra_c" }));
    let other = world.authority.jwt(&json!({}));
    for token in [&jwt, &opaque, &family, &other] {
        assert_eq!(world.get_with("/orders/1", token).await.status, 200);
    }
    world.authority.revoke("token", "tok_a");
    world.authority.revoke("token", "tok_b");
    world.authority.revoke("grant", "gra_c");
    world.caught_up().await;
    for token in [&jwt, &opaque, &family] {
        let reply = world.get_with("/orders/1", token).await;
        assert_eq!((reply.status, reply.code()), (401, "invalid_token"));
    }
    assert_eq!(world.get_with("/orders/1", &other).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_jwt_revoked_before_the_proxy_ever_saw_it_is_refused() {
    let world = World::start().await;
    let jwt = world.authority.jwt(&json!({ "sid": "ses_a" }));
    world.authority.revoke("session", "ses_a");
    world.caught_up().await;
    assert_eq!(world.get_with("/orders/1", &jwt).await.status, 401);
}

/// C04
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_in_flight_during_the_revocation_is_not_kept() {
    let world = World::start().await;
    let token = world.authority.opaque(&json!({ "jti": "tok_a" }));
    let slow = world.stalled("/orders/1", &token).await;
    world.authority.revoke("token", "tok_a");
    world.caught_up().await;
    world.authority.stall(false);
    assert_eq!(
        slow.await.unwrap(),
        401,
        "the old answer says active, the log knows better"
    );
    assert_eq!(world.get_with("/orders/1", &token).await.status, 401);
}

/// R9: somebody else may have the key, so it is taken away; nobody has to bring a token of the next one.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_taken_away_is_forgotten_within_moments() {
    let world = World::start().await;
    let forged = world.authority.jwt(&json!({}));
    assert_eq!(world.get_with("/orders/1", &forged).await.status, 200);
    let fetches = world.authority.key_fetches();
    world.clock.advance(Duration::from_secs(3));
    world.authority.replace_key();
    eventually(|| world.authority.key_fetches() > fetches).await;
    eventually(|| world.proxy.core().evaluator.keys.losses() == 1).await;
    assert_eq!(world.get_with("/orders/1", &forged).await.status, 401);
}

const LAPSE: &str = r#"
[[routes]]
name = "ask"
match = { path = "/ask" }
upstream = "echo"
require = { audience = "https://api" }

[[routes]]
name = "refuse"
match = { path = "/refuse" }
upstream = "echo"
require = { audience = "https://api" }
on_lease_lapse = "refuse"

[[routes]]
name = "go-on"
match = { path = "/go-on" }
upstream = "echo"
require = { audience = "https://api" }
on_lease_lapse = "until-exp"
"#;

async fn lapse(world: &World) {
    world.authority.go_down(true);
    // The poll in flight was sent before; it must have failed before time moves.
    world.clock.advance(Duration::from_secs(5));
    eventually(|| !world.proxy.core().state().lease_fresh).await;
}

/// C05, C08
#[tokio::test(flavor = "multi_thread")]
async fn each_route_says_what_happens_when_the_lease_lapses() {
    let world = World::with(LAPSE, "").await;
    let token = world.authority.jwt(&json!({}));
    for path in ["/ask", "/refuse", "/go-on"] {
        assert_eq!(world.get_with(path, &token).await.status, 200);
    }
    lapse(&world).await;
    assert_eq!(world.get_with("/ask", &token).await.status, 503);
    assert_eq!(world.get_with("/refuse", &token).await.status, 503);
    assert_eq!(world.get_with("/go-on", &token).await.status, 200);
    world.clock.advance(Duration::from_secs(600));
    assert_eq!(
        world.get_with("/go-on", &token).await.status,
        401,
        "never past its expiry"
    );
}

/// C05
#[tokio::test(flavor = "multi_thread")]
async fn what_was_missed_during_a_cut_is_applied_afterwards() {
    let world = World::with(LAPSE, "").await;
    let token = world.authority.jwt(&json!({ "jti": "tok_a" }));
    assert_eq!(world.get_with("/refuse", &token).await.status, 200);
    lapse(&world).await;
    world.authority.revoke("token", "tok_a");
    assert_eq!(world.get_with("/refuse", &token).await.status, 503);
    world.authority.go_down(false);
    world.caught_up().await;
    eventually(|| world.proxy.core().state().lease_fresh).await;
    assert_eq!(world.get_with("/refuse", &token).await.status, 401);
}

/// C08: a proxy that was paused finds answers that were true once.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_older_than_the_lease_is_not_used_once_that_has_lapsed() {
    let world = World::with(LAPSE, "").await;
    let token = world.authority.opaque(&json!({}));
    let slow = world.stalled("/ask", &token).await;
    lapse(&world).await;
    world.authority.stall(false);
    assert_eq!(slow.await.unwrap(), 503);
}
