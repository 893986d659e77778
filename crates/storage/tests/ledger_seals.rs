//! Books from before there were seals, and movements of a program that knows none.
#![expect(clippy::unwrap_used, reason = "a test that can't go on says so")]

use jiff::civil::date;
use model::Timestamp;
use model::billing::{Currency, LedgerAccount, Movement, MovementId, MovementKind, Transfer};
use model::iam::AccountId;
use storage::{Database, Dialect, Query as _, StorageError, ledger, ledger_proof};
use testkit::database::TestDatabase;
use testkit::random::TestRandom;

const ACCOUNT: &str = "000000004711";
const PEOPLE: [&str; 2] = [
    "INSERT INTO users (id, email, role, profile, created_at, updated_at, number) VALUES ('usr_a', 'a@example.org', 'user', '{}', 0, 0, 1)",
    "INSERT INTO accounts (id, root_user_id, created_at) VALUES ('000000004711', 'usr_a', 0)",
];
/// As an older version would have left them.
const OLDER_SQLITE: [&str; 3] = [
    "DROP TRIGGER ledger_seals_delete",
    "DELETE FROM ledger_seals",
    "INSERT INTO ledger_unsealed SELECT account_id FROM wallets",
];
const OLDER_POSTGRES: [&str; 3] = [
    "ALTER TABLE ledger_seals DISABLE TRIGGER ledger_seals_delete",
    OLDER_SQLITE[1],
    OLDER_SQLITE[2],
];

async fn run(database: &Database, statements: &'static [&'static str]) {
    let work = database.write::<_, StorageError, _>(move |w| {
        Box::pin(async move {
            for sql in statements {
                w.execute(sql, &[]).await?;
            }
            Ok(())
        })
    });
    work.await.unwrap();
}

async fn make_older(database: &Database) {
    match database.dialect() {
        Dialect::Sqlite => run(database, &OLDER_SQLITE).await,
        Dialect::Postgres => run(database, &OLDER_POSTGRES).await,
    }
}

fn usage(number: u64) -> Movement {
    let account: AccountId = ACCOUNT.parse().unwrap();
    Movement {
        id: MovementId::random(&TestRandom::seeded(number)),
        account: account.clone(),
        kind: MovementKind::Usage,
        reference: format!("usage:{number}"),
        currency: Currency::INR,
        transfers: vec![Transfer {
            debit: LedgerAccount::Wallet(account),
            credit: LedgerAccount::UsageRevenue,
            minor: 1,
        }],
        description: "Requests".to_owned(),
        at: Timestamp::EPOCH,
        day: date(1970, 1, 1),
    }
}

async fn add(database: &Database, numbers: std::ops::Range<u64>) {
    let work = database.write::<_, StorageError, _>(move |w| {
        Box::pin(async move {
            for number in numbers {
                let movement = usage(number);
                let held = ledger::hold_wallet(w, &movement.account, movement.currency).await?;
                ledger::insert(w, &movement, &held, held.balance - 1).await?;
            }
            Ok(())
        })
    });
    work.await.unwrap();
}

/// The seal of each movement, in their order.
async fn seals(database: &Database) -> Vec<Option<String>> {
    let mut reader = database.read().await.unwrap();
    let account = ACCOUNT.parse().unwrap();
    let all = ledger_proof::list_movements(&mut reader, &account, (0, i64::MAX)).await;
    let text = |movement: model::billing::proof::WrittenMovement| movement.seal.map(|seal| seal.to_string());
    all.unwrap().into_iter().map(text).collect()
}

#[tokio::test]
async fn books_from_before_there_were_seals_are_sealed_as_if_they_had_always_been() {
    for test in TestDatabase::both().await {
        let database = test.database();
        run(database, &PEOPLE).await;
        // More than what is sealed in one write.
        add(database, 0..1010).await;
        let before = seals(database).await;
        assert!(before.iter().all(Option::is_some));
        make_older(database).await;
        assert!(seals(database).await.iter().all(Option::is_none));

        Database::migrate(test.config()).await.unwrap();

        assert_eq!(seals(database).await, before);
        let mut reader = database.read().await.unwrap();
        let left = "SELECT count(*) AS n FROM ledger_unsealed";
        let left = reader.fetch_one(left, &[]).await.unwrap();
        assert_eq!(left.int("n").unwrap(), 0);
    }
}

#[tokio::test]
async fn what_an_older_program_booked_meanwhile_is_sealed_with_the_next_movement() {
    for test in TestDatabase::both().await {
        let database = test.database();
        run(database, &PEOPLE).await;
        add(database, 0..5).await;
        let before = seals(database).await;
        make_older(database).await;

        add(database, 5..6).await;

        let after = seals(database).await;
        assert_eq!(after[..5], before);
        assert!(after[5].is_some());
    }
}

#[tokio::test]
async fn a_gap_in_older_books_keeps_nobody_from_starting_or_booking() {
    for test in TestDatabase::both().await {
        let database = test.database();
        run(database, &PEOPLE).await;
        add(database, 0..5).await;
        make_older(database).await;
        take_the_third_away(database).await;

        Database::migrate(test.config()).await.unwrap();
        add(database, 5..6).await;

        let sealed: Vec<_> = seals(database).await.iter().map(Option::is_some).collect();
        assert_eq!(sealed, [true, true, false, false, false]);
    }
}

async fn take_the_third_away(database: &Database) {
    match database.dialect() {
        Dialect::Sqlite => {
            run(
                database,
                &[
                    "DROP TRIGGER ledger_movements_delete",
                    "DROP TRIGGER ledger_transfers_delete",
                ],
            )
            .await;
        }
        Dialect::Postgres => {
            run(
                database,
                &[
                    "ALTER TABLE ledger_movements DISABLE TRIGGER USER",
                    "ALTER TABLE ledger_transfers DISABLE TRIGGER USER",
                ],
            )
            .await;
        }
    }
    run(
        database,
        &[
            "DELETE FROM ledger_transfers WHERE movement_id IN (SELECT id FROM ledger_movements WHERE seq = 3)",
            "DELETE FROM ledger_movements WHERE seq = 3",
        ],
    )
    .await;
}
