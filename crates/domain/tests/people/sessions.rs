//! Sessions after their start: how long they live, and what their end takes along.

use std::time::Duration;

use model::audit::Actor;
use model::{PlainSecret, SessionId};
use oauth::opaque::OpaqueKind;
use oauth::revocations::RevocationKind;
use storage::Query;
use testkit::database::for_each_database;

use crate::world::World;

const DAY: u64 = 24 * 60 * 60;

/// S07: at rest it ends after the idle limit.
#[tokio::test]
async fn a_resting_session_ends_at_the_idle_limit() {
    for_each_database(async |database| {
        let world = World::new(database);
        let ada = world.register("ada").await;
        world.advance(7 * DAY - 1);
        let mut reader = world.authority.database.read().await.unwrap();
        let stored = storage::sessions::find_by_id(&mut reader, ada.session.id)
            .await
            .unwrap()
            .unwrap();
        drop(reader);
        assert!(stored.is_live(world.now()));
        world.advance(1);
        assert!(!world.is_signed_in(&ada.cookie).await);
    })
    .await;
}

/// S07: activity moves the idle limit, never the absolute one; also when it was not yet written down.
#[tokio::test]
async fn activity_does_not_stretch_the_absolute_limit() {
    for_each_database(async |database| {
        let world = World::new(database.clone());
        let ada = world.register("ada").await;
        for day in 1..30 {
            world.advance(DAY);
            assert!(world.is_signed_in(&ada.cookie).await, "day {day}");
            if day % 2 == 0 {
                assert_eq!(world.authority.flush_session_activity().await.unwrap(), 1);
            }
        }
        world.advance(DAY - 1);
        assert!(world.is_signed_in(&ada.cookie).await);
        world.advance(1);
        assert!(!world.is_signed_in(&ada.cookie).await);
    })
    .await;
}

#[tokio::test]
async fn use_is_written_down_at_most_once_a_minute_and_not_in_line() {
    for_each_database(async |database| {
        let world = World::new(database);
        let ada = world.register("ada").await;
        world.advance(59);
        world.is_signed_in(&ada.cookie).await;
        assert_eq!(world.authority.flush_session_activity().await.unwrap(), 0);
        world.advance(1);
        let commits = world.authority.database.commits();
        for _ in 0..5 {
            world.is_signed_in(&ada.cookie).await;
        }
        assert_eq!(world.authority.database.commits(), commits);
        assert_eq!(world.authority.flush_session_activity().await.unwrap(), 1);
        assert_eq!(world.authority.flush_session_activity().await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn cookies_of_other_kinds_and_typos_are_nobody() {
    for_each_database(async |database| {
        let world = World::new(database);
        let ada = world.register("ada").await;
        let other = PlainSecret::generate(OpaqueKind::RefreshToken, world.ctx().random.as_ref());
        let typo = ada.cookie.expose().replace("az_sk_", "az_sk-");
        let unknown = PlainSecret::generate(OpaqueKind::SessionCookie, world.ctx().random.as_ref());
        for cookie in [
            "",
            "x",
            other.expose(),
            &typo,
            &typo.to_uppercase(),
            unknown.expose(),
        ] {
            let resumed = world.authority.resume(&world.ctx(), cookie).await.unwrap();
            assert!(resumed.is_none());
        }
    })
    .await;
}

#[tokio::test]
async fn an_ended_session_is_dead_once_and_in_the_log_once() {
    for_each_database(async |database| {
        let world = World::new(database);
        let ada = world.register("ada").await;
        let (ctx, by) = (world.ctx(), Actor::User(ada.user.id));
        assert!(
            world
                .authority
                .end_session(&ctx, ada.session.id, by.clone())
                .await
                .unwrap()
        );
        assert!(
            !world
                .authority
                .end_session(&ctx, ada.session.id, by.clone())
                .await
                .unwrap()
        );
        let stranger = SessionId::random(ctx.random.as_ref());
        assert!(!world.authority.end_session(&ctx, stranger, by).await.unwrap());
        assert!(!world.is_signed_in(&ada.cookie).await);
        let feed = world.authority.revocation_snapshot().await.unwrap();
        let [event] = feed.events.as_slice() else {
            panic!("one event")
        };
        assert_eq!(
            (event.kind, event.id.as_str()),
            (RevocationKind::Session, ada.session.id.to_string().as_str())
        );
        assert_eq!(event.issued_before, None);
        let longest = world.authority.settings.tokens.longest_access_ttl;
        assert!(event.until >= world.now().plus(longest).as_seconds());
        assert_eq!(world.count_audit("session.ended").await, 1);
    })
    .await;
}

/// The end of a session wakes whoever waits for the log.
#[tokio::test]
async fn a_waiting_proxy_hears_of_the_end_at_once() {
    for_each_database(async |database| {
        let world = World::new(database);
        let ada = world.register("ada").await;
        let waiting = {
            let authority = world.authority.clone();
            tokio::spawn(async move { authority.revocations_after(0).await.unwrap() })
        };
        world
            .authority
            .end_session(&world.ctx(), ada.session.id, Actor::System)
            .await
            .unwrap();
        let page = tokio::time::timeout(Duration::from_secs(5), waiting)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(page.events.len(), 1);
        assert_eq!(page.head, page.events[0].position);
    })
    .await;
}

/// A02: the stored row holds the cookie's digest, not the cookie.
#[tokio::test]
async fn the_database_does_not_know_the_cookie() {
    for_each_database(async |database| {
        let world = World::new(database.clone());
        let ada = world.register("ada").await;
        let mut reader = database.read().await.unwrap();
        let sql = "SELECT count(*) AS n FROM sessions WHERE id = $1 OR address = $1 OR user_agent = $1";
        let row = reader
            .fetch_one(sql, &[ada.cookie.expose().into()])
            .await
            .unwrap();
        assert_eq!(row.int("n").unwrap(), 0);
        let found = storage::sessions::find_by_secret(&mut reader, &ada.cookie.digest())
            .await
            .unwrap();
        assert_eq!(found.unwrap().id, ada.session.id);
    })
    .await;
}
