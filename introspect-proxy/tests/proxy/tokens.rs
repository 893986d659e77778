//! Tokens at the proxy: who passes, who does not, and how often the authorization server is asked.
//! Every wait is for a condition.

use crate::support::{NOW, ROUTES, World, eventually};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_jwt_passes_without_asking_and_the_upstream_learns_who_calls() {
    let world = World::start().await;
    let token = world
        .authority
        .jwt(&json!({ "sid": "ses_1", "account_id": "123456789012" }));
    let reply = world.get_with("/orders/1?x=%61", &token).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.body["uri"], "/orders/1?x=%61");
    assert_eq!(reply.seen("x-auth-subject"), ["usr_alice"]);
    assert_eq!(reply.seen("x-auth-client"), ["shop"]);
    assert_eq!(reply.seen("x-auth-scopes"), ["orders:read"]);
    assert_eq!(reply.seen("x-auth-session"), ["ses_1"]);
    assert_eq!(reply.seen("x-auth-account"), ["123456789012"]);
    assert!(
        reply.seen("authorization").is_empty(),
        "the credential stays here"
    );
    assert_eq!(world.authority.calls(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opaque_token_is_asked_about_once() {
    let world = World::start().await;
    let token = world.authority.opaque(&json!({}));
    for _ in 0..3 {
        assert_eq!(world.get_with("/orders/1", &token).await.status, 200);
    }
    assert_eq!(world.get("/orders/1", &[("x-api-key", &token)]).await.status, 200);
    assert_eq!(world.authority.calls(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_credential_is_challenged_without_an_error() {
    let world = World::start().await;
    let reply = world.get("/orders/1", &[]).await;
    assert_eq!((reply.status, reply.code()), (401, "missing_credential"));
    let challenge = reply.header("www-authenticate").unwrap();
    assert_eq!(challenge, "Bearer realm=\"https://api\", scope=\"orders:read\"");
    assert_eq!(reply.header("content-type"), Some("application/problem+json"));
    assert_eq!(reply.header("x-request-id"), reply.body["request_id"].as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_scope_is_named() {
    let world = World::start().await;
    let reply = world
        .get_with("/admin/users", &world.authority.jwt(&json!({})))
        .await;
    assert_eq!((reply.status, reply.code()), (403, "insufficient_scope"));
    assert_eq!(reply.body["missing_scope"], "admin");
    assert!(
        reply
            .header("www-authenticate")
            .unwrap()
            .contains("error=\"insufficient_scope\"")
    );
    assert_eq!(world.upstream.hits(), 0);
}

/// C01, C11, O24
#[tokio::test(flavor = "multi_thread")]
async fn another_audience_issuer_or_kind_is_refused_though_active() {
    let world = World::start().await;
    let other = world.authority.jwt(&json!({ "aud": "https://other" }));
    let refused = world.get_with("/orders/1", &other).await;
    assert_eq!((refused.status, refused.code()), (403, "wrong_audience"));
    let challenge = refused.header("www-authenticate").unwrap();
    assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
    let other = world.authority.opaque(&json!({ "aud": "https://other" }));
    assert_eq!(world.get_with("/orders/1", &other).await.status, 403);
    let foreign = world.authority.opaque(&json!({ "iss": "https://evil" }));
    assert_eq!(world.get_with("/orders/1", &foreign).await.status, 401);
    let foreign = world.authority.jwt(&json!({ "iss": "https://evil" }));
    assert_eq!(world.get_with("/orders/1", &foreign).await.status, 401);
    let id_token = world.authority.signed("JWT", &json!({}));
    assert_eq!(world.get_with("/orders/1", &id_token).await.status, 401);
    assert_eq!(world.upstream.hits(), 0);
}

/// C03
#[tokio::test(flavor = "multi_thread")]
async fn a_cached_token_is_not_served_after_its_expiry() {
    let world = World::start().await;
    let opaque = world.authority.opaque(&json!({ "exp": NOW + 10 }));
    let jwt = world.authority.jwt(&json!({ "exp": NOW + 10 }));
    for token in [&opaque, &jwt] {
        assert_eq!(world.get_with("/orders/1", token).await.status, 200);
    }
    world.clock.advance(std::time::Duration::from_secs(9));
    eventually(|| world.proxy.core().state().lease_fresh).await;
    for token in [&opaque, &jwt] {
        assert_eq!(world.get_with("/orders/1", token).await.status, 200);
    }
    world.clock.advance(std::time::Duration::from_secs(1));
    for token in [&opaque, &jwt] {
        let reply = world.get_with("/orders/1", token).await;
        assert_eq!((reply.status, reply.code()), (401, "invalid_token"));
    }
}

/// C07
#[tokio::test(flavor = "multi_thread")]
async fn a_stampede_makes_one_call_also_when_the_first_caller_leaves() {
    // Long enough that the first call outlives the crowd's arrival on a busy machine.
    let world = World::with_server(ROUTES, "", "timeout = \"20s\"").await;
    let token = world.authority.opaque(&json!({}));
    let leader = world.stalled("/orders/1", &token).await;
    leader.abort();
    let crowd: Vec<_> = (0..200).map(|_| world.spawn("/orders/1", &token)).collect();
    world.authority.stall(false);
    for caller in crowd {
        assert_eq!(caller.await.unwrap(), 200);
    }
    assert_eq!(world.authority.calls(), 1);
}

/// C09
#[tokio::test(flavor = "multi_thread")]
async fn mistyped_tokens_and_other_kinds_never_leave_the_proxy() {
    let world = World::start().await;
    let good = world.authority.opaque(&json!({}));
    let mistyped = format!("{}{}", &good[..54], if good.ends_with('0') { '1' } else { '0' });
    let secret = oauth::opaque::encode(oauth::opaque::OpaqueKind::ClientSecret, &[9; 32]);
    for token in [mistyped.as_str(), secret.as_str(), "az_at_short"] {
        assert_eq!(world.get_with("/orders/1", token).await.status, 401);
    }
    assert_eq!(world.authority.calls(), 0);
}

/// C06
#[tokio::test(flavor = "multi_thread")]
async fn inactive_answers_are_remembered_briefly_and_apart() {
    let world = World::start().await;
    let honest = world.authority.opaque(&json!({}));
    assert_eq!(world.get_with("/orders/1", &honest).await.status, 200);
    for number in 0..50 {
        assert_eq!(
            world
                .get_with("/orders/1", &format!("unknown-{number}"))
                .await
                .status,
            401
        );
    }
    assert_eq!(world.get_with("/orders/1", "unknown-0").await.status, 401);
    assert_eq!(world.get_with("/orders/1", &honest).await.status, 200);
    assert_eq!(world.authority.calls(), 51);
    world.clock.advance(std::time::Duration::from_secs(4));
    assert_eq!(world.get_with("/orders/1", "unknown-0").await.status, 401);
    assert_eq!(world.authority.calls(), 52);
}

/// C08
#[tokio::test(flavor = "multi_thread")]
async fn a_failing_server_is_503_and_is_not_remembered() {
    let world = World::start().await;
    let token = world.authority.opaque(&json!({}));
    let unknown = world.authority.opaque(&json!({}));
    assert_eq!(world.get_with("/orders/1", &token).await.status, 200);
    world.authority.go_down(true);
    let reply = world.get_with("/orders/1", &unknown).await;
    assert_eq!((reply.status, reply.code()), (503, "temporarily_unavailable"));
    assert_eq!(reply.header("retry-after"), Some("1"));
    assert_eq!(
        world.get_with("/orders/1", &token).await.status,
        200,
        "the lease still runs"
    );
    world.authority.go_down(false);
    assert_eq!(world.get_with("/orders/1", &unknown).await.status, 200);
}

/// O22
#[tokio::test(flavor = "multi_thread")]
async fn unknown_keys_are_looked_for_at_most_once_in_a_while() {
    let world = World::start().await;
    let stranger = jose::SigningKey::generate(jose::Algorithm::Es256).unwrap();
    let claims =
        json!({ "iss": world.authority.issuer, "sub": "usr_x", "aud": "https://api", "exp": NOW + 60 });
    let forged = stranger.sign("at+jwt", &claims).unwrap();
    world.clock.advance(std::time::Duration::from_secs(3));
    for _ in 0..5 {
        assert_eq!(world.get_with("/orders/1", &forged).await.status, 401);
    }
    assert!(world.authority.key_fetches() <= 2, "the first fetch and one more");
    assert_eq!(world.upstream.hits(), 0);
}

/// Scopes with dots and colons, several audiences: as the first-party tokens have them.
fn scopes(count: usize) -> String {
    let own = |number| format!("compute.usr_{number:026}.containers:read");
    let all: Vec<_> = std::iter::once("orders:read".to_owned())
        .chain((0..count).map(own))
        .collect();
    all.join(" ")
}

/// X06, X16: a service is told all scopes or is not called; never some of them.
#[tokio::test(flavor = "multi_thread")]
async fn many_scopes_are_told_whole_or_the_request_is_refused() {
    let routes = "[[routes]]\nname = \"told\"\nmatch = { path = \"/told\" }\nupstream = \"echo\"\n\
                  require = { audience = \"https://api\", scopes = [\"orders:read\"] }\n\
                  [[routes]]\nname = \"untold\"\nmatch = { path = \"/untold\" }\nupstream = \"echo\"\n\
                  require = { audience = \"https://api\", scopes = [\"orders:read\"] }\nidentity = \"none\"\n";
    let world = World::with(routes, "").await;
    let with = |count| json!({ "scope": scopes(count), "aud": ["https://api", "https://other", "urn:x"] });
    let (fits, large) = (with(70), with(200));
    for token in [world.authority.jwt(&fits), world.authority.opaque(&fits)] {
        let reply = world.get_with("/told", &token).await;
        assert_eq!(reply.status, 200);
        let told = reply.seen("x-auth-scopes");
        assert_eq!(told[0].split(' ').count(), 71);
    }
    for token in [world.authority.jwt(&large), world.authority.opaque(&large)] {
        let reply = world.get_with("/told", &token).await;
        assert_eq!((reply.status, reply.code()), (431, "identity_too_large"));
        assert_eq!(
            world.get_with("/untold", &token).await.status,
            200,
            "nobody is told"
        );
        assert_eq!(
            world.get_with("/check?scope=orders%3Aread", &token).await.status,
            431
        );
    }
    assert_eq!(world.upstream.hits(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_with_more_scopes_than_are_read_never_passes() {
    let world = World::start().await;
    let most = json!({ "scope": scopes(330) });
    let jwt = world.authority.jwt(&most);
    assert_eq!(
        world.get_with("/orders/1", &jwt).await.status,
        400,
        "longer than any token"
    );
    let opaque = world.authority.opaque(&most);
    assert_eq!(
        world.get_with("/orders/1", &opaque).await.status,
        503,
        "not an answer"
    );
    assert_eq!(world.upstream.hits(), 0);
}
