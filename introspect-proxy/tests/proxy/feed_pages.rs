//! A feed with more events than one answer holds.
//! Nothing is skipped between two pages, and none but the last renews the lease.

use crate::support::{NOW, World, eventually};
use serde_json::json;

const EVENTS: usize = 25_000;

/// C04
#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_is_far_behind_reads_page_after_page() {
    let world = World::start().await;
    world.authority.page(10_000);
    let token = |number: usize| world.authority.jwt(&json!({ "jti": format!("tok_{number}") }));
    // The first, the last of a page, the first of the next one, the very last; and one that nobody ended.
    let ended = [0, 9_999, 10_000, 20_000, EVENTS - 1].map(token);
    let spared = token(EVENTS);
    for token in ended.iter().chain([&spared]) {
        assert_eq!(world.get_with("/orders/1", token).await.status, 200);
    }
    let polls = world.authority.polls();
    world
        .authority
        .announce_many((0..EVENTS).map(|number| ("token", format!("tok_{number}"))));
    world.caught_up().await;
    for token in &ended {
        assert_eq!(world.get_with("/orders/1", token).await.status, 401);
    }
    assert_eq!(world.get_with("/orders/1", &spared).await.status, 200);
    // The first page answers the poll that was on its way.
    assert!(world.authority.polls() >= polls + 2, "three pages");
    eventually(|| world.proxy.core().state().lease_fresh).await;
    assert!(world.clock.unix_seconds() >= NOW);
}
