//! What becomes of a user's keys when the role changes.

use model::api_key::KeyKind;
use model::user::Role;
use oauth::scope::ScopeSet;
use testkit::database::for_each_database;

use super::{Keys, wish};

/// Sessions end with the old role; a key lives on, and what is remembered of it is read anew: it may do what its maker may
/// do now, no more, and all of it again with the old role.
#[tokio::test]
async fn a_key_lives_on_with_what_the_new_role_allows() {
    for_each_database(async |database| {
        let keys = Keys::open(database).await;
        let (world, ada) = (&keys.shop.world, keys.ada().user.id);
        keys.second_administrator().await;
        let become_a = async |role| keys.change_role(ada, role).await;
        let (_, text) = keys.key(KeyKind::Api, &["orders:read"]).await;
        assert!(keys.is_live(&text).await);
        become_a(Role::Admin).await;
        assert!(
            keys.is_live(&text).await,
            "remembered as of before, and read anew"
        );
        let owner = world
            .authority
            .find_user(&ada.to_string())
            .await
            .unwrap()
            .unwrap();
        let new = wish(KeyKind::Api, &["orders:read", "admin:users:read"]);
        let (ctx, scopes) = (world.ctx(), "admin:users:read orders:read");
        let (key, text) = world.authority.create_api_key(&ctx, &owner, new).await.unwrap();
        for (role, scopes) in [
            (None, scopes),
            (Some(Role::User), "orders:read"),
            (Some(Role::Admin), scopes),
        ] {
            if let Some(role) = role {
                become_a(role).await;
            }
            let said = keys.introspect(&text).await.unwrap();
            assert_eq!(said.scope, ScopeSet::parse(scopes).ok());
            assert!(keys.stands(&key).await);
        }
    })
    .await;
}

/// What it was exchanged for said what it might do then, and ends.
#[tokio::test]
async fn what_a_key_was_exchanged_for_ends_with_the_role() {
    for_each_database(async |database| {
        let keys = Keys::open(database).await;
        let (world, ada) = (&keys.shop.world, keys.ada().user.id);
        let (_, text) = keys.key(KeyKind::Api, &["orders:read"]).await;
        let exchange = async || {
            let ctx = world.ctx();
            let exchanged = world
                .authority
                .exchange_api_key(&ctx, None, text.expose(), (None, &[]))
                .await;
            exchanged.unwrap().text
        };
        let before = exchange().await;
        assert!(keys.is_live(&before).await);
        keys.change_role(ada, Role::Admin).await;
        assert!(!keys.is_live(&before).await);
        world.advance(1);
        assert!(keys.is_live(&exchange().await).await);
    })
    .await;
}
