//! What introspection and checks say of keys.

use domain::oauth::check::{CheckReason, Demand};
use model::PlainSecret;
use model::api_key::KeyKind;
use oauth::scope::ScopeSet;
use testkit::database::for_each_database;

use super::Keys;
use crate::shop::AUDIENCE;

#[tokio::test]
async fn a_key_is_introspected_like_a_token() {
    for_each_database(async |database| {
        let keys = Keys::open(database).await;
        for kind in [KeyKind::Token, KeyKind::Api, KeyKind::Cli] {
            let (key, text) = keys.key(kind, &["orders:read"]).await;
            for _ in 0..2 {
                let said = keys.introspect(&text).await.unwrap();
                let id = key.id.to_string();
                assert_eq!(
                    (said.jti.as_deref(), said.key_id.as_deref()),
                    (Some(&*id), Some(&*id))
                );
                assert_eq!(said.sub, Some(keys.ada().user.id.to_string()));
                assert_eq!(said.scope, ScopeSet::parse("orders:read").ok());
                assert!(said.exp.is_none() && said.sid.is_none());
                assert!(said.aud.unwrap().contains(AUDIENCE));
            }
        }
    })
    .await;
}

/// K02: a bare JWT is no key, nor is one whose signature, prefix or checksum is wrong.
#[tokio::test]
async fn the_inside_of_a_key_is_worth_nothing() {
    for_each_database(async |database| {
        let keys = Keys::open(database).await;
        let (_, signed) = keys.key(KeyKind::Token, &["orders:read"]).await;
        let (_, random) = keys.key(KeyKind::Api, &["orders:read"]).await;
        let bare = signed.expose().trim_start_matches("ecloud_");
        let (claims, signature) = signed.expose().rsplit_once('.').unwrap();
        let forged = format!("{claims}.{}", signature.chars().rev().collect::<String>());
        let other = random.expose().replace("ch_live_", "ci_");
        for text in [
            bare,
            &format!("ci_{bare}"),
            &forged,
            &other,
            "ecloud_",
            "ch_live_x",
        ] {
            assert!(!keys.is_live(&PlainSecret::new(text)).await, "{text}");
        }
        let access = keys.shop.tokens(&keys.shop.shop, "").await.access_token;
        let disguised = PlainSecret::new(&format!("ecloud_{}", access.expose()));
        assert!(!keys.is_live(&disguised).await);
    })
    .await;
}

/// A permission on all of one's containers is one on each.
#[tokio::test]
async fn a_check_judges_permissions_by_containment() {
    for_each_database(async |database| {
        let keys = Keys::open(database).await;
        let world = &keys.shop.world;
        let ada = keys.ada().user.id;
        let (_, text) = keys
            .key(KeyKind::Token, &[&format!("compute.{ada}.containers:read")])
            .await;
        for (wanted, allowed) in [
            (format!("compute.{ada}.containers.c9:read"), true),
            (format!("compute.{ada}.containers:read"), true),
            (format!("compute.{ada}:read"), false),
            (format!("compute.{ada}.containers.c9:delete"), false),
        ] {
            let demand = Demand {
                scopes: ScopeSet::parse(&wanted).unwrap(),
                ..Demand::default()
            };
            let check = world
                .authority
                .check(&world.ctx(), None, text.expose(), &demand)
                .await
                .unwrap();
            assert_eq!(check.reason == CheckReason::Allowed, allowed, "{wanted}");
        }
    })
    .await;
}

/// Moves at most once a minute, and is written in batches.
#[tokio::test]
async fn the_last_use_is_noted_now_and_then() {
    for_each_database(async |database| {
        let keys = Keys::open(database).await;
        let world = &keys.shop.world;
        let (key, text) = keys.key(KeyKind::Api, &["orders:read"]).await;
        let used = async || {
            let found = world
                .authority
                .find_api_key(&world.ctx(), key.user_id, key.id)
                .await;
            found.unwrap().unwrap().last_used_at
        };
        assert_eq!(used().await, None);
        let first = world.now();
        assert!(keys.is_live(&text).await);
        assert_eq!(used().await, Some(first));
        let flush = async || world.authority.flush_key_activity(&world.ctx()).await.unwrap();
        assert_eq!(flush().await, 1);
        for _ in 0..5 {
            world.advance(10);
            assert!(keys.is_live(&text).await);
            assert_eq!((flush().await, used().await), (0, Some(first)));
        }
        world.advance(10);
        assert!(keys.is_live(&text).await);
        assert_eq!((flush().await, used().await), (1, Some(world.now())));
    })
    .await;
}

/// K02: ten thousand forged keys cost no query at all: they are refused by a database that is gone, too.
#[tokio::test]
async fn a_forged_key_is_refused_without_the_database() {
    for_each_database(async |database| {
        let keys = Keys::open(database.clone()).await;
        let (_, signed) = keys.key(KeyKind::Token, &["orders:read"]).await;
        let (_, random) = keys.key(KeyKind::Api, &["orders:read"]).await;
        let (claims, _) = signed.expose().rsplit_once('.').unwrap();
        let prefix = &random.expose()[..random.expose().len() - 12];
        database.close().await;
        for attempt in 0..5_000_u64 {
            let forged = [
                format!("{prefix}{attempt:012}"),
                format!("{claims}.{}", forged_signature(attempt)),
            ];
            for text in forged {
                assert!(!keys.is_live(&PlainSecret::new(&text)).await, "{text}");
            }
        }
        let asked = keys.shop.authority();
        let genuine = asked
            .check(&keys.shop.world.ctx(), None, random.expose(), &Demand::default())
            .await;
        assert!(genuine.is_err(), "the database was really gone");
    })
    .await;
}

/// 64 bytes in base64url, as an ES256 signature has.
fn forged_signature(attempt: u64) -> String {
    format!("{attempt:085}A")
}
