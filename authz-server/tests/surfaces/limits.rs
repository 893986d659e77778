//! Rate limits of the surfaces, as callers meet them.

use std::time::Duration;

use authz_server::config::{LimitsConfig, Rate};
use serde_json::json;

use crate::app::json::Reply;
use crate::app::{App, PASSWORD};

fn figures(reply: &Reply) -> (u16, &str, &str, &str) {
    let field = |name| reply.header(name);
    (
        reply.status.as_u16(),
        field("x-ratelimit-limit"),
        field("x-ratelimit-remaining"),
        field("ratelimit"),
    )
}

fn tight() -> LimitsConfig {
    LimitsConfig {
        authentication: Rate::per_minute(3),
        standard: Rate::per_minute(5),
        ..LimitsConfig::default()
    }
}

/// A01: whoever waits as long as told is let through; before that, every refusal has words and says how long.
#[tokio::test]
async fn the_fields_tell_what_is_left_and_a_refusal_when_to_come_back() {
    let app = App::limited(&tight()).await;
    let ask = async || {
        app.program()
            .post("/auth/forgot-password", json!({"email": "a@example.org"}))
            .await
    };
    for left in ["2", "1", "0"] {
        let reply = ask().await;
        let state = format!("\"authentication\";r={left};t=60");
        assert_eq!(
            figures(&reply),
            (202, "3", left, state.as_str()),
            "{}",
            reply.body
        );
        assert_eq!(reply.header("ratelimit-policy"), "\"authentication\";q=3;w=60");
    }
    app.clock.advance(Duration::from_secs(20));
    let refused = ask().await;
    assert_eq!(refused.refusal(), (429, "rate_limited"));
    assert_eq!(figures(&refused), (429, "3", "0", "\"authentication\";r=0;t=40"));
    assert_eq!(refused.header("retry-after"), "40");
    assert_eq!(refused.body["error"]["details"]["retry_after"], 40);
    app.clock.advance(Duration::from_secs(40));
    assert_eq!(ask().await.status, 202);
}

/// A01: neighbours in one network share a quota, however their address is written; others have their own.
#[tokio::test]
async fn addresses_of_one_network_are_one_caller() {
    let app = App::limited(&tight()).await;
    let me = async |address: &str| app.program_at(address).get("/auth/me").await;
    for address in [
        "[2001:db8::1]",
        "[2001:db8::ffff:2]",
        "[2001:db8:0:0:9::3]",
        "[2001:db8::1]",
        "[2001:db8::4]",
    ] {
        assert_eq!(me(address).await.status, 401);
    }
    assert_eq!(me("[2001:db8::5]").await.status, 429);
    assert_eq!(me("[2001:db8:0:1::1]").await.status, 401);
    for address in ["192.0.2.1", "[::ffff:192.0.2.1]"] {
        assert_eq!(me(address).await.status, 401);
    }
    assert_eq!(me("192.0.2.1").await.header("x-ratelimit-remaining"), "2");
}

/// Who is signed in is counted as themselves, wherever they are; the neighbours' use of the address is not theirs.
#[tokio::test]
async fn a_principal_has_a_quota_of_its_own_at_every_address() {
    let app = App::limited(&tight()).await;
    let body = json!({"email": "ada@example.org", "password": PASSWORD});
    let token = app
        .program()
        .post("/auth/register", body)
        .await
        .text("/access_token")
        .to_owned();
    for _ in 0..6 {
        app.program().get("/auth/me").await;
    }
    assert_eq!(app.program().get("/auth/me").await.status, 429);
    for address in ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5"] {
        assert_eq!(
            app.program_at(address)
                .bearing(&token)
                .get("/auth/me")
                .await
                .status,
            200
        );
    }
    let sixth = app.program_at("192.0.2.6").bearing(&token).get("/auth/me").await;
    assert_eq!(sixth.refusal(), (429, "rate_limited"));
    assert_eq!(sixth.header("access-control-allow-origin"), "*");
}

/// A01: once an address has tried its share of credentials that are good for nothing, no more of them are looked at; even a
/// good one is not, unless it is known already, which is how it is seen here that looking has stopped.
#[tokio::test]
async fn a_flood_of_garbage_is_refused_unseen_and_known_callers_pass() {
    let app = App::limited(&tight()).await;
    let token = |reply: Reply| reply.text("/access_token").to_owned();
    let body = json!({"email": "ada@example.org", "password": PASSWORD});
    let first = token(app.program().post("/auth/register", body.clone()).await);
    let second = token(app.program().post("/auth/login", body).await);
    let me = async |token: &str| app.program().bearing(token).get("/auth/me").await;
    assert_eq!(me(&first).await.status, 200);
    let (head, signature) = second.rsplit_once('.').unwrap();
    let others: Vec<char> = ('A'..='Z')
        .filter(|letter| !signature.starts_with(*letter))
        .collect();
    let garbage = |turn: usize| format!("{head}.{}{}", others[turn], &signature[1..]);
    for turn in 0..5 {
        assert_eq!(me(&garbage(turn)).await.refusal(), (401, "unauthorized"));
    }
    let refused = me(&garbage(5)).await;
    assert_eq!(refused.refusal(), (429, "rate_limited"));
    assert_eq!(refused.header("retry-after"), "60");
    assert_eq!(me(&second).await.status, 429, "nothing unknown is looked at");
    assert_eq!(me(&first).await.status, 200, "what is known passes");
    let elsewhere = app.program_at("192.0.2.9").bearing(&second);
    assert_eq!(elsewhere.get("/auth/me").await.status, 200);
    assert_eq!(me(&second).await.status, 200, "known by now");
    app.clock.advance(Duration::from_secs(60));
    assert_eq!(me(&garbage(6)).await.status, 401);
}

/// A01: whoever comes with something good for the first time takes nothing from the address.
#[tokio::test]
async fn good_credentials_cost_the_address_nothing() {
    let app = App::limited(&tight()).await;
    let body = json!({"email": "ada@example.org", "password": PASSWORD});
    app.program().post("/auth/register", body).await;
    for turn in 0..8 {
        let address = format!("192.0.2.{turn}");
        let body = json!({"email": format!("user{turn}@example.org"), "password": PASSWORD});
        let token = app.program_at(&address).post("/auth/register", body).await;
        let token = app.program().bearing(token.text("/access_token"));
        assert_eq!(token.get("/auth/me").await.status, 200);
    }
}
