//! The log as readers get it that are far behind: page after page, without a gap.

use model::revocation::{Revocation, RevocationTarget};
use storage::{Database, StorageError};
use testkit::database::for_each_database;

use crate::shop::Shop;

const PAGE: usize = 10_000;
const MORE: usize = 50;

/// Ends so many clients that never were, many in one transaction.
async fn end_many(database: &Database, shop: &Shop) {
    let now = shop.world.ctx().now;
    for first in (0..PAGE + MORE).step_by(1005) {
        database
            .write::<_, StorageError, _>(move |w| {
                Box::pin(async move {
                    for number in first..first + 1005 {
                        let client = format!("client-{number}").parse().unwrap();
                        let revocation = Revocation {
                            target: RevocationTarget::Client(client, now),
                            until: now.plus(std::time::Duration::from_secs(3600)),
                        };
                        storage::revocations::append(w, &revocation, now).await?;
                    }
                    Ok(())
                })
            })
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_reader_that_is_far_behind_gets_page_after_page_without_a_gap() {
    for_each_database(async |database| {
        let shop = Shop::open(database.clone()).await;
        let authority = shop.authority();
        let before = authority.revocation_snapshot().await.unwrap().head;
        end_many(&database, &shop).await;
        let first = authority.revocations_after(before).await.unwrap();
        let last = first.events.last().unwrap().position;
        assert_eq!((first.events.len(), first.head, first.more), (PAGE, last, true));
        let second = authority.revocations_after(first.head).await.unwrap();
        assert_eq!((second.events.len(), second.more), (MORE, false));
        let ids = first
            .events
            .iter()
            .chain(&second.events)
            .map(|event| event.id.as_str());
        let expected: Vec<_> = (0..PAGE + MORE)
            .map(|number| format!("client-{number}"))
            .collect();
        assert!(ids.eq(expected.iter().map(String::as_str)), "each once, in order");
        let snapshot = authority.revocation_snapshot().await.unwrap();
        assert_eq!((snapshot.head, snapshot.more), (second.head, false));
        assert!(snapshot.events.len() >= PAGE + MORE, "a snapshot is whole");
    })
    .await;
}
