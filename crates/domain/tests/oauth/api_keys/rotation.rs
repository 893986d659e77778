//! A key in the place of another.

use std::time::Duration;

use domain::api_keys::{CreateKeyError, RotateKeyError, RotatedKey};
use domain::mail::Message;
use jose::Algorithm;
use model::api_key::{ApiKey, KeyKind, KeyLife};
use model::user::Role;
use testkit::database::for_each_database;

use super::{Keys, named, wish};

const HOUR: Duration = Duration::from_secs(60 * 60);

/// The old key goes on for the overlap, used or not; two rotations race and one wins.
#[tokio::test]
async fn the_old_key_goes_on_for_a_while() {
    for_each_database(async |database| {
        let keys = Keys::open(database).await;
        let (world, ada) = (&keys.shop.world, &keys.ada().user);
        for kind in [KeyKind::Token, KeyKind::Api] {
            let mut new = wish(kind, &["a:b"]);
            new.life = KeyLife::days(30);
            let (old, old_text) = keys.make(new).await;
            assert!(keys.is_live(&old_text).await);
            let ctx = world.ctx();
            let rotate = || world.authority.rotate_api_key(&ctx, ada, old.id, HOUR);
            let (one, other, live) = tokio::join!(rotate(), rotate(), keys.is_live(&old_text));
            let ((Ok(new), Err(lost)) | (Err(lost), Ok(new))) = (one, other) else {
                panic!("one of them")
            };
            let (key, text) = (new.key, new.text);
            assert_eq!(new.old_ends_at, world.now().plus(HOUR));
            assert!(live && matches!(lost, RotateKeyError::Replaced | RotateKeyError::Unknown));
            assert_eq!(
                (key.permissions.to_list(), key.life()),
                (old.permissions.to_list(), old.life())
            );
            world.advance(HOUR.as_secs() - 1);
            assert!(keys.is_live(&old_text).await && keys.is_live(&text).await);
            world.advance(1);
            assert!(!keys.is_live(&old_text).await && !keys.stands(&old).await);
            assert!(keys.is_live(&text).await && keys.stands(&key).await);
        }
    })
    .await;
}

/// What signed a key is published as long as the key lives, however often signing keys change.
#[tokio::test]
async fn a_signed_key_outlives_the_rotation_of_signing_keys() {
    for_each_database(async |database| {
        let keys = Keys::open(database).await;
        let world = &keys.shop.world;
        let (_, text) = keys.key(KeyKind::Token, &["a:b"]).await;
        let mut short = wish(KeyKind::Token, &["a:b"]);
        short.life = KeyLife::days(30);
        keys.make(short).await;
        for _ in 0..200 {
            world.advance(24 * 60 * 60);
            world.authority.keep_keys(&world.ctx()).await.unwrap();
        }
        world.authority.forget_expired(&world.ctx()).await.unwrap();
        assert!(keys.is_live(&text).await);
        let published = world.authority.list_keys(&world.ctx()).await.unwrap();
        let signing = published.iter().filter(|key| key.algorithm == Algorithm::Es256);
        assert!(
            (2..=3).contains(&signing.count()),
            "that one, the active one, perhaps the next"
        );
    })
    .await;
}

async fn rotate(keys: &Keys, key: &ApiKey) -> Result<RotatedKey, RotateKeyError> {
    let (world, ada) = (&keys.shop.world, &keys.ada().user);
    let owner = world
        .authority
        .find_user(&ada.id.to_string())
        .await
        .unwrap()
        .unwrap();
    world
        .authority
        .rotate_api_key(&world.ctx(), &owner, key.id, HOUR)
        .await
}

/// L19: a new key is told of, and has the name of the old one, which is free for nobody else.
#[tokio::test]
async fn a_letter_tells_of_the_new_key_and_the_name_goes_on_with_it() {
    for_each_database(async |database| {
        let keys = Keys::open(database).await;
        let world = &keys.shop.world;
        let (old, _) = keys.make(named(KeyKind::Api, &["a:b"], "Deploy")).await;
        while world.authority.run_due_jobs().await.unwrap() > 0 {}
        world.mail.take();
        let new = rotate(&keys, &old).await.unwrap();
        while world.authority.run_due_jobs().await.unwrap() > 0 {}
        let letters = world.mail.take();
        assert!(letters.iter().any(
            |letter| matches!(&letter.message, Message::ApiKeyCreated { name, .. } if name == "Deploy")
        ));
        assert_eq!(new.key.name, old.name);
        let again = named(KeyKind::Api, &["a:b"], "Deploy");
        let (ctx, ada) = (world.ctx(), &keys.ada().user);
        let taken = world.authority.create_api_key(&ctx, ada, again).await;
        assert!(matches!(taken, Err(CreateKeyError::NameTaken)));
    })
    .await;
}

/// K04: what could not be made any more is not renewed either.
#[tokio::test]
async fn a_key_of_an_administrator_is_not_renewed_by_somebody_who_is_none() {
    for_each_database(async |database| {
        let keys = Keys::open(database).await;
        let (world, ada) = (&keys.shop.world, keys.ada().user.id);
        keys.second_administrator().await;
        keys.change_role(ada, Role::Admin).await;
        let owner = world
            .authority
            .find_user(&ada.to_string())
            .await
            .unwrap()
            .unwrap();
        let mut made = Vec::new();
        for (kind, list) in [
            (KeyKind::Service, ["builds:read"]),
            (KeyKind::Api, ["admin:users:read"]),
        ] {
            let ctx = world.ctx();
            let new = world.authority.create_api_key(&ctx, &owner, wish(kind, &list));
            made.push(new.await.unwrap().0);
        }
        keys.change_role(ada, Role::User).await;
        for key in &made {
            let refused = rotate(&keys, key).await.err();
            assert!(matches!(refused, Some(RotateKeyError::Refused(_))), "{refused:?}");
        }
    })
    .await;
}
