//! Many writers, one winner, every time.

use std::sync::Arc;

use storage::{Database, StorageError};
use testkit::database::for_each_database;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::probe;

const WRITERS: usize = 32;
const ROUNDS: i64 = 1000;

async fn claim(db: &Database, round: i64) -> Result<u64, StorageError> {
    const SQL: &str = "UPDATE probe SET later = 1 WHERE number = $1 AND later IS NULL";
    db.write(move |w| Box::pin(async move { w.execute(SQL, &[round.into()]).await }))
        .await
}

async fn fill(db: &Database) {
    const SQL: &str = "INSERT INTO probe (key, number) VALUES (CAST($1 AS TEXT), $2)";
    db.write::<_, StorageError, _>(|w| {
        Box::pin(async move {
            w.execute("CREATE UNIQUE INDEX probe_number ON probe (number)", &[])
                .await?;
            for round in 0..ROUNDS {
                w.execute(SQL, &[(&round.to_string()).into(), round.into()])
                    .await?;
            }
            Ok(())
        })
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_32_writers_that_race_for_a_row_one_wins() {
    for_each_database(|db| async move {
        probe::create(&db).await;
        fill(&db).await;
        let start = Arc::new(Barrier::new(WRITERS));
        let mut writers = JoinSet::new();
        for _ in 0..WRITERS {
            let (db, start) = (db.clone(), start.clone());
            writers.spawn(async move {
                let mut won = Vec::new();
                for round in 0..ROUNDS {
                    if round % 100 == 0 {
                        start.wait().await;
                    }
                    if claim(&db, round).await.unwrap() == 1 {
                        won.push(round);
                    }
                }
                won
            });
        }
        let mut winners: Vec<i64> = writers.join_all().await.into_iter().flatten().collect();
        winners.sort_unstable();
        assert_eq!(winners, (0..ROUNDS).collect::<Vec<_>>());
    })
    .await;
}
