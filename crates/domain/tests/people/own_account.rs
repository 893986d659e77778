//! What people do with their own account: profile, sessions, devices, leaving.

use domain::mail::Message;
use domain::people::{
    PresenceError, ProfileForm, RequestDeletionError, SignedIn, UpdateProfileError, UsernameProblem,
};
use model::audit::Actor;
use model::{PlainSecret, SecretDigest};
use testkit::database::for_each_database;

use crate::world::{PASSWORD, World, attempt};

const DAY: u64 = 24 * 60 * 60;

async fn work_off(world: &World) {
    while world.authority.run_due_jobs().await.unwrap() > 0 {}
}

async fn request(world: &World, who: &SignedIn, password: &str) -> Result<(), RequestDeletionError> {
    let password = PlainSecret::new(password);
    world
        .authority
        .request_deletion(&world.ctx(), (&who.user, &who.session), &password)
        .await
}

/// Two people want one name at the same moment: one gets it, the other is told.
#[tokio::test]
async fn a_user_name_is_given_once() {
    for_each_database(async |database| {
        let world = World::new(database);
        let (ada, bob) = (world.register("ada").await, world.register("bob").await);
        let wanted = ProfileForm {
            username: "countess".to_owned(),
            ..ProfileForm::default()
        };
        let ctx = world.ctx();
        let (first, second) = tokio::join!(
            world.authority.update_profile(&ctx, &ada.user, &wanted),
            world.authority.update_profile(&ctx, &bob.user, &wanted)
        );
        let ((Ok(()), Err(refused)) | (Err(refused), Ok(()))) = (first, second) else {
            panic!("one of them")
        };
        let UpdateProfileError::Invalid(problems) = refused else {
            panic!("{refused}")
        };
        assert_eq!(problems.username, Some(UsernameProblem::Taken));
        assert_eq!(world.count_audit("user.profile_changed").await, 1);
    })
    .await;
}

/// S08: what is ended is in the log, one entry for each, and a foreign session is no session.
#[tokio::test]
async fn sessions_end_one_by_one_and_only_one_s_own() {
    for_each_database(async |database| {
        let world = World::new(database);
        let ada = world.register("ada").await;
        let bob = world.register("bob").await;
        let other = world.log_in("ada", PASSWORD).await.unwrap();
        let authority = &world.authority;
        let ctx = world.ctx();
        assert_eq!(authority.list_sessions(&ctx, &ada.user).await.unwrap().len(), 2);
        let foreign = authority.end_own_session(&ctx, &ada.user, bob.session.id).await;
        assert!(!foreign.unwrap() && world.is_signed_in(&bob.cookie).await);
        let ended = authority
            .end_own_sessions(&ctx, &ada.user, Some(ada.session.id))
            .await;
        assert_eq!(ended.unwrap(), 1);
        assert!(!world.is_signed_in(&other.cookie).await && world.is_signed_in(&ada.cookie).await);
        let log = authority.revocations_after(0).await.unwrap();
        assert_eq!(log.events.len(), 1);
        assert!(
            authority
                .end_own_session(&ctx, &ada.user, ada.session.id)
                .await
                .unwrap()
        );
        assert!(
            !authority
                .end_own_session(&ctx, &ada.user, ada.session.id)
                .await
                .unwrap()
        );
    })
    .await;
}

/// L02: a new password makes strangers of all devices but the one it was changed on.
#[tokio::test]
async fn a_new_password_forgets_other_devices() {
    for_each_database(async |database| {
        let world = World::new(database);
        let ada = world.register("ada").await;
        let mut ctxs = ["laptop", "thief"].map(|mark| {
            let mut ctx = world.ctx();
            ctx.origin.device = Some(SecretDigest::of(mark));
            ctx
        });
        let mut told = Vec::new();
        for ctx in &ctxs {
            let signed_in = world.authority.log_in(ctx, attempt("ada", PASSWORD)).await;
            assert!(signed_in.unwrap().done().is_some());
            work_off(&world).await;
            told.extend(world.mail.take());
        }
        let new_devices = |letters: &[domain::mail::Letter]| {
            let is_new = |letter: &&domain::mail::Letter| matches!(letter.message, Message::NewDevice { .. });
            letters.iter().filter(is_new).count()
        };
        assert_eq!(new_devices(&told), 2);
        let passwords = (
            PlainSecret::new(PASSWORD),
            PlainSecret::new("eleven brass teapots"),
        );
        world
            .authority
            .change_password(&ctxs[0], (&ada.user, &ada.session), passwords)
            .await
            .unwrap();
        for ctx in &mut ctxs {
            let again = world
                .authority
                .log_in(ctx, attempt("ada", "eleven brass teapots"));
            assert!(again.await.unwrap().done().is_some());
        }
        work_off(&world).await;
        assert_eq!(new_devices(&world.mail.take()), 1, "of the thief's");
    })
    .await;
}

/// S11
#[tokio::test]
async fn deletion_takes_the_password() {
    for_each_database(async |database| {
        let world = World::new(database);
        let ada = world.register("ada").await;
        let refused = request(&world, &ada, "wrong").await;
        assert!(matches!(
            refused,
            Err(RequestDeletionError::Presence(PresenceError::WrongPassword))
        ));
        assert!(
            world
                .authority
                .pending_deletion(&ada.user)
                .await
                .unwrap()
                .is_none()
        );
        assert_eq!(world.count_audit("user.deletion_requested").await, 0);
    })
    .await;
}

/// L17: many workers, one erasure; the log ends every token of the subject, and the id stays dead.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_account_is_erased_once_and_for_ever() {
    for_each_database(async |database| {
        let world = World::new(database);
        let ada = world.register("ada").await;
        work_off(&world).await;
        request(&world, &ada, PASSWORD).await.unwrap();
        work_off(&world).await;
        world.mail.take();
        world.advance(14 * DAY - 1);
        work_off(&world).await;
        assert!(world.authority.find_user("ada").await.unwrap().is_some());
        world.advance(1);
        let workers = (0..4).map(|_| {
            let authority = world.authority.clone();
            tokio::spawn(async move { while authority.run_due_jobs().await.unwrap() > 0 {} })
        });
        for worker in workers.collect::<Vec<_>>() {
            worker.await.unwrap();
        }
        work_off(&world).await;
        assert_eq!(world.count_audit("user.erased").await, 1);
        let letters = world.mail.take();
        assert_eq!(letters.len(), 1);
        assert!(letters[0].to.as_str() == "ada@example.org");
        assert!(
            world
                .authority
                .find_user("ada@example.org")
                .await
                .unwrap()
                .is_none()
        );
        let ctx = world.ctx();
        let enabled = world
            .authority
            .enable_user(&ctx, ada.user.id, Actor::Operator)
            .await;
        assert!(enabled.is_err());
        let newcomer = world.register("ada").await;
        assert_ne!(newcomer.user.id, ada.user.id);
    })
    .await;
}

/// Cancelled and asked for again, it counts from the second time.
#[tokio::test]
async fn an_earlier_date_does_not_count_after_a_cancellation() {
    for_each_database(async |database| {
        let world = World::new(database);
        let ada = world.register("ada").await;
        request(&world, &ada, PASSWORD).await.unwrap();
        let ctx = world.ctx();
        assert!(world.authority.cancel_deletion(&ctx, &ada.user).await.unwrap());
        assert!(!world.authority.cancel_deletion(&ctx, &ada.user).await.unwrap());
        world.advance(5 * DAY);
        request(&world, &ada, PASSWORD).await.unwrap();
        world.advance(10 * DAY);
        work_off(&world).await;
        assert!(world.authority.find_user("ada").await.unwrap().is_some());
        world.advance(4 * DAY);
        work_off(&world).await;
        assert!(world.authority.find_user("ada").await.unwrap().is_none());
    })
    .await;
}
