//! Guessing at two replicas at once: what guards an account is in the database, and exact.

use std::sync::Arc;

use domain::mail::Message;
use domain::people::{AskedIn, CONFIRMING, LoginError, SecondFactorError};
use domain::sealing::MasterKeys;
use futures::future::join_all;
use model::SystemRandom;
use model::challenge::Purpose;
use storage::Database;
use testkit::database::for_each_database;

use crate::second_factor::{pending, with_app};
use crate::world::{World, attempt};

const GUESSES: usize = 40;

/// Two servers on one database, with the same master keys.
fn two(database: &Database) -> [Arc<World>; 2] {
    let keys = MasterKeys::generate(&SystemRandom);
    [(); 2].map(|()| Arc::new(World::under(database.clone(), &keys, |_| ())))
}

/// Each of many guesses at one of the two, all at once.
async fn guess<T: Send + 'static, F>(
    replicas: &[Arc<World>; 2],
    run: impl Fn(Arc<World>, usize) -> F,
) -> Vec<T>
where
    F: Future<Output = T> + Send + 'static,
{
    let guesses = (0..GUESSES).map(|turn| tokio::spawn(run(replicas[turn % 2].clone(), turn)));
    let answers = join_all(guesses.collect::<Vec<_>>()).await;
    answers.into_iter().map(Result::unwrap).collect()
}

/// L02: of forty guesses at a password from forty addresses ten are looked at.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn guesses_at_a_password_share_one_counter() {
    for_each_database(async |database| {
        let replicas = two(&database);
        replicas[0].register("ada").await;
        let answers = guess(&replicas, |world, turn| async move {
            let ctx = world.ctx_from(&format!("198.51.100.{turn}"));
            world.authority.log_in(&ctx, attempt("ada", "wrong")).await.err()
        });
        let answers = answers.await;
        let wrong = |answer: &&Option<LoginError>| matches!(answer, Some(LoginError::InvalidCredentials));
        assert_eq!(answers.iter().filter(wrong).count(), 10);
    })
    .await;
}

/// L08: of forty guesses at the second factor ten are looked at, of those at one waiting sign-in five.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn guesses_at_a_second_factor_share_one_counter() {
    for_each_database(async |database| {
        let replicas = two(&database);
        let (ada, ..) = with_app(&replicas[0]).await;
        replicas[1].advance(30);
        let waiting: Arc<str> = pending(&replicas[0]).await.expose().into();
        let answers = guess(&replicas, move |world, _| {
            let waiting = waiting.clone();
            async move {
                let proof = (&*waiting, "nonsense");
                world
                    .authority
                    .finish_sign_in(&world.ctx(), proof, None)
                    .await
                    .err()
            }
        });
        let answers = answers.await;
        let wrong =
            |answer: &&Option<SecondFactorError>| matches!(answer, Some(SecondFactorError::WrongCode));
        assert_eq!(answers.iter().filter(wrong).count(), 5);
        let answers = guess(&replicas, move |world, _| {
            let user = ada.user.clone();
            async move {
                let ctx = world.ctx();
                let renewed = world.authority.renew_backup_codes(&ctx, &user, "nonsense");
                renewed.await.err()
            }
        });
        let answers = answers.await;
        assert_eq!(answers.iter().filter(wrong).count(), 5, "those before count");
    })
    .await;
}

/// L15: of forty who give the code of a mail, all of them right, five are looked at.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn guesses_at_a_mailed_code_share_one_counter() {
    for_each_database(async |database| {
        let replicas = two(&database);
        let ada = replicas[0].register("ada").await;
        replicas[0].work_off().await;
        let (authority, ctx) = (&replicas[0].authority, replicas[0].ctx());
        let email = ada.user.email.as_str();
        let asked = authority.ask_by_mail(&ctx, Purpose::VerifyEmail, email, AskedIn::default());
        let id = asked.await.unwrap();
        let letter = replicas[0].work_off().await.remove(0);
        let Message::VerifyEmail { code, .. } = letter.message else {
            panic!("another letter")
        };
        let answers = guess(&replicas, move |world, _| {
            let code = code.clone();
            async move {
                let (ctx, id) = (world.ctx(), id.to_string());
                let proven = world.authority.prove_by_code(&ctx, &CONFIRMING, (&id, &code));
                proven.await.is_ok()
            }
        });
        assert_eq!(
            answers.await.into_iter().filter(|looked_at| *looked_at).count(),
            5
        );
    })
    .await;
}
