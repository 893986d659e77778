//! Who learns what about a token.

use model::client::{AccessTokenFormat, Client, ClientSettings};
use oauth::introspection::IntrospectionResponse;
use testkit::database::for_each_database;

use crate::shop::{AUDIENCE, Shop, client};

fn with(client: &Client, change: impl FnOnce(&mut ClientSettings)) -> Client {
    let mut client = client.clone();
    change(&mut client.settings);
    client
}

/// O30
#[tokio::test]
async fn only_its_client_its_audience_and_a_proxy_see_a_token() {
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        let stranger = client(&shop.world, "stranger", Some(AccessTokenFormat::Jwt)).await;
        let service = with(&stranger, |settings| {
            settings.introspects = vec![AUDIENCE.to_owned()];
        });
        let proxy = with(&stranger, |settings| settings.proxy = true);
        for owner in [&shop.shop, &shop.kiosk] {
            let token = shop.tokens(owner, "").await.access_token;
            assert!(shop.is_active(owner, &token).await);
            assert!(!shop.is_active(&stranger, &token).await);
            assert!(shop.is_active(&service, &token).await);
            assert!(shop.is_active(&proxy, &token).await);
        }
    })
    .await;
}

/// O31
#[tokio::test]
async fn an_expired_token_is_nothing_but_inactive() {
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        for owner in [&shop.shop, &shop.kiosk] {
            let token = shop.tokens(owner, "").await.access_token;
            shop.world.advance(15 * 60);
            let found = shop
                .authority()
                .introspect(&shop.world.ctx(), owner, token.expose())
                .await
                .unwrap();
            assert_eq!(
                serde_json::to_string(&found.response).unwrap(),
                r#"{"active":false}"#
            );
            assert!(matches!(found.response, IntrospectionResponse::Inactive));
        }
    })
    .await;
}

/// O24
#[tokio::test]
async fn both_forms_of_token_say_the_same() {
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        let mut said = Vec::new();
        for owner in [&shop.shop, &shop.kiosk] {
            let token = shop.tokens(owner, "").await.access_token;
            let found = shop
                .authority()
                .introspect(&shop.world.ctx(), owner, token.expose())
                .await
                .unwrap();
            let mut active = found.response.active().unwrap().clone();
            assert!(active.aud.as_ref().unwrap().contains(AUDIENCE));
            assert!(active.jti.take().unwrap().starts_with("tok_"));
            assert!(active.grant_id.take().is_some());
            active.client_id = None;
            said.push(active);
        }
        assert_eq!(said[0], said[1]);
    })
    .await;
}
