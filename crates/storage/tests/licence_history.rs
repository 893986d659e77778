//! What the databases themselves refuse to have in the history of licences.
#![expect(clippy::unwrap_used, reason = "a test that can't go on says so")]

use model::Timestamp;
use model::billing::{Binding, Licence, LicenceId, LicenceSource, LicenceStatus};
use storage::{Database, Query as _, StorageError, licences};
use testkit::database::{TestDatabase, for_each_database};
use testkit::random::TestRandom;

const ACCOUNT: &str = "000000004711";
const PEOPLE: [&str; 4] = [
    "INSERT INTO users (id, email, role, profile, created_at, updated_at, number) VALUES ('usr_a', 'a@example.org', 'user', '{}', 0, 0, 1)",
    "INSERT INTO users (id, email, role, profile, created_at, updated_at, number) VALUES ('usr_b', 'b@example.org', 'user', '{}', 0, 0, 2)",
    "INSERT INTO accounts (id, root_user_id, created_at) VALUES ('000000004711', 'usr_a', 0)",
    "INSERT INTO accounts (id, root_user_id, created_at) VALUES ('000000004712', 'usr_b', 0)",
];

async fn run(database: &Database, statements: &'static [&'static str]) -> Result<u64, StorageError> {
    let work = database.write(move |w| {
        Box::pin(async move {
            let mut rows = 0;
            for sql in statements {
                rows += w.execute(sql, &[]).await?;
            }
            Ok(rows)
        })
    });
    work.await
}

async fn bind(database: &Database, number: u64, plan: &str) {
    let licence = Licence {
        id: None,
        binding: Binding {
            account: ACCOUNT.parse().unwrap(),
            plan: plan.to_owned(),
            seats: 5,
            status: LicenceStatus::Active,
            valid_until: Some(Timestamp::from_seconds(1000)),
            source: LicenceSource::Admin,
        },
        valid_from: Timestamp::EPOCH,
    };
    let id = LicenceId::random(&TestRandom::seeded(number));
    let now = Timestamp::from_seconds(i64::try_from(number).unwrap());
    let work = database.write::<_, StorageError, _>(move |w| {
        Box::pin(async move { licences::replace(w, id, &licence, now).await })
    });
    work.await.unwrap();
}

/// One that was replaced, and the one that lives.
async fn open(database: &Database) {
    run(database, &PEOPLE).await.unwrap();
    bind(database, 1, "free").await;
    bind(database, 2, "pro").await;
}

/// All that is stored, as text.
async fn rows(database: &Database) -> Vec<String> {
    let sql = "SELECT id || account_id || plan || seats || status || source || valid_from || valid_until || created_at || coalesce(replaced_at, 0) || coalesce(end_told_at, 0) AS row FROM licences ORDER BY created_at";
    let mut reader = database.read().await.unwrap();
    let rows = reader.fetch_all(sql, &[]).await.unwrap();
    rows.iter().map(|row| row.text("row").unwrap()).collect()
}

const TAMPERING: [&[&str]; 18] = [
    &["UPDATE licences SET id = 'x' WHERE plan = 'pro'"],
    &["UPDATE licences SET account_id = '000000004712' WHERE plan = 'pro'"],
    &["UPDATE licences SET plan = 'pro' WHERE plan = 'free'"],
    &["UPDATE licences SET plan = 'free' WHERE plan = 'pro'"],
    &["UPDATE licences SET seats = 6"],
    &["UPDATE licences SET status = 'suspended'"],
    &["UPDATE licences SET source = 'subscription:sub_1'"],
    &["UPDATE licences SET valid_from = valid_from + 1"],
    &["UPDATE licences SET valid_until = NULL"],
    &["UPDATE licences SET valid_until = valid_until + 1"],
    &["UPDATE licences SET created_at = created_at - 1"],
    &["UPDATE licences SET replaced_at = replaced_at + 1 WHERE replaced_at IS NOT NULL"],
    &[
        "UPDATE licences SET replaced_at = 5 WHERE plan = 'pro'",
        "UPDATE licences SET replaced_at = NULL WHERE plan = 'free'",
    ],
    &[
        "UPDATE licences SET end_told_at = 5 WHERE plan = 'pro'",
        "UPDATE licences SET end_told_at = NULL WHERE plan = 'pro'",
    ],
    &["DELETE FROM licences WHERE plan = 'free'"],
    &["DELETE FROM licences WHERE plan = 'pro'"],
    &[
        "INSERT INTO licences VALUES ('lic_x', '000000004712', 'pro', 5, 'active', 'admin', 0, NULL, 0, 1, NULL)",
    ],
    &[
        "INSERT INTO licences VALUES ('lic_x', '000000004711', 'pro', 5, 'active', 'admin', 0, NULL, 0, NULL, NULL)",
    ],
];

/// A licence that somebody had can't be made to have been another one.
#[tokio::test]
async fn the_history_of_licences_is_neither_changed_nor_shortened_nor_filled_in() {
    for_each_database(async |database| {
        open(&database).await;
        let before = rows(&database).await;
        for statements in TAMPERING {
            assert!(run(&database, statements).await.is_err(), "{statements:?}");
        }
        assert_eq!(rows(&database).await, before);
    })
    .await;
}

#[tokio::test]
async fn a_licence_is_replaced_and_its_end_told_as_ever() {
    for_each_database(async |database| {
        open(&database).await;
        let at = Timestamp::from_seconds(2000);
        let told = database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move { licences::take_ended(w, at, 10).await })
        });
        assert_eq!(told.await.unwrap(), [ACCOUNT.parse().unwrap()]);
        bind(&database, 3, "free").await;
        assert_eq!(rows(&database).await.len(), 3);
        let mut reader = database.read().await.unwrap();
        let account = ACCOUNT.parse().unwrap();
        let living = licences::find(&mut reader, &account).await.unwrap();
        assert_eq!(living.unwrap().binding.plan, "free");
    })
    .await;
}

#[tokio::test]
async fn sqlite_replaces_no_licence_by_inserting() {
    const LOOSE: [&[&str]; 2] = [
        &[
            "INSERT OR REPLACE INTO licences SELECT id, account_id, 'free', 1, status, source, valid_from, NULL, created_at, NULL, NULL FROM licences WHERE plan = 'pro'",
        ],
        &[
            "INSERT OR REPLACE INTO licences VALUES ('lic_x', '000000004711', 'max', 5, 'active', 'admin', 0, NULL, 0, NULL, NULL)",
        ],
    ];
    let database = TestDatabase::sqlite().await;
    open(database.database()).await;
    let before = rows(database.database()).await;
    for statements in LOOSE {
        assert!(
            run(database.database(), statements).await.is_err(),
            "{statements:?}"
        );
    }
    assert_eq!(rows(database.database()).await, before);
}

#[tokio::test]
async fn postgresql_does_not_empty_the_history_of_licences() {
    let database = TestDatabase::postgres().await;
    open(database.database()).await;
    let before = rows(database.database()).await;
    assert!(run(database.database(), &["TRUNCATE licences"]).await.is_err());
    assert_eq!(rows(database.database()).await, before);
}
