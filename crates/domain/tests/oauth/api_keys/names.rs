//! What keys are called.

use std::sync::Arc;

use domain::api_keys::CreateKeyError;
use model::api_key::KeyKind;
use model::audit::Actor;
use testkit::database::for_each_database;

use super::{Keys, named};

const NAME: &str = "CI Pipeline";

/// Two requests race for a name, twenty of them: one gets it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_name_is_given_once_however_many_ask_at_once() {
    for_each_database(async |database| {
        let keys = Arc::new(Keys::open(database).await);
        for round in 0..10 {
            let name = format!("{NAME} {round}");
            let racers = (0..20).map(|_| {
                let (keys, name) = (keys.clone(), name.clone());
                tokio::spawn(async move {
                    let new = named(KeyKind::Api, &["a:b"], &name);
                    let (world, ada) = (&keys.shop.world, &keys.ada().user);
                    world
                        .authority
                        .create_api_key(&world.ctx(), ada, new)
                        .await
                        .map(drop)
                })
            });
            let mut made = 0;
            for outcome in futures::future::join_all(racers).await {
                match outcome.unwrap() {
                    Ok(()) => made += 1,
                    Err(error) => assert!(matches!(error, CreateKeyError::NameTaken), "{error}"),
                }
            }
            assert_eq!(made, 1);
        }
    })
    .await;
}

/// Of another kind, of somebody else, or after the end of the key, the name is free.
#[tokio::test]
async fn a_name_is_taken_by_a_live_key_of_the_same_kind_and_owner_only() {
    for_each_database(async |database| {
        let keys = Keys::open(database).await;
        let world = &keys.shop.world;
        let bob = world.register("bob").await.user;
        let (first, _) = keys.make(named(KeyKind::Api, &["a:b"], NAME)).await;
        let make = async |owner, kind| {
            let ctx = world.ctx();
            let made = world
                .authority
                .create_api_key(&ctx, owner, named(kind, &["a:b"], NAME))
                .await;
            made.is_ok()
        };
        let ada = &keys.ada().user;
        assert!(!make(ada, KeyKind::Api).await);
        assert!(make(ada, KeyKind::Cli).await);
        assert!(make(&bob, KeyKind::Api).await);
        let by = Actor::User(ada.id);
        let ctx = world.ctx();
        let ended = world.authority.revoke_api_key(&ctx, ada.id, first.id, by);
        assert!(ended.await.unwrap());
        assert!(make(ada, KeyKind::Api).await);
    })
    .await;
}
