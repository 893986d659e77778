//! Redeeming authorization codes.

use oauth::error::ErrorCode;
use testkit::database::for_each_database;

use crate::shop::{Shop, VERIFIER, refresh_token, refusal};

#[tokio::test]
async fn a_code_buys_tokens_once() {
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        let tokens = shop.tokens(&shop.shop, "").await;
        assert!(tokens.id_token.is_some());
        assert!(shop.is_active(&shop.shop, &tokens.access_token).await);
        assert_eq!(shop.world.count_audit("code.redeemed").await, 1);
    })
    .await;
}

/// O07
#[tokio::test]
async fn code_replayed_after_exchange_revokes_the_family() {
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        for client in [&shop.shop, &shop.kiosk] {
            let code = shop.code(client, "").await;
            let tokens = shop.redeem(client, &code).await.unwrap();
            assert_eq!(
                refusal(shop.redeem(client, &code).await),
                Some(ErrorCode::InvalidGrant)
            );
            assert!(!shop.is_active(client, &tokens.access_token).await);
            let refreshed = shop.refresh(client, refresh_token(&tokens)).await;
            assert_eq!(refusal(refreshed), Some(ErrorCode::InvalidGrant));
        }
    })
    .await;
}

/// O08
#[tokio::test]
async fn a_code_is_bound_to_its_client_and_to_its_minute_each_on_its_own() {
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        let code = shop.code(&shop.shop, "").await;
        assert_eq!(
            refusal(shop.redeem(&shop.kiosk, &code).await),
            Some(ErrorCode::InvalidGrant)
        );
        assert!(
            shop.redeem(&shop.shop, &code).await.is_ok(),
            "a foreign attempt must not burn it"
        );
        let code = shop.code(&shop.shop, "").await;
        shop.world.advance(60);
        assert_eq!(
            refusal(shop.redeem(&shop.shop, &code).await),
            Some(ErrorCode::InvalidGrant)
        );
        let code = shop.code(&shop.shop, "").await;
        shop.world.advance(59);
        assert!(shop.redeem(&shop.shop, &code).await.is_ok());
    })
    .await;
}

/// O09, O10
#[tokio::test]
async fn the_verifier_must_be_there_and_be_right() {
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        let code = shop.code(&shop.shop, "").await;
        let wrong = VERIFIER.replace('d', "e");
        for attempt in [
            String::new(),
            format!("&code_verifier={wrong}"),
            "&code_verifier=short".to_owned(),
        ] {
            let form = format!("grant_type=authorization_code&code={}{attempt}", code.expose());
            assert_eq!(
                refusal(shop.token(&shop.shop, &form).await),
                Some(ErrorCode::InvalidGrant),
                "{attempt}"
            );
        }
        let form = format!(
            "grant_type=authorization_code&code={}&redirect_uri=https://evil.test/&code_verifier={VERIFIER}",
            code.expose()
        );
        assert_eq!(
            refusal(shop.token(&shop.shop, &form).await),
            Some(ErrorCode::InvalidGrant)
        );
        assert!(shop.redeem(&shop.shop, &code).await.is_ok());
    })
    .await;
}

/// O23
#[tokio::test]
async fn a_token_of_another_kind_is_no_code() {
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        let tokens = shop.tokens(&shop.kiosk, "").await;
        for other in [
            &tokens.access_token,
            refresh_token(&tokens),
            tokens.id_token.as_ref().unwrap(),
        ] {
            assert_eq!(
                refusal(shop.redeem(&shop.kiosk, other).await),
                Some(ErrorCode::InvalidGrant)
            );
        }
        let refreshed = shop.refresh(&shop.kiosk, &tokens.access_token).await;
        assert_eq!(refusal(refreshed), Some(ErrorCode::InvalidGrant));
        assert!(
            !shop
                .is_active(&shop.kiosk, tokens.id_token.as_ref().unwrap())
                .await
        );
    })
    .await;
}
