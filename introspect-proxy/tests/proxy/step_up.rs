//! Routes that demand a strong or a recent login (RFC 9470).
//! The clock stands still unless a test moves it.

use crate::support::{NOW, World, eventually};
use introspect_proxy::config::parse;
use serde_json::json;
use std::time::Duration;

const ROUTES: &str = r#"
[[routes]]
name = "payments"
match = { path = "/payments/**" }
upstream = "echo"
require = { audience = "https://api", acr = ["urn:authz:acr:mfa", "urn:example:card"], max_age = "5m" }

[[routes]]
name = "profile"
match = { path = "/profile" }
upstream = "echo"
require = { audience = "https://api", max_age = "1h" }

[[routes]]
name = "vault"
match = { path = "/vault" }
upstream = "echo"
require = { audience = "https://api", acr = "urn:authz:acr:mfa" }

[[routes]]
name = "trial"
match = { path = "/trial" }
upstream = "echo"
require = { audience = "https://api", acr = "urn:authz:acr:mfa" }
observe = true
"#;

const BOTH: &str = "Bearer realm=\"https://api\", error=\"insufficient_user_authentication\", \
                    error_description=\"A stronger login is required\", \
                    acr_values=\"urn:authz:acr:mfa urn:example:card\", max_age=\"300\"";

/// O40: told by the token itself or by introspection, with the same answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_weak_login_is_challenged_with_everything_that_would_be_enough() {
    let world = World::with(ROUTES, "").await;
    let weak = json!({ "acr": "urn:authz:acr:password", "auth_time": NOW - 10 });
    for token in [world.authority.jwt(&weak), world.authority.opaque(&weak)] {
        let reply = world.get_with("/payments/1", &token).await;
        assert_eq!(
            (reply.status, reply.code()),
            (401, "insufficient_user_authentication")
        );
        assert_eq!(reply.header("www-authenticate"), Some(BOTH));
        assert_eq!(reply.body["acr_values"], "urn:authz:acr:mfa urn:example:card");
        assert_eq!(reply.body["max_age"], 300);
        assert_eq!(reply.header("content-type"), Some("application/problem+json"));
        assert_eq!(world.get_with("/profile", &token).await.status, 200);
    }
    assert_eq!(world.upstream.hits(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn any_of_the_classes_passes_and_a_token_without_a_login_does_not() {
    let world = World::with(ROUTES, "").await;
    for acr in ["urn:authz:acr:mfa", "urn:example:card"] {
        let token = world.authority.jwt(&json!({ "acr": acr, "auth_time": NOW }));
        assert_eq!(world.get_with("/payments/1", &token).await.status, 200, "{acr}");
    }
    let machine = world.authority.jwt(&json!({}));
    let timeless = world.authority.opaque(&json!({ "acr": "urn:authz:acr:mfa" }));
    for (path, token) in [
        ("/payments/1", &machine),
        ("/profile", &machine),
        ("/profile", &timeless),
    ] {
        assert_eq!(world.get_with(path, token).await.status, 401, "{path}");
    }
    assert_eq!(world.get_with("/vault", &timeless).await.status, 200);
}

/// A cached token is judged anew each time: its login grows old while it is remembered.
#[tokio::test(flavor = "multi_thread")]
async fn a_login_grows_too_old_while_the_token_is_cached() {
    let world = World::with(ROUTES, "").await;
    let login = json!({ "acr": "urn:authz:acr:mfa", "auth_time": NOW - 299 });
    let tokens = [world.authority.jwt(&login), world.authority.opaque(&login)];
    for token in &tokens {
        assert_eq!(world.get_with("/payments/1", token).await.status, 200);
    }
    world.clock.advance(Duration::from_secs(1));
    eventually(|| world.proxy.core().state().lease_fresh).await;
    for token in &tokens {
        assert_eq!(
            world.get_with("/payments/1", token).await.status,
            200,
            "as old as allowed"
        );
    }
    world.clock.advance(Duration::from_secs(1));
    eventually(|| world.proxy.core().state().lease_fresh).await;
    for token in &tokens {
        let reply = world.get_with("/payments/1", token).await;
        assert_eq!(reply.status, 401);
        let challenge = reply.header("www-authenticate").unwrap();
        assert!(
            challenge.contains("A more recent login is required"),
            "{challenge}"
        );
        assert!(challenge.ends_with("max_age=\"300\""), "{challenge}");
    }
    assert_eq!(world.authority.calls(), 1, "asked once, judged three times");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_observing_route_counts_a_weak_login_and_lets_it_pass() {
    let world = World::with(ROUTES, "").await;
    let weak = world.authority.jwt(&json!({ "acr": "urn:authz:acr:password" }));
    assert_eq!(world.get_with("/trial", &weak).await.status, 200);
    let bearer = format!("Bearer {weak}");
    let headers = [("authorization", bearer.as_str()), ("x-original-uri", "/trial")];
    let asked = world.send(1, "GET", "/check", &headers).await;
    assert_eq!((asked.status, asked.header("x-auth-subject")), (200, None));
    let url = format!("http://{}/metrics", world.proxy.admin);
    let metrics = world.http.get(url).send().await.unwrap().text().await.unwrap();
    let line = "proxy_requests_total{route=\"trial\",outcome=\"observed\"} 2";
    assert!(metrics.contains(line), "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn forward_auth_demands_what_the_route_or_the_query_demands() {
    let world = World::with(ROUTES, "").await;
    let weak = json!({ "acr": "urn:authz:acr:password", "auth_time": NOW - 61 });
    let bearer = format!("Bearer {}", world.authority.jwt(&weak));
    let authorization = ("authorization", bearer.as_str());
    let by_route = [authorization, ("x-original-uri", "/payments/1")];
    let reply = world.send(1, "GET", "/check", &by_route).await;
    assert_eq!(
        (reply.status, reply.header("www-authenticate")),
        (401, Some(BOTH))
    );
    let cases = [
        (
            "acr_values=urn%3Aauthz%3Aacr%3Amfa",
            401,
            ", acr_values=\"urn:authz:acr:mfa\"",
        ),
        ("max_age=60", 401, ", max_age=\"60\""),
        ("max_age=61&acr_values=gold+urn%3Aauthz%3Aacr%3Apassword", 200, ""),
        ("max_age=soon", 400, ""),
        ("acr_values=", 400, ""),
    ];
    for (query, status, end) in cases {
        let reply = world.get(&format!("/check?{query}"), &[authorization]).await;
        assert_eq!(reply.status, status, "{query}");
        let challenge = reply.header("www-authenticate").unwrap_or_default();
        assert!(challenge.ends_with(end), "{query}: {challenge}");
    }
}

#[test]
fn demands_that_cannot_be_meant_stop_the_proxy_at_the_start() {
    let many: Vec<_> = (0..17).map(|number| format!("\"c{number}\"")).collect();
    let many = format!("acr = [{}]", many.join(","));
    let cases = [
        ("acr = \"\"", "require.acr is not the name of a context class"),
        (
            "acr = \"two words\"",
            "require.acr is not the name of a context class",
        ),
        ("acr = []", "require.acr must name at least one"),
        ("acr = [\"a\", \"a\"]", "require.acr names a context class twice"),
        (&many, "require.acr names too many"),
        ("acr = 3", "a context class, or a list of them"),
        ("max_age = \"0s\"", "require.max_age must be whole seconds"),
        ("max_age = \"1500ms\"", "require.max_age must be whole seconds"),
        ("max_age = \"366d\"", "require.max_age must be at most 365d"),
        ("max_age = 300", "max_age"),
        (
            "anonymous = true, max_age = \"5m\"",
            "anonymous = true contradicts",
        ),
        ("anonymous = true, acr = \"gold\"", "anonymous = true contradicts"),
    ];
    for (demand, expected) in cases {
        let text = format!(
            "listeners = [{{ name = \"p\", listen = \"127.0.0.1:0\" }}]\n[authorization_server]\n\
             issuer = \"http://127.0.0.1:1\"\nclient_id = \"edge\"\nclient_secret = \"0123456789abcdef\"\n\
             [[routes]]\nname = \"a\"\nmatch = {{ path = \"/a\" }}\nrequire = {{ {demand} }}\n"
        );
        let said = parse(&text)
            .err()
            .map_or_else(String::new, |error| error.to_string());
        assert!(said.contains(expected), "{demand}: {said}");
    }
}
