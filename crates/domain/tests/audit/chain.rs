//! Chains grow without gaps whoever writes, and stay whole when something is taken out of them.

use std::sync::Arc;
use std::time::Duration;

use domain::Settings;
use domain::audit::Span;
use domain::people::SignedIn;
use futures::future::join_all;
use model::PlainSecret;
use model::audit::ChainHash;
use storage::{StorageError, audit_chains, audit_entries};
use testkit::database::for_each_database;

use crate::world::{PASSWORD, World};
use crate::{ACCOUNT, answered, exported, fill, findings, open, read, request, request_of};

/// I9: on each database 8 × 50 at once, some of which belong to the server's own chain.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_writers_leave_one_entry_each_and_no_gap() {
    for_each_database(async |database| {
        let world = Arc::new(open(database).await);
        let writer = async |writer: usize| {
            for number in 0..50 {
                let ctx = request(&world, writer * 100 + number);
                world
                    .authority
                    .note_request(&ctx, answered(number))
                    .await
                    .unwrap();
            }
        };
        join_all((0..8).map(writer)).await;
        let verified = world.authority.verify_audit_log(None).await.unwrap();
        assert_eq!((verified.entries, verified.chains), (400, 1));
        assert!(verified.findings.is_empty(), "{:?}", verified.findings);
    })
    .await;
}

#[tokio::test]
async fn replicas_sign_each_place_once() {
    for_each_database(async |database| {
        let world = Arc::new(open(database).await);
        fill(&world, 3).await;
        world
            .authority
            .note_request(&request(&world, 9), answered(9))
            .await
            .unwrap();
        let sign = async |_| world.authority.sign_checkpoints(&world.ctx(), 1).await.unwrap();
        let signed: u64 = join_all((0..6).map(sign)).await.iter().sum();
        assert_eq!(signed, 1);
        assert!(findings(&world).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn checkpoints_stay_good_when_the_key_is_gone() {
    for_each_database(async |database| {
        let world = open(database).await;
        fill(&world, 4).await;
        world
            .authority
            .rotate_keys(
                &world.ctx(),
                &jose::Algorithm::ALL,
                domain::keys::RotationStart::Now,
            )
            .await
            .unwrap();
        world.advance(60 * 24 * 60 * 60);
        world.authority.keep_keys(&world.ctx()).await.unwrap();
        world.authority.forget_expired(&world.ctx()).await.unwrap();
        fill(&world, 2).await;
        assert_eq!(world.authority.audit_keys().await.unwrap().len(), 2);
        assert!(findings(&world).await.is_empty());
        assert!(read(&exported(&world, Span::default()).await).findings.is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_is_old_goes_and_a_signature_says_up_to_where() {
    for_each_database(async |database| {
        let keep = |settings: &mut Settings| settings.audit_retention = Duration::from_secs(10);
        let world = World::with(database, keep);
        world.authority.keep_keys(&world.ctx()).await.unwrap();
        fill(&world, 30).await;
        let removed = world.authority.prune_audit_log(&world.ctx()).await.unwrap();
        assert_eq!(removed, 20);
        assert_eq!(findings(&world).await, Vec::<String>::new());
        let verdict = read(&exported(&world, Span::default()).await);
        assert_eq!((verdict.entries, verdict.findings.list), (10, Vec::new()));
        fill(&world, 3).await;
        world.advance(60);
        assert_eq!(world.authority.prune_audit_log(&world.ctx()).await.unwrap(), 13);
        assert_eq!(findings(&world).await, Vec::<String>::new());
        fill(&world, 2).await;
        assert_eq!(findings(&world).await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn who_is_erased_leaves_the_chain_whole() {
    for_each_database(async |database| {
        let world = open(database).await;
        let ada = world.register("ada").await;
        let id = ada.user.id;
        fill(&world, 3).await;
        for number in 0..2 {
            let ctx = request_of(&world, number, &id.to_string());
            world
                .authority
                .note_request(&ctx, answered(number))
                .await
                .unwrap();
        }
        erase(&world, &ada).await;
        assert_eq!(findings(&world).await, Vec::<String>::new());
        let text = exported(&world, Span::default()).await;
        let verdict = read(&text);
        assert_eq!(
            (verdict.entries, verdict.erased, verdict.findings.list),
            (5, 2, Vec::new())
        );
        assert_eq!(text.matches("\"actor_name\":\"Ada\"").count(), 3);
    })
    .await;
}

async fn erase(world: &World, who: &SignedIn) {
    let ctx = world.ctx();
    let password = PlainSecret::new(PASSWORD);
    let asked = world
        .authority
        .request_deletion(&ctx, (&who.user, &who.session), &password);
    asked.await.unwrap();
    world.advance(15 * 24 * 60 * 60);
    world.authority.run_due_jobs().await.unwrap();
}

/// The statement that moves a chain on restates where it was.
#[tokio::test]
async fn a_chain_is_moved_on_only_from_where_it_is() {
    for_each_database(async |database| {
        let moved = database.write::<_, StorageError, _>(|w| {
            Box::pin(async move {
                let chain = audit_chains::hold(w, ACCOUNT).await?;
                let to = (1, ChainHash::genesis("x"), chain.at);
                let first = audit_chains::advance(w, ACCOUNT, 0, to).await?;
                let second = audit_chains::advance(w, ACCOUNT, 0, to).await?;
                Ok((first, second, audit_entries::exists(w, "none").await?))
            })
        });
        assert_eq!(moved.await.unwrap(), (true, false, false));
    })
    .await;
}
