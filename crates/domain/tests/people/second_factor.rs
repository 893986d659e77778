//! Second factors under many hands at once.

use std::sync::Arc;

use domain::mail::Message;
use domain::people::{AskedIn, SignIn, SignedIn};
use model::PlainSecret;
use model::challenge::Purpose;
use testkit::database::for_each_database;
use totp_rs::{Algorithm, Builder, Secret};

use crate::world::{PASSWORD, World, attempt};

/// Ada with an app: its generator and her backup codes.
pub async fn with_app(world: &World) -> (SignedIn, impl Fn(i64) -> String + use<>, Vec<String>) {
    let ada = world.register("ada").await;
    let (ada, code, backup) = world.turn_on_totp(&ada).await;
    (ada, code, backup)
}

impl World {
    /// The session goes on with two factors. Thirty seconds later the app has another code.
    pub async fn turn_on_totp(
        &self,
        who: &SignedIn,
    ) -> (SignedIn, impl Fn(i64) -> String + use<>, Vec<String>) {
        let (authority, ctx) = (&self.authority, self.ctx());
        let password = PlainSecret::new(PASSWORD);
        let session = (&who.user, &who.session);
        authority.set_up_totp(&ctx, session, &password).await.unwrap();
        let setup = authority.totp_setup(&ctx, &who.user, "Lighthouse").await;
        let setup = setup.unwrap().unwrap();
        let address = setup.address.expose();
        assert!(address.starts_with("otpauth://totp/Lighthouse:ada%40example.org?"));
        let app = Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_step_duration(30)
            .with_secret(Secret::try_from_base32(setup.secret.expose()).unwrap())
            .build()
            .unwrap();
        let code = move |seconds: i64| app.generate(u64::try_from(seconds).unwrap()).to_string();
        let first = code(self.now().as_seconds());
        let confirmed = authority.confirm_totp(&ctx, session, &first).await;
        let (backup, signed_in) = confirmed.unwrap();
        self.advance(30);
        (signed_in, code, backup)
    }
}

pub async fn pending(world: &World) -> PlainSecret {
    let sign_in = world
        .authority
        .log_in(&world.ctx(), attempt("ada", PASSWORD))
        .await
        .unwrap();
    match sign_in {
        SignIn::SecondFactor(pending) => pending,
        SignIn::Done(_) => panic!("no second factor was asked for"),
    }
}

/// How many of many sign-ins, each waiting by itself, one code lets in.
async fn let_in(world: &World, code: &str, callers: usize) -> usize {
    let mut waiting = Vec::new();
    for _ in 0..callers {
        waiting.push(pending(world).await);
    }
    let code: Arc<str> = code.into();
    let calls = waiting.into_iter().map(|pending| {
        let (authority, ctx, code) = (world.authority.clone(), world.ctx(), code.clone());
        tokio::spawn(async move {
            let proof = (pending.expose(), &*code);
            authority.finish_sign_in(&ctx, proof, None).await.is_ok()
        })
    });
    let mut count = 0;
    for call in calls.collect::<Vec<_>>() {
        count += usize::from(call.await.unwrap());
    }
    count
}

/// L09, L10: of many that give the same code at once, one gets in.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_code_lets_one_in() {
    for_each_database(async |database| {
        let world = World::with(database, |settings| {
            settings.account_throttle.free_attempts = 1000;
            settings.address_throttle.free_attempts = 1000;
        });
        let (_, code, backup) = with_app(&world).await;
        for _ in 0..5 {
            let now = code(world.now().as_seconds());
            assert_eq!(let_in(&world, &now, 8).await, 1);
            world.advance(30);
        }
        for code in backup.iter().take(3) {
            assert_eq!(let_in(&world, code, 8).await, 1);
        }
        assert_eq!(world.count_audit("second_factor.used").await, 8);
    })
    .await;
}

/// I1: of many that end one waiting sign-in at once, one gets a session.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_waiting_sign_in_ends_in_one_session() {
    for_each_database(async |database| {
        let world = World::new(database);
        let (_, _, backup) = with_app(&world).await;
        let pending = pending(&world).await;
        let calls = backup.iter().take(5).map(|code| {
            let (authority, ctx) = (world.authority.clone(), world.ctx());
            let (pending, code) = (pending.clone(), code.clone());
            tokio::spawn(async move {
                let proof = (pending.expose(), code.as_str());
                authority.finish_sign_in(&ctx, proof, None).await.is_ok()
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

/// The token of the letter that asking for `purpose` brings.
pub async fn mailed(world: &World, purpose: Purpose, asked_in: AskedIn) -> String {
    let ctx = world.ctx();
    let email = "ada@example.org";
    world
        .authority
        .ask_by_mail(&ctx, purpose, email, asked_in)
        .await
        .unwrap();
    world.mail.take();
    while world.authority.run_due_jobs().await.unwrap() > 0 {}
    let letters = world.mail.take();
    let link = letters.iter().find_map(|letter| match &letter.message {
        Message::MagicLink { link } | Message::ResetPassword { link } => Some(link.clone()),
        _ => None,
    });
    link.unwrap().split_once("token=").unwrap().1.to_owned()
}

/// A mail alone neither takes over nor confirms an account that has a second step: a squatter's passkey or app would go
/// on in it, under an address that is now called confirmed.
#[tokio::test]
async fn half_a_sign_in_by_mail_confirms_and_takes_over_nothing() {
    for_each_database(async |database| {
        let world = World::new(database);
        let (ada, _, _) = with_app(&world).await;
        let browser = model::SecretDigest::of("browser");
        let asked_in = AskedIn {
            browser: Some(browser),
            flow: None,
        };
        let token = mailed(&world, Purpose::MagicLink, asked_in).await;
        let signed_in = world
            .authority
            .sign_in_by_link(&world.ctx(), (&token, &browser), None)
            .await;
        assert!(matches!(signed_in.unwrap().0, SignIn::SecondFactor(_)));
        assert!(world.is_signed_in(&ada.cookie).await);
        let user = world.authority.find_user("ada").await.unwrap().unwrap();
        assert!(user.password.is_some() && user.email_verified_at.is_none());
        let token = mailed(&world, Purpose::ResetPassword, AskedIn::default()).await;
        let new = PlainSecret::new("eleven brass teapots");
        world
            .authority
            .reset_password(&world.ctx(), &token, new)
            .await
            .unwrap();
        let user = world.authority.find_user("ada").await.unwrap().unwrap();
        assert!(user.email_verified_at.is_none());
    })
    .await;
}
