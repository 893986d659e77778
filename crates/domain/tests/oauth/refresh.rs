//! Refresh rotation, its grace, and theft.

use oauth::error::ErrorCode;
use testkit::database::for_each_database;

use crate::shop::{Shop, refresh_token, refusal};

#[tokio::test]
async fn rotation_gives_a_successor_and_a_working_access_token() {
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        let first = shop.tokens(&shop.shop, "").await;
        let second = shop.refresh(&shop.shop, refresh_token(&first)).await.unwrap();
        assert!(refresh_token(&first) != refresh_token(&second));
        assert!(shop.is_active(&shop.shop, &second.access_token).await);
        assert!(second.id_token.is_some());
    })
    .await;
}

/// O15
#[tokio::test]
async fn a_lost_answer_is_repeated_within_the_grace() {
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        let first = shop.tokens(&shop.shop, "").await;
        let second = shop.refresh(&shop.shop, refresh_token(&first)).await.unwrap();
        shop.world.advance(10);
        let again = shop.refresh(&shop.shop, refresh_token(&first)).await.unwrap();
        assert!(
            refresh_token(&second) == refresh_token(&again),
            "the same successor"
        );
        shop.world.advance(1);
        let late = shop.refresh(&shop.shop, refresh_token(&first)).await;
        assert_eq!(refusal(late), Some(ErrorCode::InvalidGrant));
        let family = shop.refresh(&shop.shop, refresh_token(&second)).await;
        assert_eq!(
            refusal(family),
            Some(ErrorCode::InvalidGrant),
            "the family is dead"
        );
    })
    .await;
}

/// O13
#[tokio::test]
async fn an_old_token_after_its_successor_was_used_ends_the_family() {
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        let first = shop.tokens(&shop.shop, "").await;
        let second = shop.refresh(&shop.shop, refresh_token(&first)).await.unwrap();
        let third = shop.refresh(&shop.shop, refresh_token(&second)).await.unwrap();
        let stolen = shop.refresh(&shop.shop, refresh_token(&first)).await;
        assert_eq!(refusal(stolen), Some(ErrorCode::InvalidGrant));
        assert!(!shop.is_active(&shop.shop, &third.access_token).await);
        assert_eq!(
            refusal(shop.refresh(&shop.shop, refresh_token(&third)).await),
            Some(ErrorCode::InvalidGrant)
        );
        let ended = shop
            .world
            .audit()
            .await
            .into_iter()
            .filter(|event| event.action == "grant.ended");
        assert_eq!(
            ended
                .map(|event| event.detail["reason"].clone())
                .collect::<Vec<_>>(),
            ["refresh_token_replayed"]
        );
    })
    .await;
}

/// O12
#[tokio::test]
async fn refreshing_never_widens_and_belongs_to_one_client() {
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        let first = shop.tokens(&shop.shop, "scope=openid+orders:read").await;
        assert_eq!(
            refusal(shop.refresh(&shop.kiosk, refresh_token(&first)).await),
            Some(ErrorCode::InvalidGrant)
        );
        let form = |scope: &str, token: &str| {
            format!("grant_type=refresh_token&refresh_token={token}&scope={scope}")
        };
        let wider = shop
            .token(&shop.shop, &form("openid+email", refresh_token(&first).expose()))
            .await;
        assert_eq!(refusal(wider), Some(ErrorCode::InvalidScope));
        let narrow = shop
            .token(&shop.shop, &form("openid", refresh_token(&first).expose()))
            .await
            .unwrap();
        assert_eq!(narrow.scope.as_ref().unwrap().to_string(), "openid");
        let back = shop.refresh(&shop.shop, refresh_token(&narrow)).await.unwrap();
        assert_eq!(back.scope.unwrap().to_string(), "openid orders:read");
    })
    .await;
}

/// O17
#[tokio::test]
async fn the_chain_ends_at_the_absolute_limit() {
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        let mut tokens = shop.tokens(&shop.shop, "").await;
        for _ in 0..3 {
            shop.world.advance(29 * 86_400);
            tokens = shop.refresh(&shop.shop, refresh_token(&tokens)).await.unwrap();
        }
        shop.world.advance(3 * 86_400);
        assert_eq!(
            refusal(shop.refresh(&shop.shop, refresh_token(&tokens)).await),
            Some(ErrorCode::InvalidGrant)
        );
    })
    .await;
}
