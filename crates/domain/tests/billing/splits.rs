//! Any way of telling the same use costs the same to the paisa.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use testkit::database::TestDatabase;

use super::usage::Town;

/// Parts, how they are put into batches, in which order, and which of them are sent again.
fn tellings() -> impl Strategy<Value = (Vec<i64>, Vec<usize>, u64)> {
    let parts = prop::collection::vec(1_i64..400, 1..24);
    (parts, prop::collection::vec(1_usize..6, 1..8), any::<u64>())
}

#[test]
fn batches_orders_and_repetitions_do_not_change_the_price() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut runner = TestRunner::new(Config::with_cases(24));
    let tried = runner.run(&tellings(), |(parts, sizes, seed)| {
        let (used, balance) = runtime.block_on(told(&parts, &sizes, seed));
        let whole: i64 = parts.iter().sum();
        prop_assert_eq!(used, u64::try_from(whole).unwrap());
        prop_assert_eq!(balance, -((whole - 1000).max(0) * 7 / 100));
        Ok(())
    });
    tried.unwrap();
}

async fn told(parts: &[i64], sizes: &[usize], seed: u64) -> (u64, i64) {
    let database = TestDatabase::sqlite().await;
    let town = Town::open(database.database().clone()).await;
    let mut reports: Vec<_> = parts
        .iter()
        .enumerate()
        .map(|(n, part)| town.report("messages", *part, &format!("k{n}")))
        .collect();
    let turn = usize::try_from(seed % 97).unwrap() % reports.len();
    reports.rotate_left(turn);
    if seed.is_multiple_of(2) {
        reports.reverse();
    }
    let mut rest = reports.as_slice();
    for size in sizes.iter().cycle() {
        let (batch, after) = rest.split_at((*size).min(rest.len()));
        town.tell(batch).await.unwrap();
        if size.is_multiple_of(2) {
            town.tell(batch).await.unwrap();
        }
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    (town.entitlement("messages").await.used, town.balance().await)
}
