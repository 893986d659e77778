//! Passkeys: made, used alone and as the second step, copied, replayed, taken away.

use domain::people::{
    AddPasskeyError, AddedPasskey, PasskeyAnswer, PasskeyCeremony, PasskeyError, PresenceError,
    SecondFactorError, SignIn, SignedIn,
};
use model::authentication::ACR_MFA;
use model::{PlainSecret, SecretDigest};
use serde_json::Value;
use storage::Database;
use testkit::authenticator::SoftPasskey;
use testkit::database::for_each_database;

use crate::world::{PASSWORD, World, attempt};

pub const ISSUER: &str = "https://login.example.org";

fn world(database: Database) -> World {
    World::with(database, |settings| ISSUER.clone_into(&mut settings.issuer))
}

fn browser() -> SecretDigest {
    SecretDigest::of("the browser of Ada")
}

async fn begin(world: &World, who: &SignedIn, name: &str) -> Result<PasskeyCeremony, AddPasskeyError> {
    let given = (&PlainSecret::new(PASSWORD), name);
    let session = (&who.user, &who.session);
    world
        .authority
        .begin_passkey(&world.ctx(), session, &browser(), given)
        .await
}

async fn add(
    world: &World,
    who: &SignedIn,
    (state, credential): (&str, &str),
) -> Result<AddedPasskey, AddPasskeyError> {
    let browser = browser();
    let answer = PasskeyAnswer {
        state,
        credential,
        browser: &browser,
    };
    let session = (&who.user, &who.session);
    world.authority.add_passkey(&world.ctx(), session, answer).await
}

/// Ada with a passkey and her backup codes.
async fn with_passkey(world: &World) -> (SignedIn, SoftPasskey, Vec<String>) {
    let ada = world.register("ada").await;
    enrol(world, &ada).await
}

/// Somebody's first passkey. The session goes on with two factors.
pub async fn enrol(world: &World, who: &SignedIn) -> (SignedIn, SoftPasskey, Vec<String>) {
    let ceremony = begin(world, who, "Phone").await.unwrap();
    let (passkey, answer) = SoftPasskey::create(&ceremony.options, ISSUER);
    let added = add(world, who, (&ceremony.state, &answer)).await.unwrap();
    (added.signed_in, passkey, added.codes.unwrap())
}

fn asked(world: &World) -> PasskeyCeremony {
    let asked = world.authority.ask_for_passkey(&world.ctx(), &browser());
    asked.unwrap().unwrap()
}

async fn answer(world: &World, state: &str, credential: &str) -> Result<SignedIn, PasskeyError> {
    let browser = browser();
    let answer = PasskeyAnswer {
        state,
        credential,
        browser: &browser,
    };
    world
        .authority
        .sign_in_by_passkey(&world.ctx(), answer, None)
        .await
}

async fn sign_in(world: &World, passkey: &mut SoftPasskey) -> Result<SignedIn, PasskeyError> {
    let asked = asked(world);
    let credential = passkey.get(&asked.options);
    answer(world, &asked.state, &credential).await
}

fn is_refused<T>(result: &Result<T, PasskeyError>) -> bool {
    matches!(result, Err(PasskeyError::Refused))
}

#[tokio::test]
async fn a_passkey_signs_in_alone_as_two_factors() {
    for_each_database(async |database| {
        let world = world(database);
        let (ada, mut passkey, codes) = with_passkey(&world).await;
        assert_eq!(codes.len(), 10);
        world.advance(60);
        let signed_in = sign_in(&world, &mut passkey).await.unwrap();
        let how = &signed_in.session.authentication;
        assert_eq!(signed_in.user.id, ada.user.id);
        assert_eq!(
            (&*how.acr, how.amr.join(" ")),
            (ACR_MFA, "pop user mfa".to_owned())
        );
        let known = world.authority.list_passkeys(ada.user.id).await.unwrap();
        assert_eq!(known[0].last_used_at, Some(world.now()));
        assert_eq!(known[0].name.as_str(), "Phone");
        assert_eq!(world.count_audit("passkey.added").await, 1);
        assert_eq!(world.count_audit("passkey.used").await, 1);
    })
    .await;
}

/// What the browser is asked for: found without a name, verified, made once per authenticator, attested by nobody.
#[tokio::test]
async fn options_ask_for_verified_and_discoverable_passkeys() {
    for_each_database(async |database| {
        let world = world(database);
        let (ada, _, _) = with_passkey(&world).await;
        let second = begin(&world, &ada, "").await.unwrap();
        let options: Value = serde_json::from_str(&second.options).unwrap();
        let wanted = &options["authenticatorSelection"];
        assert_eq!(wanted["residentKey"], "preferred");
        assert_eq!(wanted["userVerification"], "required");
        assert_eq!(options["attestation"], "none");
        assert_eq!(options["rp"]["id"], "login.example.org");
        assert_eq!(options["excludeCredentials"].as_array().unwrap().len(), 1);
        let options: Value = serde_json::from_str(&asked(&world).options).unwrap();
        assert_eq!(options["userVerification"], "required");
        assert_eq!(options["allowCredentials"].as_array().unwrap().len(), 0);
    })
    .await;
}

#[tokio::test]
async fn an_answer_counts_once_and_for_five_minutes_and_in_the_browser_that_was_asked() {
    for_each_database(async |database| {
        let world = world(database);
        let (_, mut passkey, _) = with_passkey(&world).await;
        let first = asked(&world);
        let credential = passkey.get(&first.options);
        assert!(answer(&world, &first.state, &credential).await.is_ok());
        assert!(is_refused(&answer(&world, &first.state, &credential).await));
        let other = asked(&world);
        assert!(is_refused(&answer(&world, &other.state, &credential).await));
        let stranger = SecretDigest::of("another browser");
        let elsewhere = world.authority.ask_for_passkey(&world.ctx(), &stranger);
        let elsewhere = elsewhere.unwrap().unwrap();
        let credential = passkey.get(&elsewhere.options);
        assert!(is_refused(&answer(&world, &elsewhere.state, &credential).await));
        let late = asked(&world);
        let credential = passkey.get(&late.options);
        world.advance(300);
        assert!(is_refused(&answer(&world, &late.state, &credential).await));
        world.authority.forget_expired(&world.ctx()).await.unwrap();
        assert!(sign_in(&world, &mut passkey).await.is_ok());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_that_give_one_answer_at_once_one_gets_in() {
    for_each_database(async |database| {
        let world = world(database);
        let (_, mut passkey, _) = with_passkey(&world).await;
        let asked = asked(&world);
        let credential = passkey.get(&asked.options);
        let calls = (0..8).map(|_| {
            let (authority, ctx) = (world.authority.clone(), world.ctx());
            let (state, credential) = (asked.state.clone(), credential.clone());
            tokio::spawn(async move {
                let browser = browser();
                let answer = PasskeyAnswer {
                    state: &state,
                    credential: &credential,
                    browser: &browser,
                };
                authority.sign_in_by_passkey(&ctx, answer, None).await.is_ok()
            })
        });
        let mut count = 0;
        for call in calls.collect::<Vec<_>>() {
            count += usize::from(call.await.unwrap());
        }
        assert_eq!(count, 1);
    })
    .await;
}

/// A counter that does not go on shows a copy.
#[tokio::test]
async fn a_copied_passkey_is_refused_and_written_down() {
    for_each_database(async |database| {
        let world = world(database);
        let (_, mut passkey, _) = with_passkey(&world).await;
        passkey.counter = 7;
        assert!(sign_in(&world, &mut passkey).await.is_ok());
        assert!(sign_in(&world, &mut passkey).await.is_ok());
        passkey.counter = 3;
        assert!(is_refused(&sign_in(&world, &mut passkey).await));
        assert_eq!(world.count_audit("passkey.refused").await, 1);
        passkey.counter = 20;
        assert!(sign_in(&world, &mut passkey).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn what_no_honest_authenticator_says_is_refused() {
    for_each_database(async |database| {
        let world = world(database);
        let (_, mut passkey, _) = with_passkey(&world).await;
        let bob = world.register("bob").await;
        let handle = passkey.handle.clone();
        for wrong in [None, Some(bob.user.id.to_bytes().to_vec()), Some(Vec::new())] {
            passkey.handle = wrong;
            assert!(is_refused(&sign_in(&world, &mut passkey).await));
        }
        passkey.handle = handle;
        passkey.verifies = false;
        assert!(is_refused(&sign_in(&world, &mut passkey).await));
        passkey.verifies = true;
        for origin in ["https://login.example.org.evil.test", "http://login.example.org"] {
            origin.clone_into(&mut passkey.origin);
            assert!(is_refused(&sign_in(&world, &mut passkey).await), "{origin}");
        }
        ISSUER.clone_into(&mut passkey.origin);
        for junk in ["", "{}", "[", &"x".repeat(20_000)] {
            assert!(is_refused(&answer(&world, &asked(&world).state, junk).await));
            assert!(is_refused(
                &answer(&world, junk, &passkey.get(&asked(&world).options)).await
            ));
        }
        assert!(sign_in(&world, &mut passkey).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn a_passkey_of_a_disabled_account_does_not_sign_in() {
    for_each_database(async |database| {
        let world = world(database);
        let (ada, mut passkey, _) = with_passkey(&world).await;
        let id = ada.user.id;
        let by = model::audit::Actor::Operator;
        world.authority.disable_user(&world.ctx(), id, by).await.unwrap();
        let refused = sign_in(&world, &mut passkey).await;
        assert!(matches!(refused, Err(PasskeyError::Disabled)));
    })
    .await;
}

async fn pending(world: &World) -> PlainSecret {
    let sign_in = world
        .authority
        .log_in(&world.ctx(), attempt("ada", PASSWORD))
        .await;
    match sign_in.unwrap() {
        SignIn::SecondFactor(pending) => pending,
        SignIn::Done(_) => panic!("no second step was asked for"),
    }
}

async fn second_step(
    world: &World,
    pending: &PlainSecret,
    (state, credential): (&str, &str),
) -> Result<SignedIn, SecondFactorError> {
    let browser = browser();
    let answer = PasskeyAnswer {
        state,
        credential,
        browser: &browser,
    };
    let proof = (pending.expose(), answer);
    world
        .authority
        .finish_sign_in_by_passkey(&world.ctx(), proof, None)
        .await
}

/// L08: it belongs to the sign-in that waits, and a ceremony without a name is none of it.
#[tokio::test]
async fn after_the_password_a_passkey_or_a_backup_code_is_the_second_step() {
    for_each_database(async |database| {
        let world = world(database);
        let (ada, mut passkey, codes) = with_passkey(&world).await;
        let waiting = pending(&world).await;
        let ctx = world.ctx();
        let mark = browser();
        let asked_for = world
            .authority
            .ask_for_second_passkey(&ctx, waiting.expose(), &mark);
        let asked_for = asked_for.await.unwrap().unwrap();
        let options: Value = serde_json::from_str(&asked_for.options).unwrap();
        let known = options["allowCredentials"].as_array().unwrap();
        assert!(known.len() == 1 && known[0]["id"].is_string());
        let alone = asked(&world);
        let credential = passkey.get(&alone.options);
        assert!(
            second_step(&world, &waiting, (&alone.state, &credential))
                .await
                .is_err()
        );
        let credential = passkey.get(&asked_for.options);
        assert!(is_refused(&answer(&world, &asked_for.state, &credential).await));
        let other = pending(&world).await;
        assert!(
            second_step(&world, &other, (&asked_for.state, &credential))
                .await
                .is_err()
        );
        // An authenticator that was told the id need not say whose it is.
        passkey.handle = None;
        let credential = passkey.get(&asked_for.options);
        let done = second_step(&world, &waiting, (&asked_for.state, &credential))
            .await
            .unwrap();
        assert_eq!(done.user.id, ada.user.id);
        assert_eq!(done.session.authentication.amr.join(" "), "pwd pop user mfa");
        assert!(
            second_step(&world, &waiting, (&asked_for.state, &credential))
                .await
                .is_err()
        );
        let proof = (other.expose(), codes[0].as_str());
        assert!(world.authority.finish_sign_in(&ctx, proof, None).await.is_ok());
    })
    .await;
}

/// L11, S06: making one takes the password, in the session and browser that asked.
#[tokio::test]
async fn a_passkey_is_made_by_whoever_knows_the_password_and_once() {
    for_each_database(async |database| {
        let world = world(database);
        let ada = world.register("ada").await;
        let (ctx, browser) = (world.ctx(), browser());
        let wrong = (&PlainSecret::new("wrong horse"), "");
        let session = (&ada.user, &ada.session);
        let refused = world
            .authority
            .begin_passkey(&ctx, session, &browser, wrong)
            .await;
        assert!(matches!(
            refused,
            Err(AddPasskeyError::Presence(PresenceError::WrongPassword))
        ));
        let ceremony = begin(&world, &ada, "Phone").await.unwrap();
        let (_, answer) = SoftPasskey::create(&ceremony.options, ISSUER);
        let bob = world.register("bob").await;
        let elsewhere = world.log_in("ada", PASSWORD).await.unwrap();
        for stranger in [&bob, &elsewhere] {
            let refused = add(&world, stranger, (&ceremony.state, &answer)).await;
            assert!(matches!(refused, Err(AddPasskeyError::Refused)));
        }
        let added = add(&world, &ada, (&ceremony.state, &answer)).await.unwrap();
        assert!(added.codes.is_some() && added.signed_in.session.id == ada.session.id);
        assert!(!world.is_signed_in(&ada.cookie).await, "S01");
        let ada = added.signed_in;
        let again = add(&world, &ada, (&ceremony.state, &answer)).await;
        assert!(matches!(again, Err(AddPasskeyError::Refused)));
        let ceremony = begin(&world, &ada, "Key").await.unwrap();
        let (_, answer) = SoftPasskey::create(&ceremony.options, ISSUER);
        let added = add(&world, &ada, (&ceremony.state, &answer)).await.unwrap();
        assert!(added.codes.is_none(), "backup codes come with the first");
    })
    .await;
}

/// S06, L19: with the last one the second step ends, and so does every other session.
#[tokio::test]
async fn a_removed_passkey_signs_nobody_in() {
    for_each_database(async |database| {
        let world = world(database);
        let (ada, mut passkey, codes) = with_passkey(&world).await;
        let elsewhere = sign_in(&world, &mut passkey).await.unwrap();
        let waiting = pending(&world).await;
        let id = world.authority.list_passkeys(ada.user.id).await.unwrap()[0].id;
        let bob = world.register("bob").await;
        let (ctx, password) = (world.ctx(), PlainSecret::new(PASSWORD));
        let (hers, his) = ((&ada.user, &ada.session), (&bob.user, &bob.session));
        let removed = world.authority.remove_passkey(&ctx, his, (id, &password)).await;
        assert!(!removed.unwrap());
        let wrong = PlainSecret::new("wrong horse");
        let removed = world.authority.remove_passkey(&ctx, hers, (id, &wrong)).await;
        assert!(matches!(removed, Err(PresenceError::WrongPassword)));
        world.mail.take();
        let removed = world.authority.remove_passkey(&ctx, hers, (id, &password)).await;
        assert!(removed.unwrap());
        assert!(is_refused(&sign_in(&world, &mut passkey).await));
        assert!(world.is_signed_in(&ada.cookie).await && !world.is_signed_in(&elsewhere.cookie).await);
        let proof = (waiting.expose(), codes[0].as_str());
        assert!(world.authority.finish_sign_in(&ctx, proof, None).await.is_err());
        assert!(world.log_in("ada", PASSWORD).await.is_ok());
        while world.authority.run_due_jobs().await.unwrap() > 0 {}
        assert_eq!(world.count_audit("passkey.removed").await, 1);
        assert!(!world.mail.take().is_empty());
    })
    .await;
}

#[tokio::test]
async fn on_an_address_without_a_name_there_are_no_passkeys() {
    for_each_database(async |database| {
        let world = World::new(database);
        let ada = world.register("ada").await;
        assert!(!world.authority.knows_passkeys());
        let asked = world.authority.ask_for_passkey(&world.ctx(), &browser());
        assert!(asked.unwrap().is_none());
        let refused = begin(&world, &ada, "").await;
        assert!(matches!(refused, Err(AddPasskeyError::Unavailable)));
    })
    .await;
}
