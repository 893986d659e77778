//! New passwords, at every door that takes one.

use domain::people::password::PasswordProblem;
use domain::people::{AskedIn, RegisterError};
use model::PlainSecret;
use model::user::Role;
use testkit::database::for_each_database;

use crate::world::{World, form};

async fn refused(world: &World, password: &str) -> Option<PasswordProblem> {
    let mut form = form("ada", "ada@example.org");
    form.password = PlainSecret::new(password);
    match world
        .authority
        .register(&world.ctx(), form, AskedIn::default())
        .await
    {
        Err(RegisterError::Invalid(problems)) => problems.password,
        _ => None,
    }
}

/// L06, L07
#[tokio::test]
async fn short_long_common_and_own_words_are_refused_without_hashing() {
    for_each_database(async |database| {
        let world = World::with(database, |settings| {
            settings.passwords.known_words = vec!["Lighthouse".to_owned()];
        });
        assert_eq!(
            refused(&world, "kq9#Tz!").await,
            Some(PasswordProblem::TooShort { minimum: 8 })
        );
        assert_eq!(
            refused(&world, &"x".repeat(1025)).await,
            Some(PasswordProblem::TooLong)
        );
        for guessable in ["sunshine", "ada@example.org", "lighthouse", "Lighthouse1"] {
            let problem = refused(&world, guessable).await;
            assert!(
                matches!(problem, Some(PasswordProblem::Guessable { .. })),
                "{guessable}"
            );
        }
        // Five judgements of strength, which have the same threads, and no hash.
        assert_eq!(world.authority.hasher.figures().done, 5);
    })
    .await;
}

/// L06: what is accepted at registration signs in, in either Unicode form.
#[tokio::test]
async fn spaces_emoji_and_long_texts_sign_in_again() {
    for_each_database(async |database| {
        let world = World::new(database);
        let long = "quilt tangent ".repeat(14);
        let passwords = [
            ("a1", "caf\u{e9} \u{1f98a} orbit", "cafe\u{301} \u{1f98a} orbit"),
            ("a2", &long, &long),
            ("a3", "  leading and trailing  ", "  leading and trailing  "),
        ];
        for (name, chosen, typed) in passwords {
            let mut form = form(name, &format!("{name}@example.org"));
            form.password = PlainSecret::new(chosen);
            let by = model::audit::Actor::Operator;
            let created = world
                .authority
                .create_user(&world.ctx(), form, Role::User, by)
                .await;
            assert!(created.is_ok(), "{name}");
            assert!(world.log_in(name, typed).await.is_ok(), "{name}");
            assert!(
                world
                    .log_in(name, typed.trim_end_matches(['t', ' ']))
                    .await
                    .is_err(),
                "{name}"
            );
        }
    })
    .await;
}
