//! What an operator does with accounts.

use model::audit::Actor;
use oauth::revocations::RevocationKind;
use testkit::database::for_each_database;

use crate::world::{PASSWORD, World};

/// S12
#[tokio::test]
async fn a_disabled_user_is_out_everywhere_and_comes_back_only_by_signing_in() {
    for_each_database(async |database| {
        let world = World::new(database);
        let ada = world.register("ada").await;
        let other = world.log_in("ada", PASSWORD).await.unwrap();
        let ctx = world.ctx();
        assert!(
            world
                .authority
                .disable_user(&ctx, ada.user.id, Actor::Operator)
                .await
                .unwrap()
        );
        assert!(
            !world
                .authority
                .disable_user(&ctx, ada.user.id, Actor::Operator)
                .await
                .unwrap()
        );
        let feed = world.authority.revocation_snapshot().await.unwrap();
        let [event, account] = feed.events.as_slice() else {
            panic!("the user, and their account")
        };
        assert_eq!(account.kind, RevocationKind::Account);
        assert_eq!(
            (event.kind, event.issued_before),
            (RevocationKind::Subject, Some(ctx.now.as_micros()))
        );
        assert_eq!(event.id, ada.user.id.to_string());
        assert!(
            world
                .authority
                .enable_user(&ctx, ada.user.id, Actor::Operator)
                .await
                .unwrap()
        );
        assert!(
            !world
                .authority
                .enable_user(&ctx, ada.user.id, Actor::Operator)
                .await
                .unwrap()
        );
        for cookie in [&ada.cookie, &other.cookie] {
            assert!(!world.is_signed_in(cookie).await);
        }
        assert!(world.log_in("ada", PASSWORD).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn users_are_found_by_id_address_and_name() {
    for_each_database(async |database| {
        let world = World::new(database);
        let ada = world.register("ada").await.user;
        for text in [ada.id.to_string().as_str(), "Ada@example.org", "ADA"] {
            let found = world.authority.find_user(text).await.unwrap();
            assert_eq!(found.map(|user| user.id), Some(ada.id), "{text}");
        }
        assert!(world.authority.find_user("!").await.unwrap().is_none());
    })
    .await;
}
