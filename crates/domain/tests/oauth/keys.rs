//! Signing keys over time.

use domain::keys::RotationStart;
use domain::sealing::{MasterKey, MasterKeys};
use jose::Algorithm;
use testkit::database::for_each_database;

use crate::shop::Shop;
use crate::world::World;

fn kids(shop: &Shop) -> Vec<String> {
    shop.authority()
        .keys
        .snapshot()
        .verifiers()
        .kids()
        .map(str::to_owned)
        .collect()
}

fn signer(shop: &Shop) -> String {
    shop.authority()
        .keys
        .snapshot()
        .signer(Algorithm::Es256)
        .unwrap()
        .kid()
        .to_owned()
}

async fn keep(shop: &Shop) {
    shop.authority().keep_keys(&shop.world.ctx()).await.unwrap();
}

/// R9
#[tokio::test]
async fn keys_are_published_ahead_take_over_and_go_when_nothing_they_signed_lives() {
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        let first = signer(&shop);
        assert_eq!(kids(&shop).len(), 4);
        shop.world.advance(29 * 86_400);
        keep(&shop).await;
        assert_eq!(
            (kids(&shop).len(), signer(&shop)),
            (8, first.clone()),
            "published, not yet signing"
        );
        shop.world.advance(86_400);
        keep(&shop).await;
        assert_ne!(signer(&shop), first);
        assert!(kids(&shop).contains(&first), "what it signed still verifies");
        shop.world.advance(12 * 3600 + 61);
        keep(&shop).await;
        assert!(!kids(&shop).contains(&first));
    })
    .await;
}

/// R9
#[tokio::test]
async fn tokens_live_through_a_rotation_by_hand() {
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        let token = shop.tokens(&shop.shop, "").await.access_token;
        let first = signer(&shop);
        let ctx = shop.world.ctx();
        shop.authority()
            .rotate_keys(&ctx, &Algorithm::ALL, RotationStart::Now)
            .await
            .unwrap();
        assert_ne!(signer(&shop), first);
        assert!(shop.is_active(&shop.shop, &token).await);
        let next = shop.tokens(&shop.shop, "").await.access_token;
        assert!(shop.is_active(&shop.shop, &next).await);
    })
    .await;
}

/// Master keys are an ordered list: the first seals, and an old one can be taken away once the server has run with both.
#[tokio::test]
async fn signing_keys_survive_the_rotation_of_the_master_key() {
    for_each_database(async |database| {
        let line = |id: &str, byte: u8| MasterKey::from_bytes(id, [byte; 32]).unwrap().to_line();
        let (old, new) = (line("old", 1), line("new", 2));
        let signed_by = async |lines: &str| {
            let keys = MasterKeys::parse(lines).unwrap();
            let world = World::under(database.clone(), &keys, |_| ());
            world.authority.keep_keys(&world.ctx()).await?;
            let snapshot = world.authority.keys.snapshot();
            snapshot.signer(Algorithm::Es256).map(|key| key.kid().to_owned())
        };
        let kid = signed_by(&old).await.unwrap();
        assert!(
            signed_by(&new).await.is_err(),
            "without the old key nothing can be opened"
        );
        assert_eq!(signed_by(&format!("{new}\n{old}")).await.unwrap(), kid);
        assert_eq!(signed_by(&new).await.unwrap(), kid);
    })
    .await;
}
