//! What a key is exchanged for (RFC 8693).

use std::time::Duration;

use domain::api_keys::ExchangeError;
use model::PlainSecret;
use model::api_key::{KeyKind, KeyLife};
use model::audit::Actor;
use oauth::scope::ScopeSet;
use testkit::database::for_each_database;

use super::{Keys, wish};
use crate::shop::AUDIENCE;

async fn exchange(
    keys: &Keys,
    text: &PlainSecret,
    scope: Option<&str>,
) -> Result<PlainSecret, ExchangeError> {
    let scope = scope.map(|scope| ScopeSet::parse(scope).unwrap());
    let ctx = keys.shop.world.ctx();
    let authority = keys.shop.authority();
    let exchanged = authority
        .exchange_api_key(&ctx, None, text.expose(), (scope.as_ref(), &[]))
        .await;
    exchanged.map(|exchanged| exchanged.text)
}

/// K04: rights only shrink; the token names its key and lives fifteen minutes.
#[tokio::test]
async fn a_token_has_no_more_than_its_key() {
    for_each_database(async |database| {
        let keys = Keys::open(database).await;
        let (key, text) = keys.key(KeyKind::Api, &["orders:read", "orders:write"]).await;
        let token = exchange(&keys, &text, Some("orders:read")).await.unwrap();
        let said = keys.introspect(&token).await.unwrap();
        assert_eq!(said.scope, ScopeSet::parse("orders:read").ok());
        assert_eq!(
            (said.key_id, said.sub),
            (Some(key.id.to_string()), Some(key.user_id.to_string()))
        );
        assert_ne!(said.jti, Some(key.id.to_string()));
        assert_eq!(said.exp.unwrap() - said.iat.unwrap(), 900);
        assert!(said.aud.unwrap().contains(AUDIENCE));
        let more = exchange(&keys, &text, Some("orders:read orders:delete")).await;
        assert!(matches!(more, Err(ExchangeError::Scope(lacking)) if lacking.contains("orders:delete")));
        assert!(
            matches!(exchange(&keys, &token, None).await, Err(ExchangeError::Key)),
            "only keys"
        );
    })
    .await;
}

/// The figure of a key holds for what it is exchanged for, too.
#[tokio::test]
async fn a_token_says_how_often_its_key_may_be_used() {
    for_each_database(async |database| {
        let keys = Keys::open(database).await;
        let mut new = wish(KeyKind::Api, &["orders:read"]);
        new.rate_limit = Some(30);
        let (key, text) = keys.make(new).await;
        let token = exchange(&keys, &text, None).await.unwrap();
        for text in [&text, &token] {
            let said = keys.introspect(text).await.unwrap();
            assert_eq!(
                (said.rate_limit, said.key_id),
                (Some(30), Some(key.id.to_string()))
            );
        }
    })
    .await;
}

/// V07: it dies with its key, and never outlives it.
#[tokio::test]
async fn a_token_ends_with_its_key() {
    for_each_database(async |database| {
        let keys = Keys::open(database).await;
        let world = &keys.shop.world;
        let (key, text) = keys.key(KeyKind::Token, &["orders:read"]).await;
        let token = exchange(&keys, &text, None).await.unwrap();
        assert!(keys.is_live(&token).await);
        let by = Actor::User(key.user_id);
        assert!(
            world
                .authority
                .revoke_api_key(&world.ctx(), key.user_id, key.id, by)
                .await
                .unwrap()
        );
        assert!(!keys.is_live(&token).await);
        assert!(matches!(
            exchange(&keys, &text, None).await,
            Err(ExchangeError::Key)
        ));
        let mut short = wish(KeyKind::Api, &["orders:read"]);
        short.life = KeyLife::For(Duration::from_secs(60));
        let (_, text) = keys.make(short).await;
        let token = exchange(&keys, &text, None).await.unwrap();
        let said = keys.introspect(&token).await.unwrap();
        assert_eq!(said.exp.unwrap() - said.iat.unwrap(), 60);
    })
    .await;
}

/// A suspension ends what was issued before it; after the cancellation new tokens are good.
#[tokio::test]
async fn a_suspended_key_is_exchanged_again_when_it_is_back() {
    for_each_database(async |database| {
        let keys = Keys::open(database).await;
        let (world, ada) = (&keys.shop.world, keys.ada());
        let (_, text) = keys.key(KeyKind::Api, &["orders:read"]).await;
        let before = exchange(&keys, &text, None).await.unwrap();
        assert!(keys.is_live(&before).await);
        let password = PlainSecret::new(crate::world::PASSWORD);
        let who = (&ada.user, &ada.session);
        world
            .authority
            .request_deletion(&world.ctx(), who, &password)
            .await
            .unwrap();
        assert!(!keys.is_live(&before).await && exchange(&keys, &text, None).await.is_err());
        world
            .authority
            .cancel_deletion(&world.ctx(), &ada.user)
            .await
            .unwrap();
        world.advance(1);
        let after = exchange(&keys, &text, None).await.unwrap();
        assert!(keys.is_live(&after).await && !keys.is_live(&before).await);
    })
    .await;
}
