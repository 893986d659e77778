//! How alike the failures are.

use domain::people::{IamLogIn, IamLoginError};
use testkit::database::for_each_database;

use super::{Change, House, attempt};
use crate::world::{PASSWORD, World};

/// What each failure is, with a password that is right wherever there is one.
async fn failures(world: &World, house: &House) -> Vec<(&'static str, IamLogIn)> {
    for (name, change) in [("closed", Change::CloseConsole), ("shut", Change::Disable)] {
        let user = world.iam_user(&house.account, name).await;
        world.change_iam(user.id, change).await;
    }
    let with = |change: fn(&mut IamLogIn)| {
        let mut given = attempt(house, PASSWORD);
        change(&mut given);
        given
    };
    vec![
        (
            "wrong account",
            with(|given| given.account = "000000000000".to_owned()),
        ),
        ("no account", with(|given| given.account = "ada".to_owned())),
        ("wrong user", with(|given| given.username = "nobody".to_owned())),
        ("no name", with(|given| given.username = "no body".to_owned())),
        (
            "console closed",
            with(|given| given.username = "closed".to_owned()),
        ),
        ("disabled", with(|given| given.username = "shut".to_owned())),
        ("wrong password", attempt(house, "vexing plum orbits")),
    ]
}

/// L18: one answer, one hash, as many commits and rows, whatever was wrong.
#[tokio::test]
async fn wrong_account_user_password_and_closed_console_cost_and_answer_alike() {
    for_each_database(async |database| {
        let world = World::new(database);
        let house = world.house().await;
        for (what, given) in failures(&world, &house).await {
            let cost = async || {
                let commits = world.authority.database.commits();
                (world.hashes(), commits, world.audit().await.len())
            };
            let before = cost().await;
            let answer = world.log_in_iam(given).await;
            assert!(matches!(answer, Err(IamLoginError::InvalidCredentials)), "{what}");
            let after = cost().await;
            let cost = (after.0 - before.0, after.1 - before.1, after.2 - before.2);
            assert_eq!(cost, (1, 2, 1), "{what}");
        }
    })
    .await;
}

/// L18: guesses at one user close that user; guesses at many names of an account close the account.
#[tokio::test]
async fn guesses_count_for_the_user_and_for_the_account() {
    for_each_database(async |database| {
        let world = World::with(database, |settings| {
            settings.address_throttle.free_attempts = 50;
        });
        let house = world.house().await;
        world.iam_user(&house.account, "other").await;
        let mut other = attempt(&house, PASSWORD);
        other.username = "other".to_owned();
        let wrong = attempt(&house, "vexing plum orbits");
        while !matches!(
            world.log_in_iam(wrong.clone()).await,
            Err(IamLoginError::TooManyAttempts { .. })
        ) {}
        assert!(world.log_in_iam(other.clone()).await.is_ok());
        for guess in 0..200 {
            let mut given = wrong.clone();
            given.username = format!("guess{guess}");
            let ctx = world.ctx_from(&format!("198.51.100.{guess}"));
            world.authority.log_in_iam(&ctx, given).await.err();
        }
        let ctx = world.ctx_from("203.0.113.9");
        let closed = world.authority.log_in_iam(&ctx, other).await;
        assert!(matches!(closed, Err(IamLoginError::TooManyAttempts { .. })));
    })
    .await;
}
