//! Many at once at one wallet, on both databases.

use domain::billing::{AdjustError, Adjustment, Posted};
use futures::future::join_all;
use model::audit::Actor;
use model::billing::MovementKind;
use testkit::database::for_each_database;

use super::{Books, debit, payment_of};

/// B02: whoever brings it, the webhook or the client.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_payment_brought_by_a_hundred_at_once_is_booked_once() {
    for_each_database(async |database| {
        let books = Books::open(database, 1).await;
        let received = payment_of(&books.accounts[0], "pay_1", 50_000);
        let posted = join_all((0..100).map(|_| books.receive(received.clone()))).await;
        let new = posted
            .iter()
            .filter(|one| matches!(one.as_ref().unwrap(), Posted::New { .. }));
        assert_eq!(new.count(), 1);
        assert_eq!(books.balance(0).await, 50_000);
        assert_eq!(books.findings().await, Vec::<String>::new());
    })
    .await;
}

/// B06
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_debits_of_eighty_from_a_hundred_one_succeeds() {
    for_each_database(async |database| {
        let books = Books::open(database, 1).await;
        books.top_up(0, "pay_1", 100).await;
        let of = |number: usize| {
            let key = format!("race_{number}");
            debit(&books.accounts[0], (MovementKind::Usage, &key, 80), Some(0))
        };
        let posted = join_all((0..50).map(|number| books.post(of(number)))).await;
        let posted: Vec<Posted> = posted.into_iter().map(Result::unwrap).collect();
        let new = posted.iter().filter(|one| matches!(one, Posted::New { .. }));
        assert_eq!(new.count(), 1);
        let short = posted.iter().filter(|one| **one == Posted::Short { balance: 20 });
        assert_eq!(short.count(), 49);
        assert_eq!(books.balance(0).await, 20);
        assert_eq!(books.findings().await, Vec::<String>::new());
    })
    .await;
}

fn credit(books: &Books, minor: i64) -> Adjustment {
    Adjustment {
        account: books.accounts[0].clone(),
        minor,
        reason: "Goodwill".to_owned(),
        reference: "ticket-7".to_owned(),
        below_zero: false,
        by: Actor::Operator,
    }
}

/// B05: the operator's reference is the key.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_adjustment_sent_fifty_times_is_booked_once_and_answered_alike() {
    for_each_database(async |database| {
        let books = Books::open(database, 1).await;
        let (authority, ctx) = (&books.world.authority, books.world.ctx());
        let adjust = |_| authority.adjust_wallet(&ctx, credit(&books, 500));
        let adjusted = join_all((0..50).map(adjust)).await;
        let adjusted: Vec<_> = adjusted.into_iter().map(Result::unwrap).collect();
        assert!(adjusted.iter().all(|one| one.balance == 500));
        assert_eq!(adjusted.iter().filter(|one| one.is_new).count(), 1);
        let other = authority.adjust_wallet(&ctx, credit(&books, 501)).await;
        assert!(matches!(other, Err(AdjustError::ReferenceTaken)));
        assert_eq!(books.world.count_audit("billing.adjusted").await, 1);
        assert_eq!(books.balance(0).await, 500);
    })
    .await;
}

/// B03: nothing, more than can be, and what no line can hold.
#[tokio::test]
async fn adjustments_that_make_no_sense_are_refused() {
    let database = testkit::database::TestDatabase::sqlite().await;
    let books = Books::open(database.database().clone(), 1).await;
    let with = |change: &dyn Fn(&mut Adjustment)| {
        let mut adjustment = credit(&books, 500);
        change(&mut adjustment);
        adjustment
    };
    let wrong = [
        with(&|one| one.minor = 0),
        with(&|one| one.minor = i64::MIN),
        with(&|one| one.minor = model::billing::MOST + 1),
        with(&|one| one.reason = " ".to_owned()),
        with(&|one| one.reason = "a\r\nb".to_owned()),
        with(&|one| one.reason = "x".repeat(201)),
        with(&|one| one.reference = String::new()),
        with(&|one| one.reference = "a b".to_owned()),
        with(&|one| one.account = "999999999999".parse().unwrap()),
        with(&|one| one.minor = -1),
    ];
    for adjustment in wrong {
        let (authority, ctx) = (&books.world.authority, books.world.ctx());
        let adjusted = authority.adjust_wallet(&ctx, adjustment.clone()).await;
        assert!(adjusted.is_err(), "{adjustment:?}");
    }
    assert_eq!(books.proven().await.movements, 0);
}
