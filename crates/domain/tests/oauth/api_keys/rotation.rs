//! A key in the place of another.

use std::time::Duration;

use domain::api_keys::RotateKeyError;
use jose::Algorithm;
use model::api_key::{KeyKind, KeyLife};
use testkit::database::for_each_database;

use super::{Keys, wish};

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
            let ((Ok((key, text)), Err(lost)) | (Err(lost), Ok((key, text)))) = (one, other) else {
                panic!("one of them")
            };
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
