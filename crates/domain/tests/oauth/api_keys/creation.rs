//! What a new key is and who gets which.

use domain::api_keys::{CreateKeyError, Lack};
use domain::mail::Message;
use model::api_key::{KeyKind, KeyLife};
use testkit::database::for_each_database;

use super::{Keys, wish};

/// K02, K03: each kind has its form; the text is in no list and in no audit row.
#[tokio::test]
async fn a_key_is_shown_once_and_listed_by_its_beginning() {
    for_each_database(async |database| {
        let keys = Keys::open(database).await;
        let world = &keys.shop.world;
        for (kind, prefix) in [
            (KeyKind::Token, "ecloud_eyJh"),
            (KeyKind::Api, "ch_live_"),
            (KeyKind::Cli, "ci_"),
        ] {
            let (key, text) = keys.key(kind, &["databases:read", "databases:write"]).await;
            assert!(text.expose().starts_with(prefix) && key.id.to_string().starts_with("tok_"));
            assert_eq!(key.prefix, text.expose()[..11]);
            let listed = async || {
                let (ctx, kinds) = (world.ctx(), [kind]);
                world
                    .authority
                    .list_api_keys(&ctx, keys.ada().user.id, &kinds)
                    .await
            };
            let listed = listed().await.unwrap();
            assert_eq!(listed.len(), 1);
            assert_eq!(
                listed[0].permissions.to_list(),
                ["databases:read", "databases:write"]
            );
            let audit = format!("{:?}", world.audit().await);
            assert!(!audit.contains(&text.expose()[11..]) && audit.contains(&key.prefix));
        }
        assert_eq!(world.count_audit("api_key.created").await, 3);
    })
    .await;
}

/// L19: the owner is told out of band.
#[tokio::test]
async fn a_letter_tells_of_a_new_key() {
    for_each_database(async |database| {
        let keys = Keys::open(database).await;
        let world = &keys.shop.world;
        keys.key(KeyKind::Api, &["databases:read"]).await;
        while world.authority.run_due_jobs().await.unwrap() > 0 {}
        let letters = world.mail.take();
        let told = letters.iter().any(|letter| {
            matches!(&letter.message, Message::ApiKeyCreated { prefix, .. } if prefix.starts_with("ch_live_"))
        });
        assert!(told);
    })
    .await;
}

/// K04, P07: nobody hands on what is not theirs, and the entry is named.
#[tokio::test]
async fn no_key_may_do_more_than_its_maker() {
    for_each_database(async |database| {
        let keys = Keys::open(database).await;
        let world = &keys.shop.world;
        let (ada, bob) = (&keys.ada().user, world.register("bob").await);
        let (own, foreign) = (
            format!("compute.{}:read", ada.id),
            format!("compute.{}:read", bob.user.id),
        );
        let refused = async |kind, list: &[&str]| {
            let made = world
                .authority
                .create_api_key(&world.ctx(), ada, wish(kind, list))
                .await;
            made.err()
        };
        assert!(refused(KeyKind::Token, &[&own]).await.is_none());
        for (entry, lack) in [
            (foreign.as_str(), Lack::ForeignOwner),
            ("admin:users:read", Lack::AdministratorsOnly),
        ] {
            let Some(CreateKeyError::Scope(refusal)) =
                refused(KeyKind::Api, &["databases:read", entry]).await
            else {
                panic!("{entry} was given")
            };
            assert_eq!((refusal.entry.as_str(), refusal.lack), (entry, lack));
        }
        for kind in [KeyKind::Service, KeyKind::Admin] {
            let refused = refused(kind, &["databases:read"]).await;
            assert!(matches!(refused, Some(CreateKeyError::AdministratorsOnly)));
        }
    })
    .await;
}

/// K06: to the second.
#[tokio::test]
async fn a_key_ends_at_its_second() {
    for_each_database(async |database| {
        let keys = Keys::open(database).await;
        for kind in [KeyKind::Token, KeyKind::Api] {
            let mut new = wish(kind, &["databases:read"]);
            new.life = KeyLife::days(30);
            let (key, text) = keys.make(new).await;
            let day = 24 * 60 * 60;
            keys.shop.world.advance(30 * day - 1);
            assert!(keys.is_live(&text).await && keys.stands(&key).await);
            keys.shop.world.advance(1);
            assert!(!keys.is_live(&text).await && !keys.stands(&key).await);
        }
    })
    .await;
}
