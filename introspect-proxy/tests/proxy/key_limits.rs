//! A key's own rate limit, as introspection tells it.
//! Time stands still.

use crate::support::World;
use serde_json::json;

const ROUTES: &str = r#"
[[routes]]
name = "limited"
match = { path = "/limited" }
upstream = "echo"
require = { audience = "https://api" }
rate_limit = [{ per = "address", limit = "100/min" }]

[[routes]]
name = "free"
match = { path = "/free" }
upstream = "echo"
require = { audience = "https://api" }
"#;

/// A01
#[tokio::test(flavor = "multi_thread")]
async fn a_keys_own_limit_holds_on_every_route_and_at_check() {
    let world = World::with(ROUTES, "").await;
    let key = world
        .authority
        .opaque(&json!({ "jti": "key_1", "key_id": "key_1", "rate_limit": 3 }));
    let first = world.get_with("/limited", &key).await;
    assert_eq!(first.status, 200);
    assert_eq!(
        first.header("x-ratelimit-limit"),
        Some("3"),
        "the nearest one is told"
    );
    assert_eq!(
        first.header("ratelimit-policy"),
        Some("\"address\";q=100;w=60, \"key\";q=3;w=60")
    );
    let free = world.get_with("/free", &key).await;
    assert_eq!(
        (free.status, free.header("x-ratelimit-remaining")),
        (200, Some("1"))
    );
    let asked = world.get_with("/check?audience=https%3A%2F%2Fapi", &key).await;
    assert_eq!(
        (asked.status, asked.header("x-ratelimit-remaining")),
        (200, Some("0"))
    );
    for path in ["/limited", "/free", "/check"] {
        let refused = world.get_with(path, &key).await;
        assert_eq!((refused.status, refused.code()), (429, "rate_limited"), "{path}");
        let wait: i64 = refused.header("retry-after").unwrap().parse().unwrap();
        let reset: i64 = refused.header("x-ratelimit-reset").unwrap().parse().unwrap();
        assert_eq!(reset, crate::support::NOW + wait, "both families agree");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_key_refuses_costs_the_route_nothing() {
    let world = World::with(ROUTES, "").await;
    let members = |id: &str, limit: u32| json!({ "jti": id, "key_id": id, "rate_limit": limit });
    let spent = world.authority.opaque(&members("key_1", 1));
    for expected in [200, 429, 429, 429] {
        assert_eq!(world.get_with("/limited", &spent).await.status, expected);
    }
    let other = world.authority.opaque(&members("key_2", 1000));
    let reply = world.get_with("/limited", &other).await;
    assert_eq!(reply.header("x-ratelimit-remaining"), Some("98"));
}
