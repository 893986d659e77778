//! Tokens bound to a key: proofs at the edge (RFC 9449).
//! The clock stands still unless a test moves it.

use crate::support::{EITHER, KeyHolder as Edge, NO_NONCE, NOW, ROUTES, Reply};
use jose::{Algorithm, SigningKey};
use oauth::dpop::access_token_hash;
use serde_json::json;
use std::time::Duration;

const VAULT: &str = r#"
[[routes]]
name = "vault"
match = { path = "/vault" }
upstream = "echo"
require = { audience = "https://api", sender = "dpop" }
"#;

fn challenges(reply: &Reply) -> Vec<&str> {
    let lines = reply.headers.get_all("www-authenticate").iter();
    lines.map(|line| line.to_str().unwrap()).collect()
}

/// RFC 9449 §7.1: another token would do, and a proof would.
fn asked_for(lacking: &str) -> [String; 2] {
    let error =
        format!("error=\"invalid_token\", error_description=\"the token is bound to a key, {lacking}\"");
    [
        format!("Bearer realm=\"https://api\", {error}"),
        format!("DPoP realm=\"https://api\", algs=\"ES256 EdDSA PS256 RS256\", {error}"),
    ]
}

/// O25
#[tokio::test(flavor = "multi_thread")]
async fn a_bound_token_passes_with_its_proof_and_never_as_bearer() {
    let edge = Edge::with(ROUTES, NO_NONCE).await;
    for token in [edge.token(), edge.opaque()] {
        let reply = edge.order(&token, &edge.proof(&token, &json!({}))).await;
        assert_eq!(reply.status, 200, "{:?}", reply.body);
        assert!(reply.seen("dpop").is_empty() && reply.seen("authorization").is_empty());
        let reply = edge.get("/orders/1", "Bearer", &token, &[]).await;
        assert_eq!((reply.status, reply.code()), (401, "invalid_token"));
        assert_eq!(challenges(&reply), asked_for("and no proof came with it"));
        let proof = edge.proof(&token, &json!({}));
        let reply = edge.get("/orders/1", "Bearer", &token, &[&proof]).await;
        assert_eq!(
            reply.status, 401,
            "a proof beside the scheme Bearer counts for nothing"
        );
        assert_eq!(edge.get("/orders/1", "DPoP", &token, &[]).await.status, 401);
    }
    assert_eq!(edge.world.upstream.hits(), 2);
}

/// O25
#[tokio::test(flavor = "multi_thread")]
async fn an_unbound_token_with_the_scheme_dpop_is_refused() {
    let edge = Edge::with(ROUTES, NO_NONCE).await;
    let token = edge.world.authority.jwt(&json!({}));
    assert_eq!(edge.world.get_with("/orders/1", &token).await.status, 200);
    let reply = edge.order(&token, &edge.proof(&token, &json!({}))).await;
    assert_eq!((reply.status, reply.code()), (401, "invalid_token"));
}

/// O25
#[tokio::test(flavor = "multi_thread")]
async fn a_proof_for_anything_else_is_refused() {
    let edge = Edge::with(ROUTES, NO_NONCE).await;
    let token = edge.token();
    for change in [
        json!({"htm": "POST"}),
        json!({"htu": edge.url("/orders/2")}),
        json!({"htu": "https://other.example/orders/1"}),
        json!({"ath": access_token_hash("other")}),
        json!({"iat": NOW - 61}),
        json!({"iat": NOW + 61}),
        json!({"jti": 5}),
    ] {
        let reply = match edge.key.prove("dpop+jwt", &change) {
            Ok(_) if change["jti"] != 5 => edge.order(&token, &edge.proof(&token, &change)).await,
            _ => edge.order(&token, "ey.ey.ey").await,
        };
        assert_eq!(
            (reply.status, reply.code()),
            (401, "invalid_dpop_proof"),
            "{change}"
        );
    }
    for iat in [NOW - 60, NOW + 10] {
        let proof = edge.proof(&token, &json!({"iat": iat}));
        assert_eq!(edge.order(&token, &proof).await.status, 200, "{iat}");
    }
    let other = SigningKey::generate(Algorithm::Es256).unwrap();
    let claims = json!({"jti": "x", "htm": "GET", "htu": edge.url("/orders/1"), "iat": NOW,
        "ath": access_token_hash(&token)});
    let reply = edge
        .order(&token, &other.prove("dpop+jwt", &claims).unwrap())
        .await;
    assert_eq!((reply.status, reply.code()), (401, "invalid_token"));
    let two = [edge.proof(&token, &json!({})), edge.proof(&token, &json!({}))];
    let reply = edge.get("/orders/1", "DPoP", &token, &[&two[0], &two[1]]).await;
    assert_eq!((reply.status, reply.code()), (401, "invalid_dpop_proof"));
}

/// O25
#[tokio::test(flavor = "multi_thread")]
async fn a_proof_works_once_and_a_query_is_no_part_of_it() {
    let edge = Edge::with(ROUTES, NO_NONCE).await;
    let token = edge.opaque();
    let proof = edge.proof(&token, &json!({}));
    let first = edge.get("/orders/1?page=2", "DPoP", &token, &[&proof]).await;
    assert_eq!(first.status, 200);
    for _ in 0..2 {
        let again = edge.order(&token, &proof).await;
        assert_eq!((again.status, again.code()), (401, "invalid_dpop_proof"));
        edge.world.clock.advance(Duration::from_secs(30));
    }
}

/// O25: what one proxy took, another does not know; its nonces are its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_proof_is_good_at_one_proxy_only() {
    let (one, two) = (Edge::with(ROUTES, "").await, Edge::with(ROUTES, "").await);
    let token = one.token();
    let asked = one.order(&token, &one.proof(&token, &json!({}))).await;
    assert_eq!((asked.status, asked.code()), (401, "use_dpop_nonce"));
    assert!(challenges(&asked)[0].contains("error=\"use_dpop_nonce\""));
    let nonce = asked.header("dpop-nonce").unwrap();
    let proof = one.proof(&token, &json!({"nonce": nonce}));
    assert_eq!(one.order(&token, &proof).await.status, 200);
    // The same proof, as if it had been made for the other address.
    let bound = json!({"cnf": {"jkt": one.key.kid()}});
    let token = two.world.authority.jwt(&bound);
    let proof = one.proof(&token, &json!({"nonce": nonce, "htu": two.url("/orders/1")}));
    let reply = two.order(&token, &proof).await;
    assert_eq!((reply.status, reply.code()), (401, "use_dpop_nonce"));
    assert_ne!(reply.header("dpop-nonce"), Some(nonce));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nonce_ends_and_the_next_one_is_told() {
    let edge = Edge::with(ROUTES, "").await;
    let token = edge.opaque();
    let asked = edge.order(&token, &edge.proof(&token, &json!({}))).await;
    let nonce = asked.header("dpop-nonce").unwrap().to_owned();
    edge.world.clock.advance(Duration::from_secs(121));
    let stale = edge
        .order(&token, &edge.proof(&token, &json!({"nonce": nonce})))
        .await;
    assert_eq!((stale.status, stale.code()), (401, "use_dpop_nonce"));
    let nonce = stale.header("dpop-nonce").unwrap().to_owned();
    let proof = edge.proof(&token, &json!({"nonce": nonce}));
    assert_eq!(edge.order(&token, &proof).await.status, 200);
}

/// Fails closed: a proof that cannot be remembered is not taken.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_memory_of_proofs_is_503() {
    let edge = Edge::with(ROUTES, "[dpop]\ndemand_nonce = false\nmax_proofs = 16\n").await;
    let token = edge.token();
    let mut statuses = Vec::new();
    for _ in 0..64 {
        statuses.push(edge.order(&token, &edge.proof(&token, &json!({}))).await.status);
    }
    let taken = statuses.iter().filter(|status| **status == 200).count();
    let refused = statuses.iter().filter(|status| **status == 503).count();
    assert!((1..=16).contains(&taken) && taken + refused == 64, "{statuses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_route_may_demand_bound_tokens() {
    let edge = Edge::with(&format!("{VAULT}{EITHER}"), NO_NONCE).await;
    let unbound = edge.world.authority.jwt(&json!({}));
    for path in ["/vault", "/either"] {
        let reply = edge.world.get_with(path, &unbound).await;
        assert_eq!((reply.status, reply.code()), (401, "invalid_token"), "{path}");
        let token = edge.token();
        let proof = edge.proof(&token, &json!({"htu": edge.url(path)}));
        assert_eq!(
            edge.get(path, "DPoP", &token, &[&proof]).await.status,
            200,
            "{path}"
        );
        // A token that is bound to nothing is no way in here, and none is offered.
        let reply = edge.get(path, "Bearer", &token, &[]).await;
        let said = challenges(&reply);
        assert_eq!(said.last().unwrap(), &asked_for("and no proof came with it")[1]);
        assert_eq!(said.len(), if path == "/vault" { 1 } else { 2 }, "{said:?}");
    }
    let bare = edge.world.get("/vault", &[]).await;
    assert_eq!(
        challenges(&bare),
        ["DPoP realm=\"https://api\", algs=\"ES256 EdDSA PS256 RS256\""]
    );
    let bare = edge.world.get("/either", &[]).await;
    assert_eq!(challenges(&bare).len(), 2, "{:?}", challenges(&bare));
}

/// O25: behind a trusted peer the client knows the peer's URL.
#[tokio::test(flavor = "multi_thread")]
async fn the_url_is_the_one_of_the_client() {
    let edge = Edge::with(ROUTES, NO_NONCE).await;
    let token = edge.token();
    let credential = format!("DPoP {token}");
    let public = json!({"htu": "https://api.example/orders/1"});
    for (listener, expected) in [(1, 200), (0, 401)] {
        let proof = edge.proof(&token, &public);
        let headers = [
            ("authorization", credential.as_str()),
            ("dpop", &proof),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "api.example"),
        ];
        let reply = edge.world.send(listener, "GET", "/orders/1", &headers).await;
        assert_eq!(reply.status, expected, "listener {listener}");
    }
    let proof = edge.proof(&token, &json!({"htu": "https://api.example/orders/7"}));
    let headers = [
        ("authorization", credential.as_str()),
        ("dpop", &proof),
        ("x-original-url", "https://api.example/orders/7?x=1"),
        ("x-original-method", "GET"),
    ];
    assert_eq!(edge.world.send(1, "GET", "/check", &headers).await.status, 200);
    assert_eq!(edge.world.send(1, "GET", "/check", &headers).await.status, 401);
}

/// RFC 7800 §3.1: what is not understood is not taken for unbound.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_bound_in_an_unknown_way_is_refused() {
    let edge = Edge::with(ROUTES, NO_NONCE).await;
    for cnf in [
        json!({}),
        json!({"jwk": {}}),
        json!({"kid": "a"}),
        json!("x"),
        json!({"jkt": "short"}),
    ] {
        let bound = json!({"cnf": cnf});
        let token = edge.world.authority.jwt(&bound);
        assert_eq!(
            edge.world.get_with("/orders/1", &token).await.status,
            401,
            "{cnf}"
        );
        let token = edge.world.authority.opaque(&bound);
        assert_ne!(
            edge.world.get_with("/orders/1", &token).await.status,
            200,
            "{cnf}"
        );
    }
}
