//! Random histories against a model of what the balances must be.

use std::collections::HashMap;

use futures::future::join_all;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use storage::Database;
use testkit::database::{TestDatabase, for_each_database};
use testkit::random::TestRandom;

use super::deed::{Outcome, any_deed, deeds};
use super::{Books, Deed};

const ACCOUNTS: usize = 3;
const LONGEST: usize = 40;

/// What the books must say.
#[derive(Default)]
struct Expected {
    balances: [i64; ACCOUNTS],
    /// What stands under each reference.
    known: HashMap<String, i64>,
    order: Vec<(usize, String)>,
}

impl Expected {
    fn outcome(&mut self, deed: &Deed) -> Outcome {
        let (reference, change) = (deed.reference(), deed.change());
        if let Some(known) = self.known.get(&reference) {
            return match deed.is_adjustment() && *known != change {
                true => Outcome::Taken,
                false => Outcome::Already,
            };
        }
        let after = self.balances[deed.account] + change;
        if change < 0 && deed.has_floor() && after < 0 {
            return Outcome::Short;
        }
        self.balances[deed.account] = after;
        self.known.insert(reference.clone(), change);
        self.order.push((deed.account, reference));
        Outcome::Done(after)
    }
}

async fn agree(books: &Books, expected: &Expected) {
    assert_eq!(books.findings().await, Vec::<String>::new());
    for account in 0..ACCOUNTS {
        assert_eq!(books.balance(account).await, expected.balances[account]);
        let references = books
            .entries(account)
            .await
            .into_iter()
            .map(|entry| entry.reference);
        let due = expected.order.iter().filter(|(of, _)| *of == account);
        let due: Vec<String> = due.map(|(_, reference)| reference.clone()).collect();
        assert_eq!(references.collect::<Vec<_>>(), due);
    }
}

async fn one_after_the_other(history: Vec<Deed>) {
    let database = TestDatabase::sqlite().await;
    let books = Books::open(database.database().clone(), ACCOUNTS).await;
    let mut expected = Expected::default();
    for deed in &history {
        let due = expected.outcome(deed);
        assert_eq!(deed.carry_out(&books).await, due, "{deed:?}");
    }
    agree(&books, &expected).await;
}

/// Whatever order they came in, the entries tell it, and a model that follows it agrees.
async fn all_at_once(database: Database, history: Vec<Deed>) {
    let books = Books::open(database, ACCOUNTS).await;
    let outcomes = join_all(history.iter().map(|deed| deed.carry_out(&books))).await;
    assert_eq!(books.findings().await, Vec::<String>::new());
    let done: Vec<_> = history.iter().zip(&outcomes).collect();
    let mut written = 0;
    for account in 0..ACCOUNTS {
        let mut balance = 0;
        for entry in books.entries(account).await {
            let of = |(deed, outcome): &&(&Deed, &Outcome)| {
                deed.reference() == entry.reference && **outcome == Outcome::Done(entry.balance_after)
            };
            let (deed, _) = done.iter().find(of).unwrap();
            balance += deed.change();
            assert_eq!(
                (entry.wallet_change, entry.balance_after),
                (deed.change(), balance)
            );
            assert!(!deed.has_floor() || balance >= 0, "below the floor: {deed:?}");
            written += 1;
        }
        assert_eq!(books.balance(account).await, balance);
    }
    let told = outcomes
        .iter()
        .filter(|one| matches!(one, Outcome::Done(_)))
        .count();
    assert_eq!(told, written, "nothing is done twice, and nothing unseen");
}

fn run(cases: u32, history: impl AsyncFn(Vec<Deed>)) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let mut runner = TestRunner::new(Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    });
    let strategy = prop::collection::vec(deeds(ACCOUNTS), 1..LONGEST);
    let outcome = runner.run(&strategy, |deeds| {
        runtime.block_on(history(deeds));
        Ok(())
    });
    outcome.unwrap();
}

const HISTORIES: u32 = 48;

/// B04, I10
#[test]
fn whatever_happens_the_books_say_it() {
    run(HISTORIES, one_after_the_other);
}

/// B04, I10
#[test]
fn whatever_happens_at_once_the_books_say_it_in_some_order() {
    run(HISTORIES, async |history| {
        let database = TestDatabase::sqlite().await;
        all_at_once(database.database().clone(), history).await;
    });
}

/// B04, I10
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn five_hundred_at_once_are_in_some_order_on_both_databases() {
    for_each_database(async |database| {
        let random = TestRandom::seeded(39);
        let history = (0..500).map(|_| any_deed(&random, (ACCOUNTS, 100))).collect();
        all_at_once(database, history).await;
    })
    .await;
}
