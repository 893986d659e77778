//! Requests that are sent again, on both databases.

use std::time::Duration;

use domain::idempotency::{Attempt, IdempotencyKey, IdempotentRequest, KeptAnswer, LEASE, Lease};
use testkit::database::for_each_database;

use crate::world::World;

fn kept() -> KeptAnswer {
    KeptAnswer {
        status: 201,
        kind: Some("application/json".to_owned()),
        body: "{}".to_owned(),
    }
}

async fn attempt(world: &World, body: &str) -> Attempt {
    let key = IdempotencyKey::parse(b"k").unwrap();
    let request = IdempotentRequest {
        caller: "usr_ada",
        method: "POST",
        path: "/v1/things",
        body: body.as_bytes(),
        key: &key,
    };
    world.authority.attempt(&world.ctx(), &request).await.unwrap()
}

async fn first(world: &World, body: &str) -> Lease {
    match attempt(world, body).await {
        Attempt::First(lease) => lease,
        _ => panic!("not the first"),
    }
}

#[tokio::test]
async fn the_first_answer_is_given_to_every_repetition() {
    for_each_database(async |database| {
        let world = World::new(database);
        let lease = first(&world, "a").await;
        assert!(matches!(attempt(&world, "a").await, Attempt::InProgress(left) if left == LEASE));
        assert!(matches!(attempt(&world, "b").await, Attempt::Conflict));
        world
            .authority
            .keep_answer(&world.ctx(), lease, kept())
            .await
            .unwrap();
        assert!(matches!(attempt(&world, "a").await, Attempt::Repeated(answer) if answer == kept()));
        assert!(matches!(attempt(&world, "b").await, Attempt::Conflict));
        world.advance(24 * 60 * 60 + 1);
        world.authority.forget_expired(&world.ctx()).await.unwrap();
        first(&world, "b").await;
    })
    .await;
}

/// A crash frees the key when its lease ends; the one taken for dead can neither answer nor free it any more.
#[tokio::test]
async fn a_lost_request_gives_way_to_the_next_after_its_lease() {
    for_each_database(async |database| {
        let world = World::new(database);
        let lost = first(&world, "a").await;
        world.advance((LEASE + Duration::from_secs(1)).as_secs());
        let next = first(&world, "a").await;
        world.authority.release_key(lost.clone()).await.unwrap();
        let late = KeptAnswer {
            status: 500,
            ..kept()
        };
        world
            .authority
            .keep_answer(&world.ctx(), lost, late)
            .await
            .unwrap();
        assert!(matches!(attempt(&world, "a").await, Attempt::InProgress(_)));
        world
            .authority
            .keep_answer(&world.ctx(), next, kept())
            .await
            .unwrap();
        assert!(matches!(attempt(&world, "a").await, Attempt::Repeated(answer) if answer == kept()));
    })
    .await;
}

#[tokio::test]
async fn a_failed_request_leaves_the_key_as_it_was() {
    for_each_database(async |database| {
        let world = World::new(database);
        let lease = first(&world, "a").await;
        world.authority.release_key(lease).await.unwrap();
        first(&world, "b").await;
    })
    .await;
}

/// B05: of many at once, on either database, one is the first.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_race_for_a_key_and_one_is_first() {
    for_each_database(async |database| {
        let world = std::sync::Arc::new(World::new(database));
        let racers = (0..50).map(|_| {
            let world = world.clone();
            tokio::spawn(async move { matches!(attempt(&world, "a").await, Attempt::First(_)) })
        });
        let mut winners = 0;
        for racer in racers.collect::<Vec<_>>() {
            winners += usize::from(racer.await.unwrap());
        }
        assert_eq!(winners, 1);
    })
    .await;
}
