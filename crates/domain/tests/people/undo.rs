//! A change of address taken back, and everything its author may have left behind.

use std::sync::atomic::Ordering;

use domain::api_keys::NewApiKey;
use domain::mail::{Letter, Message};
use domain::people::{AskedIn, CONFIRMING, SignIn, SignedIn};
use model::api_key::{KeyKind, KeyName};
use model::{ChallengeId, PlainSecret};
use oauth::permission::PermissionSet;
use testkit::database::for_each_database;

use crate::federation::{counting, signed_in};
use crate::second_factor::with_app;
use crate::world::{PASSWORD, World, attempt};

fn find<T>(letters: &[Letter], pick: impl Fn(&Letter) -> Option<T>) -> T {
    letters.iter().find_map(pick).unwrap()
}

fn token(link: &str) -> String {
    link.split_once("token=").unwrap().1.to_owned()
}

/// What the mail to the new address says.
fn change_in(letters: &[Letter]) -> (String, String) {
    find(letters, |letter| match &letter.message {
        Message::ChangeEmail { link, code } => Some((token(link), code.clone())),
        _ => None,
    })
}

async fn ask(world: &World, who: &SignedIn, email: &str) -> ChallengeId {
    let ctx = world.ctx();
    let asked = world
        .authority
        .ask_to_change_email(&ctx, &who.user, email, AskedIn::default());
    asked.await.unwrap()
}

/// The thief's address becomes the account's; the token that takes it back.
pub async fn change(world: &World, who: &SignedIn) -> String {
    let challenge = ask(world, who, "thief@example.org").await.to_string();
    let (_, code) = change_in(&world.work_off().await);
    let (authority, ctx) = (&world.authority, world.ctx());
    let proven = authority.prove_by_code(&ctx, &CONFIRMING, (&challenge, &code));
    authority
        .confirm_email(&ctx, proven.await.unwrap())
        .await
        .unwrap();
    find(&world.work_off().await, |letter| match &letter.message {
        Message::EmailChanged { link, .. } => Some(token(link)),
        _ => None,
    })
}

async fn undo(world: &World, token: &str) -> Vec<Letter> {
    let undone = world.authority.undo_email_change(&world.ctx(), token).await;
    assert_eq!(undone.unwrap().as_str(), "ada@example.org");
    world.work_off().await
}

/// L19: factors, links and trust that came with the thief go with the thief; what the owner had before stays.
#[tokio::test]
async fn what_was_planted_since_the_change_goes_with_it() {
    for_each_database(async |database| {
        let (world, ended) = counting(database);
        let (ada, code, _) = with_app(&world).await;
        world.plant_passkey(ada.user.id, b"hers").await;
        world.advance(60);
        let back = change(&world, &ada).await;
        world.advance(60);
        world.plant_passkey(ada.user.id, b"thief's").await;
        world.link(&ada, "thief").await;
        undo(&world, &back).await;
        let authority = &world.authority;
        let state = authority.second_factor_state(ada.user.id).await.unwrap();
        assert!(state.totp_since.is_some() && state.passkeys == 1 && state.backup_codes_left == 10);
        assert!(authority.linked_accounts(ada.user.id).await.unwrap().is_empty());
        assert_eq!(ended.load(Ordering::SeqCst), 1, "of the tokens at the provider");
        assert!(!world.is_signed_in(&ada.cookie).await);
        assert!(world.log_in("ada", PASSWORD).await.is_err());
        assert!(!code(world.now().as_seconds()).is_empty());
    })
    .await;
}

/// A thief who turned two-step sign-in on does not keep the owner out.
#[tokio::test]
async fn a_second_step_that_the_thief_turned_on_is_off_again() {
    for_each_database(async |database| {
        let (world, _) = counting(database);
        let ada = world.register("ada").await;
        world.work_off().await;
        let back = change(&world, &ada).await;
        drop(world.turn_on_totp(&ada).await);
        let letters = undo(&world, &back).await;
        let state = world.authority.second_factor_state(ada.user.id).await.unwrap();
        assert!(!state.is_on() && state.backup_codes_left == 0);
        let link = find(&letters, |letter| match &letter.message {
            Message::ResetPassword { link } if letter.to.as_str() == "ada@example.org" => Some(link.clone()),
            _ => None,
        });
        let new = PlainSecret::new("eleven brass teapots");
        let (authority, ctx) = (&world.authority, world.ctx());
        authority.reset_password(&ctx, &token(&link), new).await.unwrap();
        let again = authority.log_in(&ctx, attempt("ada", "eleven brass teapots"));
        assert!(matches!(again.await.unwrap(), SignIn::Done(_)));
    })
    .await;
}

/// A second change that waits in the thief's mailbox, a change on top of the first, a deletion: none survives.
#[tokio::test]
async fn nothing_that_waits_brings_the_thief_back() {
    for_each_database(async |database| {
        let (world, _) = counting(database);
        let ada = world.register("ada").await;
        world.work_off().await;
        let back = change(&world, &ada).await;
        let ada = SignedIn {
            user: world.authority.find_user("ada").await.unwrap().unwrap(),
            ..ada
        };
        ask(&world, &ada, "accomplice@example.org").await;
        let (waiting, _) = change_in(&world.work_off().await);
        // Asked for, and its mail has not left yet.
        ask(&world, &ada, "hideout@example.org").await;
        let password = PlainSecret::new(PASSWORD);
        let (authority, ctx) = (&world.authority, world.ctx());
        let who = (&ada.user, &ada.session);
        authority.request_deletion(&ctx, who, &password).await.unwrap();
        let letters = undo(&world, &back).await;
        assert!(
            letters
                .iter()
                .all(|letter| letter.to.as_str() != "hideout@example.org")
        );
        assert!(authority.look_at_link(&ctx, &CONFIRMING, &waiting).await.is_err());
        assert!(authority.pending_deletion(&ada.user).await.unwrap().is_none());
    })
    .await;
}

/// The upstream tokens of what a takeover drops end at the provider, too.
#[tokio::test]
async fn links_that_a_new_password_drops_are_given_back() {
    for_each_database(async |database| {
        let (world, ended) = counting(database);
        let ada = world.register("ada").await;
        world.link(&ada, "squatter").await;
        let purpose = model::challenge::Purpose::ResetPassword;
        let token = crate::second_factor::mailed(&world, purpose, AskedIn::default()).await;
        let new = PlainSecret::new("eleven brass teapots");
        let (authority, ctx) = (&world.authority, world.ctx());
        authority.reset_password(&ctx, &token, new).await.unwrap();
        world.work_off().await;
        assert!(authority.linked_accounts(ada.user.id).await.unwrap().is_empty());
        assert_eq!(ended.load(Ordering::SeqCst), 1);
        let squatter = world.come("squatter").await.ok().unwrap();
        assert_ne!(signed_in(squatter).user.id, ada.user.id);
    })
    .await;
}

/// Keys that the thief made are dead; the one that the owner had before goes on.
#[tokio::test]
async fn keys_made_since_the_change_end() {
    for_each_database(async |database| {
        let (world, _) = counting(database);
        let ada = world.register("ada").await;
        world.work_off().await;
        let make = async |name: &str| {
            let permissions = PermissionSet::from_list(["repos:read"]).unwrap();
            let new = NewApiKey::new(KeyKind::Cli, KeyName::parse(name).unwrap(), permissions);
            let made = world.authority.create_api_key(&world.ctx(), &ada.user, new).await;
            made.unwrap().0.id
        };
        let before = make("hers").await;
        world.advance(60);
        let back = change(&world, &ada).await;
        make("the thief's").await;
        undo(&world, &back).await;
        let left = world
            .authority
            .list_api_keys(&world.ctx(), ada.user.id, &KeyKind::ALL)
            .await;
        let left: Vec<_> = left.unwrap().into_iter().map(|key| key.id).collect();
        assert_eq!(left, [before]);
    })
    .await;
}
