//! API keys at the proxy: forged ones cost the server nothing, and what is known of genuine ones follows their owner.

use crate::support::{NOW, World};
use serde_json::json;
use std::sync::Arc;

/// 64 bytes in base64url, as an ES256 signature has.
fn signature(attempt: usize) -> String {
    format!("{attempt:085}A")
}

/// K02: ten thousand keys with a wrong checksum or signature, by twenty at once: not one call.
#[tokio::test(flavor = "multi_thread")]
async fn forged_keys_are_refused_without_a_call() {
    let world = Arc::new(World::start().await);
    let genuine = world.authority.signed_key("tok_k", &json!({}));
    let claims = genuine.rsplit_once('.').unwrap().0.to_owned();
    let random = oauth::api_key::KeyPrefix::parse("ch_live_")
        .unwrap()
        .encode(&[7; 32]);
    let callers = (0..20).map(|caller| {
        let (world, claims) = (Arc::clone(&world), claims.clone());
        let beginning = random[..random.len() - 12].to_owned();
        tokio::spawn(async move {
            for attempt in (caller * 500..).take(250) {
                let mistyped = format!("{beginning}{attempt:012}");
                let forged = format!("{claims}.{}", signature(attempt));
                for key in [mistyped, forged] {
                    assert_eq!(world.get("/orders/1", &[("x-api-key", &key)]).await.status, 401);
                }
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.unwrap();
    }
    assert_eq!((world.authority.calls(), world.upstream.hits()), (0, 0));
    assert_eq!(world.get_with("/orders/1", &genuine).await.status, 200);
    assert_eq!(world.authority.calls(), 1);
}

/// K02: signed by us, but no key; or a key of somebody else's, or one that has ended.
#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_signed_as_a_key_is_asked_about() {
    let world = World::start().await;
    let signed = |claims| format!("ecloud_{}", world.authority.jwt(&claims));
    let stranger = jose::SigningKey::generate(jose::Algorithm::Es256).unwrap();
    let claims = json!({ "iss": world.authority.issuer, "sub": "usr_x", "jti": "tok_x", "key_id": "tok_x" });
    let typed = world
        .authority
        .signed("JWT", &json!({ "jti": "tok_k", "key_id": "tok_k" }));
    for key in [
        signed(json!({ "jti": "tok_k" })),
        signed(json!({ "jti": "tok_k", "key_id": "tok_other" })),
        signed(json!({ "jti": "tok_k", "key_id": "tok_k", "iss": "https://else.example" })),
        signed(json!({ "jti": "tok_k", "key_id": "tok_k", "exp": NOW - 60 })),
        format!("ecloud_{typed}"),
        format!("ecloud_{}", stranger.sign("at+jwt", &claims).unwrap()),
    ] {
        let reply = world.get_with("/orders/1", &key).await;
        assert_eq!((reply.status, reply.code()), (401, "invalid_token"), "{key}");
    }
    assert_eq!(world.authority.calls(), 0);
    let live = world.authority.signed_key("tok_k", &json!({}));
    assert_eq!(world.get_with("/orders/1", &live).await.status, 200);
}

/// A word about the owner does not end a key: what it may do now is asked, once, and counts at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_lives_on_with_what_its_owner_may_do_now() {
    let world = World::start().await;
    let key = world.authority.signed_key("tok_k", &json!({}));
    let members = |scope| json!({ "jti": "tok_k", "key_id": "tok_k", "scope": scope });
    assert_eq!(world.get_with("/orders/1", &key).await.status, 200);
    for (round, (scope, status)) in [("other:read", 403), ("orders:read", 200)]
        .into_iter()
        .enumerate()
    {
        world.authority.answer(&key, &members(scope));
        world.authority.announce("subject", "usr_alice");
        world.caught_up().await;
        for _ in 0..3 {
            assert_eq!(world.get_with("/orders/1", &key).await.status, status, "{scope}");
        }
        assert_eq!(world.authority.calls(), round + 2);
    }
    world.authority.revoke("key", "tok_k");
    world.caught_up().await;
    assert_eq!(world.get_with("/orders/1", &key).await.status, 401);
}

/// C04: an answer from before that word is not kept, and the question is put again.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_about_a_key_that_is_overtaken_is_asked_for_again() {
    let world = World::start().await;
    let key = world.authority.signed_key("tok_k", &json!({}));
    let slow = world.stalled("/orders/1", &key).await;
    world.authority.announce("key", "tok_k");
    world.caught_up().await;
    world.authority.stall(false);
    assert_eq!(slow.await.unwrap(), 200);
    assert_eq!(world.authority.calls(), 2);
}
