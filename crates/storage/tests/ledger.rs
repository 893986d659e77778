//! What the databases themselves refuse to have in the ledger.
#![expect(clippy::unwrap_used, reason = "a test that can't go on says so")]

use jiff::civil::date;
use model::Timestamp;
use model::billing::{Currency, LedgerAccount, Movement, MovementId, MovementKind, Transfer};
use model::iam::AccountId;
use storage::{Database, Query as _, StorageError, ledger};
use testkit::database::for_each_database;
use testkit::random::TestRandom;

const ACCOUNT: &str = "000000004711";
const PEOPLE: [&str; 4] = [
    "INSERT INTO users (id, email, role, profile, created_at, updated_at, number) VALUES ('usr_a', 'a@example.org', 'user', '{}', 0, 0, 1)",
    "INSERT INTO users (id, email, role, profile, created_at, updated_at, number) VALUES ('usr_b', 'b@example.org', 'user', '{}', 0, 0, 2)",
    "INSERT INTO accounts (id, root_user_id, created_at) VALUES ('000000004711', 'usr_a', 0)",
    "INSERT INTO accounts (id, root_user_id, created_at) VALUES ('000000004712', 'usr_b', 0)",
];

async fn run(database: &Database, statements: &'static [&'static str]) -> Result<(), StorageError> {
    let work = database.write(move |w| {
        Box::pin(async move {
            for sql in statements {
                w.execute(sql, &[]).await?;
            }
            Ok(())
        })
    });
    work.await
}

fn topup(number: u64) -> Movement {
    let account: AccountId = ACCOUNT.parse().unwrap();
    let transfer = |debit, credit, minor| Transfer { debit, credit, minor };
    Movement {
        id: MovementId::random(&TestRandom::seeded(number)),
        account: account.clone(),
        kind: MovementKind::Topup,
        reference: format!("payment:pay_{number}"),
        currency: Currency::INR,
        transfers: vec![
            transfer(LedgerAccount::Gateway, LedgerAccount::Wallet(account), 118),
            transfer(LedgerAccount::TaxContained, LedgerAccount::Igst, 18),
        ],
        description: "Top-up".to_owned(),
        at: Timestamp::EPOCH,
        day: date(1970, 1, 1),
    }
}

async fn add(database: &Database, movement: Movement) -> Result<(), StorageError> {
    let work = database.write(move |w| {
        Box::pin(async move {
            let held = ledger::hold_wallet(w, &movement.account, movement.currency).await?;
            let after = held.balance + movement.wallet_change().unwrap();
            ledger::insert(w, &movement, &held, after).await
        })
    });
    work.await
}

/// Two top-ups: `mov_…` with the numbers 1 and 2, and 236 in the wallet.
async fn open(database: &Database) {
    run(database, &PEOPLE).await.unwrap();
    add(database, topup(1)).await.unwrap();
    add(database, topup(2)).await.unwrap();
}

const ROWS: &str = "SELECT (SELECT count(*) FROM ledger_movements) AS movements, (SELECT count(*) FROM ledger_transfers) AS transfers, (SELECT balance FROM wallets WHERE account_id = '000000004711') AS balance";

async fn rows(database: &Database) -> (i64, i64, i64) {
    let mut reader = database.read().await.unwrap();
    let row = reader.fetch_one(ROWS, &[]).await.unwrap();
    let int = |column| row.int(column).unwrap();
    (int("movements"), int("transfers"), int("balance"))
}

const CHANGES: [&[&str]; 14] = [
    &["UPDATE ledger_movements SET description = 'x'"],
    &["UPDATE ledger_movements SET wallet_change = 1 WHERE seq = 2"],
    &["DELETE FROM ledger_movements WHERE seq = 2"],
    &["UPDATE ledger_transfers SET amount = amount + 1"],
    &["UPDATE ledger_transfers SET credit = 'adjustments' WHERE line = 1"],
    &["DELETE FROM ledger_transfers WHERE line = 2"],
    &["DELETE FROM ledger_transfers", "DELETE FROM ledger_movements"],
    &["UPDATE wallets SET balance = balance + 1"],
    &["UPDATE wallets SET movements = movements - 1"],
    &["UPDATE wallets SET currency = 'USD'"],
    &["UPDATE wallets SET account_id = '000000004712'"],
    &["DELETE FROM wallets"],
    &["UPDATE ledger_seals SET seq = seq + 2"],
    &["DELETE FROM ledger_seals WHERE seq = 2"],
];

/// B04
#[tokio::test]
async fn what_is_written_can_be_neither_changed_nor_deleted() {
    for_each_database(async |database| {
        open(&database).await;
        for statements in CHANGES {
            let refused = run(&database, statements).await;
            assert!(refused.is_err(), "{statements:?}");
        }
        assert_eq!(rows(&database).await, (2, 4, 236));
        add(&database, topup(3)).await.unwrap();
        assert_eq!(rows(&database).await, (3, 6, 354));
    })
    .await;
}

/// A third movement that would be right: its transfer, itself, the wallet. What follows changes one thing each.
const SOUND: [&str; 3] = [
    "INSERT INTO ledger_transfers VALUES ('mov_3', 1, 'wallet:000000004711', 'revenue:usage', 'INR', 36)",
    "INSERT INTO ledger_movements VALUES ('mov_3', '000000004711', 3, 'usage', 1, 'usage:3', 'INR', -36, 200, '', 0, '1970-01-01')",
    "UPDATE wallets SET balance = 200, movements = 3 WHERE account_id = '000000004711'",
];
const UNSOUND: [(&str, &[&str]); 15] = [
    ("no transfers", &[SOUND[1]]),
    (
        "a transfer of nothing",
        &[
            "INSERT INTO ledger_transfers VALUES ('mov_3', 1, 'wallet:000000004711', 'revenue:usage', 'INR', 0)",
        ],
    ),
    (
        "a transfer that goes nowhere",
        &[
            "INSERT INTO ledger_transfers VALUES ('mov_3', 1, 'gateway', 'gateway', 'INR', 36)",
            SOUND[1],
        ],
    ),
    (
        "another amount",
        &[
            "INSERT INTO ledger_transfers VALUES ('mov_3', 1, 'wallet:000000004711', 'revenue:usage', 'INR', 37)",
            SOUND[1],
        ],
    ),
    (
        "another currency",
        &[
            "INSERT INTO ledger_transfers VALUES ('mov_3', 1, 'wallet:000000004711', 'revenue:usage', 'USD', 36)",
            SOUND[1],
        ],
    ),
    (
        "somebody else's wallet",
        &[
            SOUND[0],
            "INSERT INTO ledger_transfers VALUES ('mov_3', 2, 'wallet:000000004712', 'revenue:usage', 'INR', 1)",
            SOUND[1],
        ],
    ),
    (
        "a gap",
        &[
            SOUND[0],
            "INSERT INTO ledger_movements VALUES ('mov_3', '000000004711', 4, 'usage', 1, 'usage:3', 'INR', -36, 200, '', 0, '1970-01-01')",
        ],
    ),
    (
        "a number that is taken",
        &[
            SOUND[0],
            "INSERT INTO ledger_movements VALUES ('mov_3', '000000004711', 2, 'usage', 1, 'usage:3', 'INR', -36, 82, '', 0, '1970-01-01')",
        ],
    ),
    (
        "a balance that does not follow",
        &[
            SOUND[0],
            "INSERT INTO ledger_movements VALUES ('mov_3', '000000004711', 3, 'usage', 1, 'usage:3', 'INR', -36, 201, '', 0, '1970-01-01')",
        ],
    ),
    (
        "a reason that was used",
        &[
            SOUND[0],
            "INSERT INTO ledger_movements VALUES ('mov_3', '000000004711', 3, 'usage', 1, 'payment:pay_1', 'INR', -36, 200, '', 0, '1970-01-01')",
        ],
    ),
    (
        "a wallet with another balance",
        &[
            SOUND[0],
            SOUND[1],
            "UPDATE wallets SET balance = 201, movements = 3 WHERE account_id = '000000004711'",
        ],
    ),
    (
        "a wallet that begins with something",
        &["INSERT INTO wallets VALUES ('000000004712', 'INR', 5, 0)"],
    ),
    (
        "a seal of no movement",
        &["INSERT INTO ledger_seals SELECT account_id, 3, digest FROM ledger_seals WHERE seq = 2"],
    ),
    (
        "a seal of one that has its own",
        &["INSERT INTO ledger_seals SELECT account_id, 1, digest FROM ledger_seals WHERE seq = 2"],
    ),
    (
        "a transfer more, when the movement is there",
        &[
            SOUND[0],
            SOUND[1],
            SOUND[2],
            "INSERT INTO ledger_transfers VALUES ('mov_3', 2, 'gateway', 'adjustments', 'INR', 1)",
        ],
    ),
];

/// B04
#[tokio::test]
async fn what_does_not_add_up_can_not_be_written() {
    for_each_database(async |database| {
        open(&database).await;
        for (what, statements) in UNSOUND {
            assert!(run(&database, statements).await.is_err(), "{what}");
        }
        let alone = run(&database, &[SOUND[0]]).await;
        assert!(alone.is_err(), "a transfer without a movement");
        assert_eq!(rows(&database).await, (2, 4, 236));
        run(&database, &SOUND).await.unwrap();
        assert_eq!(rows(&database).await, (3, 5, 200));
    })
    .await;
}

/// What only SQLite would take: fractions, text, and replacing by inserting.
const LOOSE: [&[&str]; 7] = [
    &[
        "INSERT INTO ledger_transfers VALUES ('mov_3', 1, 'wallet:000000004711', 'revenue:usage', 'INR', 36.5)",
    ],
    &[
        "INSERT INTO ledger_transfers VALUES ('mov_3', 1, 'wallet:000000004711', 'revenue:usage', 'INR', 'many')",
    ],
    &["INSERT OR REPLACE INTO ledger_movements SELECT * FROM ledger_movements WHERE seq = 2"],
    &[
        "INSERT OR REPLACE INTO ledger_movements SELECT id, account_id, 3, kind, 3, reference || 'x', currency, 0, balance_after, '', 0, day FROM ledger_movements WHERE seq = 2",
    ],
    &[
        "INSERT OR REPLACE INTO ledger_transfers SELECT movement_id, line, debit, credit, currency, 1 FROM ledger_transfers",
    ],
    &["INSERT OR REPLACE INTO ledger_seals SELECT account_id, 1, digest FROM ledger_seals WHERE seq = 2"],
    &["INSERT OR REPLACE INTO wallets VALUES ('000000004711', 'INR', 0, 0)"],
];

/// B04
#[tokio::test]
async fn sqlite_takes_no_fractions_and_replaces_nothing() {
    let database = testkit::database::TestDatabase::sqlite().await;
    open(database.database()).await;
    for statements in LOOSE {
        assert!(
            run(database.database(), statements).await.is_err(),
            "{statements:?}"
        );
    }
    assert_eq!(rows(database.database()).await, (2, 4, 236));
}

/// B04
#[tokio::test]
async fn postgresql_empties_no_table_of_the_ledger() {
    let database = testkit::database::TestDatabase::postgres().await;
    open(database.database()).await;
    for sql in [
        &["TRUNCATE ledger_transfers"],
        &["TRUNCATE ledger_movements CASCADE"],
        &["TRUNCATE wallets"],
        &["TRUNCATE ledger_seals"],
    ] {
        assert!(run(database.database(), sql).await.is_err(), "{sql:?}");
    }
    assert_eq!(rows(database.database()).await, (2, 4, 236));
}
