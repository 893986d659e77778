//! Writes that share a commit share nothing else.

use storage::{Database, Perform as _, Script, StorageError};
use testkit::database::{TestDatabase, for_each_database};
use tokio::task::JoinHandle;

use crate::probe::{self, Gate, insert, keys, put};

type Outcome = Result<u64, StorageError>;

/// Holds the writer until all of `works` wait behind it, then lets them go on together.
async fn together(db: &Database, works: Vec<JoinHandle<Outcome>>, gate: &Gate) -> Vec<Outcome> {
    // The works were spawned after the gate was reached: one turn of the runtime puts each into the queue.
    for _ in 0..works.len() {
        tokio::task::yield_now().await;
    }
    gate.open();
    let mut outcomes = Vec::new();
    for work in works {
        outcomes.push(work.await.unwrap());
    }
    db.ping().await.unwrap();
    outcomes
}

fn spawn_put(db: &Database, key: String) -> JoinHandle<Outcome> {
    let db = db.clone();
    tokio::spawn(async move { put(&db, key).await })
}

#[tokio::test]
async fn waiting_writes_share_one_commit_and_a_failure_rolls_back_only_itself() {
    let test = TestDatabase::sqlite().await;
    let db = test.database();
    probe::create(db).await;
    let before = db.commits();

    let gate = Gate::closed();
    let held = tokio::spawn(gate.clone().hold(db.clone(), "held"));
    gate.reached().await;
    // Every second one asks for the key that is taken already.
    let works = (0..100).map(|n| {
        if n % 2 == 0 {
            format!("{n:03}")
        } else {
            "held".to_owned()
        }
    });
    let works = works.map(|key| spawn_put(db, key)).collect();
    let outcomes = together(db, works, &gate).await;

    held.await.unwrap().unwrap();
    for (n, outcome) in outcomes.iter().enumerate() {
        let expected = n % 2 == 1;
        assert_eq!(
            matches!(outcome, Err(StorageError::UniqueViolation)),
            expected,
            "{n}: {outcome:?}"
        );
    }
    assert_eq!(db.commits() - before, 1);
    assert_eq!(keys(db).await.len(), 51);
}

#[tokio::test]
async fn no_more_than_256_writes_share_a_commit() {
    let test = TestDatabase::sqlite().await;
    let db = test.database();
    probe::create(db).await;
    let before = db.commits();

    let gate = Gate::closed();
    let held = tokio::spawn(gate.clone().hold(db.clone(), "held"));
    gate.reached().await;
    let works = (0..256).map(|n| spawn_put(db, n.to_string())).collect();
    let outcomes = together(db, works, &gate).await;

    held.await.unwrap().unwrap();
    assert!(outcomes.iter().all(Result::is_ok));
    assert_eq!(db.commits() - before, 2);
}

#[tokio::test]
async fn a_commit_that_fails_is_reported_to_all_that_shared_it() {
    let test = TestDatabase::sqlite().await;
    let db = test.database();
    probe::create(db).await;
    let orphans = "CREATE TABLE orphan (parent TEXT REFERENCES probe (key) DEFERRABLE INITIALLY DEFERRED)";
    db.write::<_, StorageError, _>(move |w| Box::pin(async move { w.execute(orphans, &[]).await }))
        .await
        .unwrap();

    let gate = Gate::closed();
    let held = tokio::spawn(gate.clone().hold(db.clone(), "held"));
    gate.reached().await;
    let guilty = {
        let db = db.clone();
        tokio::spawn(async move {
            let sql = "INSERT INTO orphan (parent) VALUES ('nobody')";
            db.write(move |w| Box::pin(async move { w.execute(sql, &[]).await }))
                .await
        })
    };
    let works = vec![spawn_put(db, "innocent".to_owned()), guilty];
    let outcomes = together(db, works, &gate).await;

    assert!(
        outcomes
            .iter()
            .all(|outcome| matches!(outcome, Err(StorageError::Unavailable(_))))
    );
    assert!(matches!(held.await.unwrap(), Err(StorageError::Unavailable(_))));
    assert!(keys(db).await.is_empty());
    put(db, "after").await.unwrap();
    assert_eq!(keys(db).await, ["after"]);
}

#[tokio::test]
async fn a_caller_that_leaves_does_not_undo_its_write() {
    for_each_database(|db| async move {
        probe::create(&db).await;
        let gate = Gate::closed();
        let caller = tokio::spawn(gate.clone().hold(db.clone(), "a"));
        gate.reached().await;
        caller.abort();
        assert!(caller.await.unwrap_err().is_cancelled());

        // The same key waits for the write that holds it, and then finds it taken.
        gate.open();
        assert!(matches!(put(&db, "a").await, Err(StorageError::UniqueViolation)));
    })
    .await;
}

#[tokio::test]
async fn readers_do_not_see_what_is_not_committed() {
    for_each_database(|db| async move {
        probe::create(&db).await;
        let gate = Gate::closed();
        let held = tokio::spawn(gate.clone().hold(db.clone(), "a"));
        gate.reached().await;
        assert!(keys(&db).await.is_empty());
        gate.open();
        held.await.unwrap().unwrap();
        assert_eq!(keys(&db).await, ["a"]);
    })
    .await;
}

#[tokio::test]
async fn a_write_sees_its_own_changes_and_takes_them_back_on_error() {
    for_each_database(|db| async move {
        probe::create(&db).await;
        let outcome = db.write::<(), StorageError, _>(|w| {
            Box::pin(async move {
                insert(w, "a").await?;
                assert!(probe::find(w, "a").await?.is_some());
                Err(StorageError::Busy)
            })
        });
        assert!(matches!(outcome.await, Err(StorageError::Busy)));
        assert!(keys(&db).await.is_empty());
    })
    .await;
}

const TAKE: &str = "UPDATE probe SET number = number - 1 WHERE key = $1 AND number > 0";
const NOTE: &str = "INSERT INTO probe (key, number) VALUES ($1, 0)";

/// Takes one from `shelf`, if there is one left, and notes who has taken it.
async fn take(db: &Database, shelf: &str, taker: &str) -> Result<bool, StorageError> {
    let mut script = Script::default();
    script.decide(TAKE, &[shelf.into()]);
    script.perform(NOTE, &[taker.into()]).await?;
    db.apply(script).await
}

/// Of many that want the same, exactly as many get it as there are; the others leave nothing behind.
#[tokio::test]
async fn a_script_that_decides_against_itself_leaves_nothing_behind() {
    for_each_database(|db| async move {
        probe::create(&db).await;
        for shelf in ["red", "green"] {
            put(&db, shelf).await.unwrap();
        }
        let takers = (0..100).map(|n| {
            let db = db.clone();
            let shelf = ["red", "green", "none"][n % 3];
            tokio::spawn(async move { take(&db, shelf, &format!("taker {n:03}")).await.unwrap() })
        });
        let mut winners = 0;
        for taker in takers.collect::<Vec<_>>() {
            winners += usize::from(taker.await.unwrap());
        }
        assert_eq!(winners, 2);
        assert_eq!(keys(&db).await.len(), 2 + 2);
    })
    .await;
}

/// One that fails takes no other along, and is told why.
#[tokio::test]
async fn a_script_that_fails_fails_alone() {
    for_each_database(|db| async move {
        probe::create(&db).await;
        put(&db, "taken").await.unwrap();
        let callers = (0..100).map(|n| {
            let db = db.clone();
            let second = if n % 10 == 7 {
                "taken".to_owned()
            } else {
                format!("b{n:03}")
            };
            tokio::spawn(async move {
                let mut script = Script::default();
                for key in [format!("a{n:03}"), second] {
                    script.perform(NOTE, &[key.as_str().into()]).await?;
                }
                db.apply(script).await
            })
        });
        for (n, caller) in callers.collect::<Vec<_>>().into_iter().enumerate() {
            let outcome = caller.await.unwrap();
            match outcome {
                Ok(true) => assert_ne!(n % 10, 7),
                other => assert!(n % 10 == 7 && matches!(other, Err(StorageError::UniqueViolation))),
            }
        }
        assert_eq!(keys(&db).await.len(), 1 + 2 * 90);
    })
    .await;
}
