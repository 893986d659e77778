//! Registration: what is refused, and two who want the same name.

use std::sync::Arc;

use domain::people::AskedIn;
use domain::people::{AccountProblems, EmailProblem, NameProblem, RegisterError, UsernameProblem};
use testkit::database::for_each_database;

use crate::world::{PASSWORD, World, form};

async fn problems(world: &World, username: &str, email: &str) -> AccountProblems {
    match world
        .authority
        .register(&world.ctx(), form(username, email), AskedIn::default())
        .await
    {
        Err(RegisterError::Invalid(problems)) => *problems,
        _ => AccountProblems::default(),
    }
}

#[tokio::test]
async fn a_new_account_is_signed_in_and_can_sign_in() {
    for_each_database(async |database| {
        let world = World::new(database);
        let ada = world.register("ada").await;
        assert!(world.is_signed_in(&ada.cookie).await);
        assert!(!ada.user.is_admin());
        assert!(world.log_in("ada", PASSWORD).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn every_wrong_field_is_told_at_once() {
    for_each_database(async |database| {
        let world = World::new(database);
        world.register("ada").await;
        let taken = problems(&world, "ADA", "Ada@Example.org").await;
        assert_eq!(taken.username, Some(UsernameProblem::Taken));
        assert_eq!(taken.email, Some(EmailProblem::Taken));
        let mut form = form("-x-", "nowhere");
        form.name = "two\nlines".to_owned();
        let Err(RegisterError::Invalid(malformed)) = world
            .authority
            .register(&world.ctx(), form, AskedIn::default())
            .await
        else {
            panic!("accepted")
        };
        assert!(matches!(malformed.username, Some(UsernameProblem::Malformed(_))));
        assert_eq!(malformed.email, Some(EmailProblem::Malformed));
        assert_eq!(malformed.name, Some(NameProblem::Malformed));
        assert_eq!(malformed.password, None);
    })
    .await;
}

#[tokio::test]
async fn closed_registration_takes_nobody() {
    for_each_database(async |database| {
        let world = World::with(database, |settings| settings.registration.open = false);
        let answer = world
            .authority
            .register(&world.ctx(), form("ada", "ada@example.org"), AskedIn::default())
            .await;
        assert!(matches!(answer, Err(RegisterError::Closed)));
        assert_eq!(world.hashes(), 0);
    })
    .await;
}

#[tokio::test]
async fn of_many_who_register_one_address_at_once_one_gets_it() {
    for_each_database(async |database| {
        let world = Arc::new(World::new(database));
        let racers = (0..8).map(|racer| {
            let world = world.clone();
            tokio::spawn(async move {
                let form = form(&format!("racer{racer}"), "one@example.org");
                match world
                    .authority
                    .register(&world.ctx(), form, AskedIn::default())
                    .await
                {
                    Ok(_) => true,
                    Err(RegisterError::Invalid(problems)) => {
                        assert_eq!(problems.email, Some(EmailProblem::Taken));
                        assert_eq!(problems.username, None);
                        false
                    }
                    Err(error) => panic!("{error}"),
                }
            })
        });
        let mut winners = 0;
        for racer in racers.collect::<Vec<_>>() {
            winners += usize::from(racer.await.unwrap());
        }
        assert_eq!(winners, 1);
        assert_eq!(world.count_users().await, 1);
    })
    .await;
}
