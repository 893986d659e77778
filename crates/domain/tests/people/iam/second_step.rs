//! The IAM user's own second factor.

use domain::people::{IamLoginError, IamVerify, SecondFactorError, SignIn, SignedIn};
use model::PlainSecret;
use model::iam::IamUser;
use testkit::database::for_each_database;
use totp_rs::{Algorithm, Builder, Secret};

use super::{Change, House, attempt};
use crate::world::{PASSWORD, World};

async fn turn_on(world: &World, who: &SignedIn<IamUser>) -> impl Fn(&World) -> String + use<> {
    let (authority, ctx, whose) = (&world.authority, world.ctx(), (&who.user, &who.session));
    authority.begin_totp(&ctx, whose, None).await.unwrap();
    let setup = authority.totp_setup(&ctx, &who.user, "Lighthouse").await;
    let setup = setup.unwrap().unwrap();
    let label = format!("otpauth://totp/Lighthouse:Deploy.Bot%40{}?", who.user.account_id);
    assert!(
        setup.address.expose().starts_with(&label),
        "{}",
        setup.address.expose()
    );
    let app = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(30)
        .with_secret(Secret::try_from_base32(setup.secret.expose()).unwrap())
        .build()
        .unwrap();
    let code = move |world: &World| {
        let now = u64::try_from(world.now().as_seconds()).unwrap();
        app.generate(now).to_string()
    };
    authority.confirm_totp(&ctx, whose, &code(world)).await.unwrap();
    world.advance(30);
    code
}

async fn pending(world: &World, house: &House) -> PlainSecret {
    match world.log_in_iam(attempt(house, PASSWORD)).await.unwrap() {
        SignIn::SecondFactor(pending) => pending,
        SignIn::Done(_) => panic!("no second factor was asked for"),
    }
}

fn with(pending: &PlainSecret, code: &str) -> IamVerify {
    IamVerify {
        pending: pending.clone(),
        code: Some(code.to_owned()),
        new_password: None,
    }
}

#[tokio::test]
async fn a_code_completes_the_sign_in_once() {
    for_each_database(async |database| {
        let world = World::new(database);
        let house = world.house().await;
        let code = turn_on(&world, &world.signed_in(&house).await).await;
        let pending = pending(&world, &house).await;
        let (authority, ctx) = (&world.authority, world.ctx());
        let wrong = authority.finish_iam_sign_in(&ctx, with(&pending, "000000")).await;
        assert!(matches!(wrong, Err(IamLoginError::WrongCode)));
        let right = || authority.finish_iam_sign_in(&ctx, with(&pending, &code(&world)));
        let who = right().await.unwrap();
        assert_eq!(who.session.authentication.acr, model::authentication::ACR_MFA);
        assert!(matches!(right().await, Err(IamLoginError::Over)));
    })
    .await;
}

/// L11: the root user's factor and the IAM user's are separate, and so are the sign-ins that wait for them.
#[tokio::test]
async fn root_and_iam_factors_and_waiting_sign_ins_do_not_mix() {
    for_each_database(async |database| {
        let world = World::new(database);
        let house = world.house().await;
        let (_, roots_code, _) = world.turn_on_totp(&house.root).await;
        // The root's factor asks nothing of the IAM user.
        let own_code = turn_on(&world, &world.signed_in(&house).await).await;
        let (authority, ctx) = (&world.authority, world.ctx());
        let iam = pending(&world, &house).await;
        let roots = roots_code(world.now().as_seconds());
        let crossed = authority.finish_iam_sign_in(&ctx, with(&iam, &roots)).await;
        assert!(matches!(crossed, Err(IamLoginError::WrongCode)));
        let own = own_code(&world);
        let door = authority.finish_sign_in(&ctx, (iam.expose(), &*own), None);
        assert!(matches!(door.await, Err(SecondFactorError::Over)));
        let person = crate::second_factor::pending(&world).await;
        let door = authority.finish_iam_sign_in(&ctx, with(&person, &roots)).await;
        assert!(matches!(door, Err(IamLoginError::Over)));
        assert!(
            authority
                .finish_iam_sign_in(&ctx, with(&iam, &own_code(&world)))
                .await
                .is_ok()
        );
    })
    .await;
}

/// The second step comes first: nothing is said of the password before it, and no code is used up in vain.
#[tokio::test]
async fn a_password_that_must_change_is_told_after_the_second_step() {
    for_each_database(async |database| {
        let world = World::new(database);
        let house = world.house().await;
        let code = turn_on(&world, &world.signed_in(&house).await).await;
        world.change_iam(house.bot.id, Change::RequirePassword).await;
        let pending = pending(&world, &house).await;
        let (authority, ctx) = (&world.authority, world.ctx());
        let wrong = authority.finish_iam_sign_in(&ctx, with(&pending, "000000")).await;
        assert!(matches!(wrong, Err(IamLoginError::WrongCode)));
        let due = authority
            .finish_iam_sign_in(&ctx, with(&pending, &code(&world)))
            .await;
        assert!(matches!(due, Err(IamLoginError::ChangeRequired { .. })));
        let mut both = with(&pending, &code(&world));
        both.new_password = Some(PlainSecret::new("quilt tangent marrow"));
        assert!(authority.finish_iam_sign_in(&ctx, both).await.is_ok());
    })
    .await;
}

/// A sign-in that waits does not outlive the right to sign in.
#[tokio::test]
async fn closing_the_console_shuts_the_second_step_too() {
    for_each_database(async |database| {
        let world = World::new(database);
        let house = world.house().await;
        let code = turn_on(&world, &world.signed_in(&house).await).await;
        let pending = pending(&world, &house).await;
        world.change_iam(house.bot.id, Change::CloseConsole).await;
        let given = with(&pending, &code(&world));
        assert!(
            world
                .authority
                .finish_iam_sign_in(&world.ctx(), given)
                .await
                .is_err()
        );
    })
    .await;
}
