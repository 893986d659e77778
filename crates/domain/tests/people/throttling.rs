//! Guessing: how often, from where, under which spelling, and in parallel.

use std::sync::Arc;

use domain::people::{LogIn, LoginError};
use testkit::database::for_each_database;

use crate::world::{PASSWORD, World, attempt};

fn is_blocked<T>(answer: &Result<T, LoginError>) -> bool {
    matches!(answer, Err(LoginError::TooManyAttempts { .. }))
}

/// L02: from ten addresses, ten evaluated, then even the right password has to wait.
#[tokio::test]
async fn ten_guesses_are_evaluated_then_the_account_waits() {
    for_each_database(async |database| {
        let world = World::new(database);
        world.register("ada").await;
        let before = world.hashes();
        for guess in 0..10 {
            let answer = world
                .log_in_from(&format!("198.51.100.{guess}"), "ada", "wrong")
                .await;
            assert!(matches!(answer, Err(LoginError::InvalidCredentials)), "{guess}");
        }
        let answer = world.log_in_from("203.0.113.1", "ada", PASSWORD).await;
        assert!(is_blocked(&answer));
        assert_eq!(world.hashes() - before, 10);
        assert_eq!(world.count_audit("login.throttled").await, 1);
        world.advance(30);
        assert!(world.log_in_from("203.0.113.1", "ada", PASSWORD).await.is_ok());
    })
    .await;
}

/// L02, L01: an account that does not exist behaves like one that does.
#[tokio::test]
async fn nobody_is_throttled_like_somebody() {
    for_each_database(async |database| {
        let world = World::new(database);
        for guess in 0..10 {
            let answer = world
                .log_in_from(&format!("198.51.100.{guess}"), "nobody", "wrong")
                .await;
            assert!(!is_blocked(&answer), "{guess}");
        }
        assert!(is_blocked(
            &world.log_in_from("203.0.113.1", " NOBODY ", "wrong").await
        ));
    })
    .await;
}

/// L02: success starts the count afresh.
#[tokio::test]
async fn success_forgives_the_failures_before_it() {
    for_each_database(async |database| {
        let world = World::new(database);
        world.register("ada").await;
        for round in 0..4 {
            for _ in 0..9 {
                let address = format!("198.51.100.{round}");
                assert!(!is_blocked(&world.log_in_from(&address, "ada", "wrong").await));
            }
            world.log_in_from("203.0.113.1", "ada", PASSWORD).await.unwrap();
        }
    })
    .await;
}

/// L02: sixty guesses at once get no more looks than ten in a row.
#[tokio::test]
async fn parallel_guesses_do_not_outrun_the_counter() {
    for_each_database(async |database| {
        let world = Arc::new(World::new(database));
        world.register("ada").await;
        let before = world.hashes();
        let guesses = (0..60).map(|guess| {
            let world = world.clone();
            tokio::spawn(async move {
                world
                    .log_in_from(&format!("198.51.100.{guess}"), "ada", "wrong")
                    .await
                    .is_err()
            })
        });
        for guess in guesses.collect::<Vec<_>>() {
            assert!(guess.await.unwrap());
        }
        assert_eq!(world.hashes() - before, 10);
    })
    .await;
}

/// L03
#[tokio::test]
async fn spellings_of_one_account_share_one_counter() {
    for_each_database(async |database| {
        let world = World::new(database);
        world.register("ada").await;
        let spellings = ["ada", "ADA", " ada", "ada@example.org", "ADA@EXAMPLE.ORG"];
        for guess in 0..10 {
            let address = format!("198.51.100.{guess}");
            let answer = world
                .log_in_from(&address, spellings[guess % spellings.len()], "wrong")
                .await;
            assert!(!is_blocked(&answer), "{guess}");
        }
        for spelling in spellings {
            assert!(
                is_blocked(&world.log_in_from("203.0.113.1", spelling, "wrong").await),
                "{spelling}"
            );
        }
    })
    .await;
}

/// L04: one leaked pair for each of many accounts, from one /64.
#[tokio::test]
async fn one_network_gets_fifteen_pairs() {
    for_each_database(async |database| {
        let world = World::new(database);
        for pair in 0..15 {
            let address = format!("2001:db8::{pair:x}");
            let answer = world
                .log_in_from(&address, &format!("user{pair}"), "leaked")
                .await;
            assert!(!is_blocked(&answer), "{pair}");
        }
        let (neighbour, elsewhere) = ("2001:db8::ffff", "2001:db8:0:1::1");
        assert!(is_blocked(
            &world.log_in_from(neighbour, "user99", "leaked").await
        ));
        assert!(!is_blocked(
            &world.log_in_from(elsewhere, "user99", "leaked").await
        ));
        assert_eq!(world.count_audit("login.throttled").await, 1);
    })
    .await;
}

/// L02: strangers who block an account don't keep out its owner, who proves the password again in a live session.
#[tokio::test]
async fn the_owner_with_a_live_session_is_not_locked_out() {
    for_each_database(async |database| {
        let world = World::new(database);
        let owner = world.register("ada").await;
        for guess in 0..10 {
            let _ = world
                .log_in_from(&format!("198.51.100.{guess}"), "ada", "wrong")
                .await;
        }
        assert!(is_blocked(
            &world.log_in_from("203.0.113.1", "ada", PASSWORD).await
        ));
        let command = LogIn {
            current: Some(owner.session.clone()),
            ..attempt("ada", PASSWORD)
        };
        assert!(world.authority.log_in(&world.ctx(), command).await.is_ok());
    })
    .await;
}

/// R18
#[tokio::test]
async fn a_restart_forgets_no_attempt() {
    for_each_database(async |database| {
        let world = World::new(database.clone());
        world.register("ada").await;
        for guess in 0..10 {
            let _ = world
                .log_in_from(&format!("198.51.100.{guess}"), "ada", "wrong")
                .await;
        }
        let restarted = World::new(database);
        assert!(is_blocked(
            &restarted.log_in_from("203.0.113.1", "ada", PASSWORD).await
        ));
    })
    .await;
}
