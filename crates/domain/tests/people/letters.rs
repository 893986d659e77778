//! Letters as jobs: sent once, tried again, given up, and never lost with what asked for them.

use std::sync::atomic::Ordering;

use domain::mail::Message;
use domain::people::AskedIn;
use model::challenge::Purpose;
use testkit::database::for_each_database;

use crate::world::World;

async fn work_off(world: &World) {
    while world.authority.run_due_jobs().await.unwrap() > 0 {}
}

#[tokio::test]
async fn a_letter_that_can_t_leave_is_tried_again_later_and_at_last_given_up() {
    for_each_database(async |database| {
        let world = World::new(database);
        world.register("ada").await;
        world.mail.broken.store(true, Ordering::SeqCst);
        work_off(&world).await;
        assert!(world.authority.failed_jobs(10).await.unwrap().is_empty());
        // Not before its time.
        assert_eq!(world.authority.run_due_jobs().await.unwrap(), 0);
        world.advance(8);
        assert_eq!(world.authority.run_due_jobs().await.unwrap(), 1);
        for _ in 2..12 {
            world.advance(12 * 60 * 60);
            work_off(&world).await;
        }
        let failed = world.authority.failed_jobs(10).await.unwrap();
        assert_eq!(failed.len(), 1);
        assert!(failed[0].kind == "mail.ask" && failed[0].last_error.contains("out of order"));
        world.mail.broken.store(false, Ordering::SeqCst);
        work_off(&world).await;
        assert!(world.mail.take().is_empty());
    })
    .await;
}

/// Many workers side by side, as many replicas have: each letter leaves once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_workers_send_each_letter_once() {
    for_each_database(async |database| {
        let world = World::with(database, |settings| {
            settings.mail.address_throttle.free_attempts = 1000;
        });
        world.register("ada").await;
        work_off(&world).await;
        world.mail.take();
        let mut asked = 0;
        for round in 0..40 {
            let address = format!("192.0.2.{round}");
            let ctx = world.ctx_from(&address);
            let purpose = [Purpose::MagicLink, Purpose::ResetPassword][round % 2];
            let email = format!("somebody{round}@example.org");
            let email = if round < 5 { "ada@example.org" } else { &email };
            world
                .authority
                .ask_by_mail(&ctx, purpose, email, AskedIn::default())
                .await
                .unwrap();
            asked += usize::from(round < 5);
        }
        let workers = (0..8).map(|_| {
            let authority = world.authority.clone();
            tokio::spawn(async move {
                let mut done = 0;
                loop {
                    match authority.run_due_jobs().await.unwrap() {
                        0 => return done,
                        count => done += count,
                    }
                }
            })
        });
        let mut done = 0;
        for worker in workers.collect::<Vec<_>>() {
            done += worker.await.unwrap();
        }
        // A worker may find nothing while another still holds the last ones.
        assert_eq!(done, 40);
        assert_eq!(world.mail.take().len(), asked);
    })
    .await;
}

/// L13: one link used by many at once changes the password once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_reset_link_works_for_one_of_many() {
    for_each_database(async |database| {
        let world = World::new(database);
        world.register("ada").await;
        let ctx = world.ctx();
        world
            .authority
            .ask_by_mail(
                &ctx,
                Purpose::ResetPassword,
                "ada@example.org",
                AskedIn::default(),
            )
            .await
            .unwrap();
        work_off(&world).await;
        let letters = world.mail.take();
        let link = letters.iter().find_map(|letter| match &letter.message {
            Message::ResetPassword { link } => link.split_once("token=").map(|(_, token)| token.to_owned()),
            _ => None,
        });
        let link = link.unwrap();
        let callers = (0..16).map(|caller| {
            let (authority, ctx, link) = (world.authority.clone(), ctx.clone(), link.clone());
            let password = model::PlainSecret::new(&format!("sixteen brass teapots {caller}"));
            tokio::spawn(async move { authority.reset_password(&ctx, &link, password).await.is_ok() })
        });
        let mut changed = 0;
        for caller in callers.collect::<Vec<_>>() {
            changed += usize::from(caller.await.unwrap());
        }
        assert_eq!(changed, 1);
        assert_eq!(world.count_audit("user.password_changed").await, 1);
    })
    .await;
}

/// The old address is told and can take the change back; whoever made it is thrown out.
#[tokio::test]
async fn a_changed_address_is_told_to_the_old_one_which_can_take_it_back() {
    for_each_database(async |database| {
        let world = World::new(database);
        let ada = world.register("ada").await;
        work_off(&world).await;
        world.mail.take();
        let ctx = world.ctx();
        let authority = &world.authority;
        let challenge = authority
            .ask_to_change_email(&ctx, &ada.user, "thief@example.org", AskedIn::default())
            .await
            .unwrap();
        work_off(&world).await;
        let letter = world.mail.take().remove(0);
        assert_eq!(letter.to.as_str(), "thief@example.org");
        let Message::ChangeEmail { code, .. } = letter.message else {
            panic!()
        };
        let id = challenge.to_string();
        let proven = authority
            .prove_by_code(&ctx, &domain::people::CONFIRMING, (&id, &code))
            .await
            .unwrap();
        authority.confirm_email(&ctx, proven).await.unwrap();
        work_off(&world).await;
        let letter = world.mail.take().remove(0);
        assert_eq!(letter.to.as_str(), "ada@example.org");
        let Message::EmailChanged { link, .. } = letter.message else {
            panic!()
        };
        let token = link.split_once("token=").unwrap().1;
        assert_eq!(
            authority.undo_email_change(&ctx, token).await.unwrap().as_str(),
            "ada@example.org"
        );
        assert!(!world.is_signed_in(&ada.cookie).await);
        assert!(authority.undo_email_change(&ctx, token).await.is_err());
        let user = authority.find_user("ada").await.unwrap().unwrap();
        assert!(user.email.as_str() == "ada@example.org" && user.password.is_none());
    })
    .await;
}

/// S12: what was given up keeps nothing of somebody who is erased, whoever it was asked by, nor does a last letter that
/// never left.
#[tokio::test]
async fn nothing_that_failed_outlives_the_account_it_is_about() {
    for_each_database(async |database| {
        let world = World::new(database);
        let ada = world.register("ada").await;
        let bob = world.register("bob").await;
        world.mail.broken.store(true, Ordering::SeqCst);
        for email in ["ada@example.org", "bob@example.org"] {
            let (ctx, purpose) = (world.ctx(), Purpose::MagicLink);
            let asked = world
                .authority
                .ask_by_mail(&ctx, purpose, email, AskedIn::default());
            asked.await.unwrap();
        }
        let give_up = async || {
            for _ in 0..13 {
                work_off(&world).await;
                world.advance(12 * 60 * 60);
            }
        };
        give_up().await;
        assert_eq!(world.authority.failed_jobs(10).await.unwrap().len(), 4);
        let (ctx, password) = (world.ctx(), model::PlainSecret::new(crate::world::PASSWORD));
        let ada = (&ada.user, &ada.session);
        let authority = &world.authority;
        authority.request_deletion(&ctx, ada, &password).await.unwrap();
        world.advance(14 * 24 * 60 * 60);
        give_up().await;
        assert!(authority.find_user("ada").await.unwrap().is_none());
        let left = authority.failed_jobs(10).await.unwrap();
        assert_eq!(left.len(), 2, "of {}", bob.user.id);
    })
    .await;
}
