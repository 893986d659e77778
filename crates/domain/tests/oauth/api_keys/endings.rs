//! What ends keys, and what only suspends them.

use domain::mail::Message;
use model::PlainSecret;
use model::api_key::{KeyKind, KeyLife};
use model::audit::Actor;
use testkit::database::for_each_database;

use super::{Keys, secret, wish};
use crate::world::PASSWORD;

const KINDS: [KeyKind; 2] = [KeyKind::Token, KeyKind::Api];

/// Two revocations race: one ends it, both leave it dead, and nobody ends a key of somebody else.
#[tokio::test]
async fn a_key_ends_once_and_by_its_owner() {
    for_each_database(async |database| {
        let keys = Keys::open(database).await;
        let world = &keys.shop.world;
        let bob = world.register("bob").await.user.id;
        for kind in KINDS {
            let (key, text) = keys.key(kind, &["a:b"]).await;
            assert!(keys.is_live(&text).await && keys.stands(&key).await);
            let ctx = world.ctx();
            let end = |user| {
                world
                    .authority
                    .revoke_api_key(&ctx, user, key.id, Actor::User(user))
            };
            assert!(!end(bob).await.unwrap());
            assert!(keys.is_live(&text).await);
            let (one, other) = tokio::join!(end(key.user_id), end(key.user_id));
            assert!(one.unwrap() != other.unwrap());
            assert!(!keys.is_live(&text).await && !keys.stands(&key).await);
        }
        assert_eq!(world.count_audit("api_key.revoked").await, 2);
    })
    .await;
}

/// RFC 7009 §2.1: whoever holds the text may end it.
#[tokio::test]
async fn a_key_is_revoked_at_the_endpoint() {
    for_each_database(async |database| {
        let keys = Keys::open(database).await;
        let (world, shop) = (&keys.shop.world, &keys.shop.shop);
        for kind in KINDS {
            let (_, text) = keys.key(kind, &["a:b"]).await;
            assert!(keys.is_live(&text).await);
            let ctx = world.ctx();
            let revoke = world.authority.revoke_token(&ctx, shop, text.expose());
            revoke.await.unwrap();
            assert!(!keys.shop.is_active(&keys.proxy, &secret(&text)).await);
        }
    })
    .await;
}

/// S12: with the account, and not again when that is enabled again.
#[tokio::test]
async fn keys_end_with_their_owner() {
    for_each_database(async |database| {
        let keys = Keys::open(database).await;
        let world = &keys.shop.world;
        let user = keys.ada().user.id;
        let (key, text) = keys.key(KeyKind::Token, &["a:b"]).await;
        assert!(keys.is_live(&text).await && keys.stands(&key).await);
        assert!(
            world
                .authority
                .disable_user(&world.ctx(), user, Actor::Operator)
                .await
                .unwrap()
        );
        assert!(!keys.is_live(&text).await && !keys.stands(&key).await);
        assert!(
            world
                .authority
                .enable_user(&world.ctx(), user, Actor::Operator)
                .await
                .unwrap()
        );
        assert!(!keys.is_live(&text).await && !keys.stands(&key).await);
    })
    .await;
}

/// A deletion that is asked for suspends keys at once, and a cancellation brings them back.
#[tokio::test]
async fn keys_wait_while_their_owner_thinks_about_leaving() {
    for_each_database(async |database| {
        let keys = Keys::open(database).await;
        let (world, ada) = (&keys.shop.world, keys.ada());
        let (key, text) = keys.key(KeyKind::Api, &["a:b"]).await;
        assert!(keys.is_live(&text).await && keys.stands(&key).await);
        let password = PlainSecret::new(PASSWORD);
        let who = (&ada.user, &ada.session);
        world
            .authority
            .request_deletion(&world.ctx(), who, &password)
            .await
            .unwrap();
        assert!(!keys.is_live(&text).await && !keys.stands(&key).await);
        assert!(world.is_signed_in(&ada.cookie).await);
        let ctx = world.ctx();
        let new = world
            .authority
            .create_api_key(&ctx, &ada.user, wish(KeyKind::Api, &["a:b"]));
        assert!(new.await.is_err());
        assert!(
            world
                .authority
                .cancel_deletion(&world.ctx(), &ada.user)
                .await
                .unwrap()
        );
        assert!(keys.is_live(&text).await && keys.stands(&key).await);
    })
    .await;
}

/// S06: a new password ends sessions; keys are made to outlive them.
#[tokio::test]
async fn a_new_password_leaves_keys() {
    for_each_database(async |database| {
        let keys = Keys::open(database).await;
        let (world, ada) = (&keys.shop.world, keys.ada());
        let (_, text) = keys.key(KeyKind::Api, &["a:b"]).await;
        let passwords = (
            PlainSecret::new(PASSWORD),
            PlainSecret::new("eleven brass teapots"),
        );
        let who = (&ada.user, &ada.session);
        world
            .authority
            .change_password(&world.ctx(), who, passwords)
            .await
            .unwrap();
        assert!(keys.is_live(&text).await);
        let ctx = world.ctx();
        let ended = world
            .authority
            .revoke_api_keys(&ctx, ada.user.id, Actor::User(ada.user.id));
        assert_eq!(ended.await.unwrap(), 1);
        assert!(!keys.is_live(&text).await);
    })
    .await;
}

/// A week and a day before, each once, and not for keys that live no longer anyway.
#[tokio::test]
async fn owners_are_told_of_keys_that_end() {
    for_each_database(async |database| {
        let keys = Keys::open(database).await;
        let world = &keys.shop.world;
        for days in [3, 30] {
            let mut new = wish(KeyKind::Api, &["a:b"]);
            new.life = KeyLife::days(days);
            keys.make(new).await;
        }
        keys.key(KeyKind::Api, &["a:b"]).await;
        let day = 24 * 60 * 60;
        let mut told = Vec::new();
        for _ in 0..31 {
            world.authority.notify_ending_keys(&world.ctx()).await.unwrap();
            assert_eq!(world.authority.notify_ending_keys(&world.ctx()).await.unwrap(), 0);
            while world.authority.run_due_jobs().await.unwrap() > 0 {}
            let letters = world.mail.take();
            let ends = letters
                .iter()
                .filter(|letter| matches!(letter.message, Message::ApiKeyEnds { .. }));
            told.push(ends.count());
            world.advance(day);
        }
        let days: Vec<_> = (0..31).filter(|day| told[*day] > 0).collect();
        assert_eq!((days, told.iter().sum::<usize>()), (vec![2, 23, 29], 3));
    })
    .await;
}
