//! Several servers on one PostgreSQL: each hears at once of what another has ended.

use std::time::Duration;

use storage::Database;
use testkit::database::TestDatabase;

use crate::shop::Shop;
use crate::world::World;

/// Longer than any test runs: whoever waits so long is woken by news or not at all.
const FOR_EVER: Duration = Duration::from_secs(24 * 60 * 60);
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_reader_waiting_at_one_replica_is_woken_by_a_revocation_at_another() {
    let place = TestDatabase::postgres().await;
    let shop = Shop::open(place.database().clone()).await;
    let other = World::new(Database::connect(place.config()).await.unwrap());
    let follower = other.authority.clone();
    let following = tokio::spawn(async move { follower.follow_log().await });
    let mut position = 0;
    // The first round may be answered by the look that comes with listening; those after it by being told.
    for round in 0..4 {
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
        let page = woken.expect("the other replica hears of it").unwrap().unwrap();
        assert_eq!(page.events.len(), 1, "round {round}");
        position = page.head;
    }
    following.abort();
}
