//! Signing in: what succeeds, what fails, and how alike the failures are.

use domain::people::{LogIn, LoginError};
use model::audit::Actor;
use testkit::database::for_each_database;

use crate::world::{PASSWORD, World, attempt};

/// L03, from the friendly side.
#[tokio::test]
async fn name_and_address_sign_in_in_any_spelling() {
    for_each_database(async |database| {
        let world = World::new(database);
        let ada = world.register("ada").await.user;
        for spelling in ["ada", " ADA ", "ada@example.org", "Ada@Example.ORG"] {
            let signed_in = world.log_in(spelling, PASSWORD).await.unwrap();
            assert_eq!(signed_in.user.id, ada.id, "{spelling}");
            assert!(world.is_signed_in(&signed_in.cookie).await);
        }
    })
    .await;
}

/// L01: nobody, a wrong password, a disabled account: one answer, one hash, as many commits and rows.
#[tokio::test]
async fn unknown_wrong_and_disabled_cost_and_answer_alike() {
    for_each_database(async |database| {
        let world = World::new(database);
        world.register("ada").await;
        let bob = world.register("bob").await.user;
        world
            .authority
            .disable_user(&world.ctx(), bob.id, Actor::Operator)
            .await
            .unwrap();
        let mut costs = Vec::new();
        for name in ["ada", "bob", "nobody", "nobody@example.org", "no body!"] {
            let before = (
                world.hashes(),
                world.authority.database.commits(),
                world.audit().await.len(),
            );
            let answer = world.log_in(name, "vexing plum orbits").await;
            assert!(matches!(answer, Err(LoginError::InvalidCredentials)), "{name}");
            let after = (
                world.hashes(),
                world.authority.database.commits(),
                world.audit().await.len(),
            );
            costs.push((after.0 - before.0, after.1 - before.1, after.2 - before.2));
        }
        assert_eq!(costs, [(1, 2, 1); 5]);
    })
    .await;
}

#[tokio::test]
async fn disabled_is_said_only_after_the_right_password() {
    for_each_database(async |database| {
        let world = World::new(database);
        let ada = world.register("ada").await.user;
        world
            .authority
            .disable_user(&world.ctx(), ada.id, Actor::Operator)
            .await
            .unwrap();
        assert!(matches!(
            world.log_in("ada", "wrong").await,
            Err(LoginError::InvalidCredentials)
        ));
        assert!(matches!(
            world.log_in("ada", PASSWORD).await,
            Err(LoginError::Disabled)
        ));
    })
    .await;
}

/// S01
#[tokio::test]
async fn signing_in_again_kills_the_old_secret_and_keeps_the_session() {
    for_each_database(async |database| {
        let world = World::new(database);
        let first = world.register("ada").await;
        let command = LogIn {
            current: Some(first.session.clone()),
            ..attempt("ada", PASSWORD)
        };
        let second = world.authority.log_in(&world.ctx(), command).await.unwrap();
        let second = second.done().unwrap();
        // What was granted in the session goes on: its id does not change.
        assert_eq!(first.session.id, second.session.id);
        assert_ne!(first.cookie.expose(), second.cookie.expose());
        assert!(!world.is_signed_in(&first.cookie).await);
        assert!(world.is_signed_in(&second.cookie).await);
    })
    .await;
}

/// S01
#[tokio::test]
async fn signing_in_as_somebody_else_ends_the_session_before() {
    for_each_database(async |database| {
        let world = World::new(database);
        let (first, _) = (world.register("ada").await, world.register("bob").await);
        let command = LogIn {
            current: Some(first.session.clone()),
            ..attempt("bob", PASSWORD)
        };
        let second = world.authority.log_in(&world.ctx(), command).await.unwrap();
        let second = second.done().unwrap();
        assert_ne!(first.session.id, second.session.id);
        assert!(!world.is_signed_in(&first.cookie).await);
        assert!(world.is_signed_in(&second.cookie).await);
    })
    .await;
}

/// S01: a failed attempt ends nothing.
#[tokio::test]
async fn a_failed_login_leaves_the_present_session_alone() {
    for_each_database(async |database| {
        let world = World::new(database);
        let first = world.register("ada").await;
        let command = LogIn {
            current: Some(first.session.clone()),
            ..attempt("ada", "wrong")
        };
        assert!(world.authority.log_in(&world.ctx(), command).await.is_err());
        assert!(world.is_signed_in(&first.cookie).await);
    })
    .await;
}

#[tokio::test]
async fn a_hash_with_old_figures_is_renewed_at_login() {
    for_each_database(async |database| {
        World::new(database.clone()).register("ada").await;
        let stronger = World::with(database, |settings| settings.passwords.passes = 2);
        let stored = async || {
            let user = stronger.authority.find_user("ada").await.unwrap().unwrap();
            user.password.unwrap().as_phc().to_owned()
        };
        assert!(stored().await.contains("t=1"));
        stronger.log_in("ada", PASSWORD).await.unwrap();
        assert!(stored().await.contains("t=2"));
        stronger.log_in("ada", PASSWORD).await.unwrap();
    })
    .await;
}

/// L07: longer than 1024 bytes is refused before any look-up or hash.
#[tokio::test]
async fn an_overlong_password_costs_nothing() {
    for_each_database(async |database| {
        let world = World::new(database);
        world.register("ada").await;
        let before = (world.hashes(), world.authority.database.commits());
        let answer = world.log_in("ada", &"x".repeat(1025)).await;
        assert!(matches!(answer, Err(LoginError::InvalidCredentials)));
        assert_eq!((world.hashes(), world.authority.database.commits()), before);
        assert!(world.log_in("ada", &"x".repeat(1024)).await.is_err());
        assert_eq!(world.hashes(), before.0 + 1);
    })
    .await;
}

/// A02: what is remembered of a login holds no password, cookie or digest.
#[tokio::test]
async fn audit_rows_hold_no_secret() {
    for_each_database(async |database| {
        let world = World::new(database);
        let signed_in = world.register("ada").await;
        let _ = world.log_in("ada", "canary-wrong-password").await;
        let again = world.log_in("ada", PASSWORD).await.unwrap();
        let text = format!("{:?}", world.audit().await);
        for secret in [
            PASSWORD,
            "canary-wrong-password",
            signed_in.cookie.expose(),
            again.cookie.expose(),
            "$argon2",
        ] {
            assert!(!text.contains(secret));
        }
        assert!(text.contains("login.failed") && text.contains("session.started"));
    })
    .await;
}
