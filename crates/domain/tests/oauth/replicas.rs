//! Several servers on one PostgreSQL: each hears at once of what another has ended.

use std::time::Duration;

use storage::Database;
use testkit::database::TestDatabase;

use crate::shop::Shop;
use crate::world::World;

/// Longer than any test runs: whoever waits so long is woken by news or not at all.
const FOR_EVER: Duration = Duration::from_secs(24 * 60 * 60);
const PATIENCE: Duration = Duration::from_secs(30);

/// A reader waits at one replica while another revokes a token; where the reader stands then.
async fn is_woken(shop: &Shop, other: &World, position: u64) -> u64 {
    let tokens = shop.tokens(&shop.shop, "").await;
    let reader = other.authority.clone();
    let waiting = tokio::spawn(async move { reader.revocations_within(position, FOR_EVER).await });
    let ctx = shop.world.ctx();
    let token = tokens.access_token.expose();
    shop.authority()
        .revoke_token(&ctx, &shop.shop, token)
        .await
        .unwrap();
    let woken = tokio::time::timeout(PATIENCE, waiting).await;
    let page = woken.unwrap().unwrap().unwrap();
    assert_eq!(page.events.len(), 1, "after {position}");
    page.head
}

#[tokio::test]
async fn a_reader_waiting_at_one_replica_is_woken_by_a_revocation_at_another() {
    let place = TestDatabase::postgres().await;
    let shop = Shop::open(place.database().clone()).await;
    let other = World::new(Database::connect(place.config()).await.unwrap());
    let follower = other.authority.clone();
    let following = tokio::spawn(async move { follower.follow_log().await });
    let mut position = 0;
    // The first round may be answered by the look that comes with listening; those after it by being told.
    for _ in 0..4 {
        position = is_woken(&shop, &other, position).await;
    }
    following.abort();
}

/// The database ends the connection that listens, as in a failover: what it would have told is found, and it is made anew.
#[tokio::test]
async fn a_lost_listening_connection_costs_no_news_and_comes_back() {
    let place = TestDatabase::postgres().await;
    let shop = Shop::open(place.database().clone()).await;
    let other = World::new(Database::connect(place.config()).await.unwrap());
    let follower = other.authority.clone();
    let following = tokio::spawn(async move { follower.follow_log().await });
    let mut position = is_woken(&shop, &other, 0).await;
    for _ in 0..2 {
        assert_eq!(place.end_listeners().await, 1);
        for _ in 0..3 {
            position = is_woken(&shop, &other, position).await;
        }
        assert_eq!(place.listeners().await, 1, "it listens again");
    }
    following.abort();
}

/// Without any wake-up: whoever asks about a token hears of what other replicas ended, and so does the look ten times a second.
#[tokio::test]
async fn a_replica_that_hears_nothing_finds_revocations_by_looking() {
    let place = TestDatabase::postgres().await;
    let shop = Shop::open(place.database().clone()).await;
    let other = World::new(Database::connect(place.config()).await.unwrap());
    let looking = other.authority.clone();
    let looks = tokio::spawn(async move {
        loop {
            looking.catch_up().await.unwrap();
            tokio::task::yield_now().await;
        }
    });
    let mut position = 0;
    for _ in 0..3 {
        position = is_woken(&shop, &other, position).await;
    }
    assert_eq!(place.listeners().await, 0);
    looks.abort();
}
