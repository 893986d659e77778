//! Trusted browsers: what a session of one says, and everything that ends trust.

use domain::people::{SignIn, SignedIn, Waiting};
use model::audit::Actor;
use model::authentication::ACR_PASSWORD;
use model::challenge::Purpose;
use model::{Ctx, PlainSecret, SecretDigest};
use testkit::database::for_each_database;

use crate::second_factor::{mailed, pending, with_app};
use crate::world::{PASSWORD, World, attempt};

const NEW: &str = "eleven brass teapots";
const DAY: u64 = 24 * 60 * 60;

/// A request of the browser with this mark, with what it keeps.
fn ctx_of(world: &World, mark: &str, trust: Option<&PlainSecret>) -> Ctx {
    let mut ctx = world.ctx();
    ctx.origin.device = Some(SecretDigest::of(mark));
    ctx.origin.trust = trust.map(PlainSecret::digest);
    ctx
}

/// Signs in with a backup code and has the browser trusted.
async fn trust(world: &World, mark: &str, code: &str) -> SignedIn {
    let waiting = pending(world).await;
    let waiting = Waiting {
        secret: waiting.expose(),
        trust: true,
    };
    let ctx = ctx_of(world, mark, None);
    let done = world.authority.finish_sign_in(&ctx, (waiting, code), None).await;
    done.unwrap()
}

async fn signs_in(world: &World, ctx: &Ctx, password: &str) -> Option<SignedIn> {
    let sign_in = world.authority.log_in(ctx, attempt("ada", password)).await;
    sign_in.unwrap().done()
}

/// O40: the session of a trusted browser says one factor, and what was skipped is written down.
#[tokio::test]
async fn a_session_begun_on_trust_does_not_claim_two_factors() {
    for_each_database(async |database| {
        let world = World::new(database);
        let (_, _, backup) = with_app(&world).await;
        let trusted = trust(&world, "laptop", &backup[0]).await;
        let ctx = ctx_of(&world, "laptop", trusted.trust.as_ref());
        let begun = signs_in(&world, &ctx, PASSWORD).await.unwrap();
        let authentication = &begun.session.authentication;
        assert_eq!(authentication.amr, ["pwd"]);
        assert_eq!(authentication.acr, ACR_PASSWORD);
        assert!(begun.trust.is_none());
        assert_eq!(world.count_audit("trusted_device.used").await, 1);
        let marked = ctx_of(&world, "desktop", trusted.trust.as_ref());
        assert!(signs_in(&world, &marked, PASSWORD).await.is_none());
        let mut unmarked = ctx.clone();
        unmarked.origin.device = None;
        assert!(signs_in(&world, &unmarked, PASSWORD).await.is_none());
    })
    .await;
}

/// Where there is no browser there is nothing to trust.
#[tokio::test]
async fn nothing_is_trusted_that_keeps_no_mark() {
    for_each_database(async |database| {
        let world = World::new(database);
        let (_, _, backup) = with_app(&world).await;
        let waiting = pending(&world).await;
        let waiting = Waiting {
            secret: waiting.expose(),
            trust: true,
        };
        let done = world
            .authority
            .finish_sign_in(&world.ctx(), (waiting, &backup[0]), None)
            .await;
        assert!(done.unwrap().trust.is_none());
        assert_eq!(world.count_audit("trusted_device.added").await, 0);
    })
    .await;
}

/// A browser is trusted once; too many make the one unused for longest forgotten.
#[tokio::test]
async fn a_user_trusts_twenty_browsers_at_most_and_each_once() {
    for_each_database(async |database| {
        let world = World::with(database, |settings| {
            settings.account_throttle.free_attempts = 1000;
            settings.address_throttle.free_attempts = 1000;
        });
        let (ada, code, backup) = with_app(&world).await;
        let first = trust(&world, "again", &backup[0]).await;
        let second = trust(&world, "again", &backup[1]).await;
        let ctx = ctx_of(&world, "again", first.trust.as_ref());
        assert!(signs_in(&world, &ctx, PASSWORD).await.is_none());
        for number in 0..20 {
            world.advance(30);
            let code = code(world.now().as_seconds());
            trust(&world, &format!("browser {number}"), &code).await;
        }
        let ctx = ctx_of(&world, "again", second.trust.as_ref());
        let listed = world.authority.list_trusted_devices(&ctx, ada.user.id).await;
        assert_eq!(listed.unwrap().len(), 20);
        assert!(signs_in(&world, &ctx, PASSWORD).await.is_none());
    })
    .await;
}

/// How trust ends. Each leaves the second factor on, so that it is asked for.
#[derive(Clone, Copy, Debug)]
enum End {
    Password,
    Reset,
    Disabled,
    AnotherApp,
    ThirtyDays,
    Revoked,
}

const ENDS: [End; 6] = [
    End::Password,
    End::Reset,
    End::Disabled,
    End::AnotherApp,
    End::ThirtyDays,
    End::Revoked,
];

async fn bring(world: &World, end: End, ada: &SignedIn) -> &'static str {
    let (authority, ctx) = (&world.authority, world.ctx());
    let who = (&ada.user, &ada.session);
    match end {
        End::Password => {
            let passwords = (PlainSecret::new(PASSWORD), PlainSecret::new(NEW));
            authority.change_password(&ctx, who, passwords).await.unwrap();
            return NEW;
        }
        End::Reset => {
            let token = mailed(world, Purpose::ResetPassword, Default::default()).await;
            let new = PlainSecret::new(NEW);
            authority.reset_password(&ctx, &token, new).await.unwrap();
            return NEW;
        }
        End::Disabled => {
            let id = ada.user.id;
            assert!(authority.disable_user(&ctx, id, Actor::Operator).await.unwrap());
            assert!(authority.enable_user(&ctx, id, Actor::Operator).await.unwrap());
        }
        End::AnotherApp => another_app(world, ada).await,
        End::ThirtyDays => world.advance(30 * DAY),
        End::Revoked => {
            let revoked = authority.revoke_trusted_devices(&ctx, ada.user.id).await;
            assert_eq!(revoked.unwrap(), 1);
        }
    }
    PASSWORD
}

async fn another_app(world: &World, ada: &SignedIn) {
    let (authority, ctx) = (&world.authority, world.ctx());
    let who = (&ada.user, &ada.session);
    let password = PlainSecret::new(PASSWORD);
    authority.set_up_totp(&ctx, who, &password).await.unwrap();
    let setup = authority.totp_setup(&ctx, &ada.user, "Lighthouse").await;
    let key = setup.unwrap().unwrap().secret;
    let secret = totp_rs::Secret::try_from_base32(key.expose()).unwrap();
    let app = totp_rs::Builder::new().with_digits(6).with_secret(secret);
    let seconds = u64::try_from(world.now().as_seconds()).unwrap();
    let code = app.build().unwrap().generate(seconds).to_string();
    drop(authority.confirm_totp(&ctx, who, &code).await.unwrap());
}

/// S06
#[tokio::test]
async fn trust_ends_with_whatever_it_was_built_on() {
    for end in ENDS {
        for_each_database(async |database| {
            let world = World::new(database);
            let (ada, _, backup) = with_app(&world).await;
            let trusted = trust(&world, "laptop", &backup[0]).await;
            let ctx = |world: &World| ctx_of(world, "laptop", trusted.trust.as_ref());
            assert!(signs_in(&world, &ctx(&world), PASSWORD).await.is_some());
            let password = bring(&world, end, &ada).await;
            let again = world
                .authority
                .log_in(&ctx(&world), attempt("ada", password))
                .await;
            assert!(matches!(again, Ok(SignIn::SecondFactor(_))), "{end:?}");
            let left = world
                .authority
                .list_trusted_devices(&world.ctx(), ada.user.id)
                .await;
            assert!(left.unwrap().is_empty(), "{end:?}");
            world.authority.forget_expired(&world.ctx()).await.unwrap();
        })
        .await;
    }
}

/// L10: new backup codes are no change of the factor itself.
#[tokio::test]
async fn new_backup_codes_leave_trust_alone() {
    for_each_database(async |database| {
        let world = World::new(database);
        let (ada, _, backup) = with_app(&world).await;
        let trusted = trust(&world, "laptop", &backup[0]).await;
        let renewed = world
            .authority
            .renew_backup_codes(&world.ctx(), &ada.user, &backup[1])
            .await;
        assert_eq!(renewed.unwrap().len(), 10);
        let ctx = ctx_of(&world, "laptop", trusted.trust.as_ref());
        assert!(signs_in(&world, &ctx, PASSWORD).await.is_some());
        let document = world.authority.export_account(&ctx, &ada.user).await.unwrap();
        assert_eq!(document["trusted_browsers"].as_array().unwrap().len(), 1);
        assert!(!document.to_string().contains("az_td_"));
    })
    .await;
}
