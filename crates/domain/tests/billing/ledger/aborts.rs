//! Writes that end in the middle: given up wherever they wait for the database, and refused at each statement.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use domain::billing::Posted;
use model::billing::MovementKind;
use storage::{Dialect, StorageError};
use testkit::database::{TestDatabase, for_each_database};

use super::{Books, debit, payment_of};

/// The future's outcome, or nothing once it has waited so often.
async fn at_most<T>(waits: usize, future: impl Future<Output = T>) -> Option<T> {
    let (mut future, mut waited) = (pin!(future), 0);
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
        Poll::Pending if waited == waits => Poll::Ready(None),
        Poll::Pending => {
            waited += 1;
            Poll::Pending
        }
    })
    .await
}

fn given_up() -> StorageError {
    StorageError::Unavailable("given up".to_owned())
}

/// A top-up and usage in one write, given up after so many waits; or undone at its end. True when it came that far.
async fn begun(books: &Books, waits: usize) -> bool {
    let (authority, ctx) = (books.world.authority.clone(), books.world.ctx());
    let payment = payment_of(&books.accounts[0], "pay_2", 1000);
    let usage = debit(&books.accounts[0], (MovementKind::Usage, "aborted", 10), None);
    let (told, ended) = tokio::sync::oneshot::channel();
    let outcome = books
        .write::<(), _>(move |w| {
            Box::pin(async move {
                let both = async {
                    authority.receive(w, &ctx, &payment).await?;
                    authority.post(w, &ctx, usage).await
                };
                let posted = at_most(waits, both).await;
                let _ = told.send(matches!(posted, Some(Ok(Posted::New { .. }))));
                Err(given_up())
            })
        })
        .await;
    assert!(outcome.is_err());
    ended.await.unwrap()
}

/// B04. How many places there are to give up differs: a database that answers before anybody looks is not waited for.
#[tokio::test]
#[expect(clippy::print_stderr, reason = "how many were tried is told")]
async fn a_write_that_is_given_up_anywhere_leaves_nothing() {
    for_each_database(async |database| {
        let books = Books::open(database, 1).await;
        books.top_up(0, "pay_1", 100).await;
        let mut waits = 0;
        while !begun(&books, waits).await {
            assert_eq!(books.findings().await, Vec::<String>::new(), "after {waits}");
            assert_eq!((books.balance(0).await, books.proven().await.movements), (100, 1));
            waits += 1;
        }
        assert_eq!((books.balance(0).await, books.proven().await.movements), (100, 1));
        books.top_up(0, "pay_2", 1000).await;
        assert_eq!(books.balance(0).await, 1100);
        eprintln!("ledger: {waits} writes given up, 0 broken invariants");
    })
    .await;
}

/// Whatever a movement writes, refused at that statement: the trigger, and how it is taken away again.
const REFUSALS: [(&str, &str); 6] = [
    ("INSERT", "ledger_transfers"),
    ("INSERT", "ledger_movements"),
    ("INSERT", "ledger_seals"),
    ("INSERT", "ledger_days"),
    ("UPDATE", "wallets"),
    ("INSERT", "revocations"),
];

async fn run(books: &Books, sql: String) {
    let sql: &'static str = sql.leak();
    let done = books.write(move |w| Box::pin(async move { w.execute(sql, &[]).await }));
    done.await.unwrap();
}

async fn refused(database: TestDatabase) {
    let books = Books::open(database.database().clone(), 1).await;
    books.top_up(0, "pay_1", 100).await;
    for (verb, table) in REFUSALS {
        let (action, taken_away) = match database.database().dialect() {
            Dialect::Sqlite => ("BEGIN SELECT RAISE(ABORT, 'refused'); END", ""),
            Dialect::Postgres => ("FOR EACH STATEMENT EXECUTE FUNCTION ledger_stands()", "ON "),
        };
        run(
            &books,
            format!("CREATE TRIGGER refused BEFORE {verb} ON {table} {action}"),
        )
        .await;
        // All of it: the balance crosses zero, which the revocation log is told.
        let usage = debit(&books.accounts[0], (MovementKind::Usage, "all", 100), None);
        assert!(books.post(usage).await.is_err(), "{verb} {table}");
        let table = if taken_away.is_empty() { "" } else { table };
        run(&books, format!("DROP TRIGGER refused {taken_away}{table}")).await;
        assert_eq!(books.findings().await, Vec::<String>::new(), "{verb} {table}");
        assert_eq!((books.balance(0).await, books.proven().await.movements), (100, 1));
    }
    let usage = debit(&books.accounts[0], (MovementKind::Usage, "all", 100), None);
    assert!(matches!(
        books.post(usage).await.unwrap(),
        Posted::New { after: 0, .. }
    ));
}

/// B04
#[tokio::test]
async fn a_write_that_is_refused_at_any_statement_leaves_nothing() {
    for database in TestDatabase::both().await {
        refused(database).await;
    }
}
