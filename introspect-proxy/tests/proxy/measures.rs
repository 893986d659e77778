//! What the proxy shows of itself: figures on the admin listener, and one line for each request.
//! The clock stands still unless a test moves it.

use crate::support::{ROUTES, World, eventually};
use serde_json::json;
use std::time::Duration;

impl World {
    /// The value of one line of `/metrics`.
    async fn figure(&self, line: &str) -> Option<f64> {
        let (_, text) = self.admin("/metrics").await;
        let found = text
            .lines()
            .find_map(|one| one.strip_prefix(line)?.strip_prefix(' '));
        found.map(|value| value.parse().unwrap())
    }

    /// Waits until a line has this value: the end of a request is counted after its answer was sent.
    async fn reaches(&self, line: &str, value: f64) {
        let reached = async {
            while self.figure(line).await != Some(value) {
                tokio::task::yield_now().await;
            }
        };
        let limit = Duration::from_secs(20);
        assert!(
            tokio::time::timeout(limit, reached).await.is_ok(),
            "{line}: {:?}",
            self.figure(line).await
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_counted_by_route_and_reason_with_their_times() {
    let world = World::start().await;
    let token = world.authority.opaque(&json!({}));
    for _ in 0..3 {
        assert_eq!(world.get_with("/orders/1", &token).await.status, 200);
    }
    world.get("/orders/1", &[]).await;
    world.get_with("/admin/x", &token).await;
    world.get("/nowhere", &[]).await;
    for (line, value) in [
        ("proxy_requests_total{route=\"orders\",outcome=\"allowed\"}", 3.0),
        (
            "proxy_refusals_total{route=\"orders\",code=\"missing_credential\"}",
            1.0,
        ),
        (
            "proxy_refusals_total{route=\"admin\",code=\"insufficient_scope\"}",
            1.0,
        ),
        ("proxy_refusals_total{route=\"\",code=\"no_route\"}", 1.0),
        ("proxy_request_seconds_count{route=\"orders\"}", 4.0),
        ("proxy_upstream_seconds_count{route=\"orders\"}", 3.0),
        (
            "proxy_upstream_responses_total{route=\"orders\",class=\"2xx\"}",
            3.0,
        ),
        ("proxy_cache_hits_total", 3.0),
        ("proxy_cache_misses_total", 1.0),
        ("proxy_introspection_seconds_count", 1.0),
        ("proxy_revocation_lease_fresh", 1.0),
        ("proxy_revocation_lease_lapses_total", 0.0),
    ] {
        world.reaches(line, value).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_that_share_a_call_are_counted() {
    let world = World::with_server(ROUTES, "", "timeout = \"20s\"").await;
    let token = world.authority.opaque(&json!({}));
    let first = world.stalled("/orders/1", &token).await;
    let second = world.spawn("/orders/1", &token);
    world.reaches("proxy_introspections_coalesced_total", 1.0).await;
    world.authority.stall(false);
    assert_eq!(first.await.unwrap(), 200);
    assert_eq!(second.await.unwrap(), 200);
    world.reaches("proxy_introspections_total", 1.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lapse_of_the_lease_is_counted_and_its_age_told() {
    let world = World::start().await;
    world.authority.go_down(true);
    world.clock.advance(Duration::from_secs(6));
    world.reaches("proxy_revocation_lease_fresh", 0.0).await;
    world.reaches("proxy_revocation_lease_seconds", 0.0).await;
    assert!(world.figure("proxy_revocation_age_seconds").await.unwrap() >= 6.0);
    world.authority.go_down(false);
    eventually(|| world.proxy.core().state().lease_fresh).await;
    world.reaches("proxy_revocation_lease_lapses_total", 1.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_not_there_is_counted() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let upstream = format!("[[upstreams]]\nname = \"gone\"\naddresses = [\"{closed}\"]\nretries = 1\n");
    let routes = ROUTES.replacen("upstream = \"echo\"", "upstream = \"gone\"", 1);
    let world = World::with(&format!("{upstream}{routes}"), "").await;
    assert_eq!(world.get("/public", &[]).await.status, 502);
    world
        .reaches("proxy_upstream_connect_failures_total{route=\"public\"}", 2.0)
        .await;
    world
        .reaches(
            "proxy_refusals_total{route=\"public\",code=\"upstream_failed\"}",
            1.0,
        )
        .await;
}
