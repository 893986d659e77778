//! Several processes' counters in one real Redis: together, apart while it is away, and together again.
//! It refuses sleeps: waits are for conditions, with a deadline.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails where it stands"
)]

use redis_process::RedisServer;
use shared_limits::{Ask, Counters, Observer, Rate, Settings, Shared, Store, Who};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Counts what it is told.
#[derive(Default)]
struct Told {
    alone: AtomicUsize,
}

impl Observer for Told {
    fn connected(&self, _: bool) {}

    fn counted_alone(&self) {
        self.alone.fetch_add(1, Ordering::SeqCst);
    }
}

/// One of two processes.
struct Replica {
    counters: Counters,
    store: Arc<Store>,
    told: Arc<Told>,
}

fn settings(redis: &RedisServer) -> Settings {
    Settings {
        url: redis.url(),
        authority: None,
        prefix: "test".to_owned(),
        replicas: 2,
        timeout: Duration::from_secs(10),
    }
}

impl Replica {
    async fn start(redis: &RedisServer) -> Self {
        let (settings, told) = (settings(redis), Arc::new(Told::default()));
        let observer: Arc<dyn Observer> = told.clone();
        let store = Arc::new(Store::new(&settings, (), Arc::clone(&observer)).unwrap());
        let kept = Arc::clone(&store);
        tokio::spawn(async move { kept.keep().await });
        let replica = Self {
            counters: Counters::new(1024, Some(Shared::new(&settings, Arc::clone(&store), observer))),
            store,
            told,
        };
        replica.is_connected().await;
        replica
    }

    async fn is_connected(&self) {
        let reached = async {
            while !self.store.is_connected() {
                tokio::task::yield_now().await;
            }
        };
        let in_time = tokio::time::timeout(Duration::from_secs(20), reached);
        in_time.await.expect("the store is found");
    }

    async fn passes(&self, count: u32) -> bool {
        self.counters.take(&mut [ask(count)], None, 1).await.passes()
    }
}

fn ask(count: u32) -> Ask<'static> {
    Ask {
        name: "address",
        rate: Rate {
            count,
            window: Duration::from_secs(3600),
        },
        label: "test",
        who: Who::Named("ada"),
    }
}

async fn passed(replicas: [&Replica; 2], count: u32, asked: usize) -> usize {
    let ask = |number: usize| replicas[number % 2].passes(count);
    let passed = futures::future::join_all((0..asked).map(ask)).await;
    passed.into_iter().filter(|passed| *passed).count()
}

/// A01
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_over_two_processes_pass_a_hundred_times() {
    let redis = RedisServer::start().await;
    let (one, other) = (Replica::start(&redis).await, Replica::start(&redis).await);
    assert_eq!(passed([&one, &other], 100, 1000).await, 100);
    assert_eq!(one.told.alone.load(Ordering::SeqCst), 0);
}

/// A01
#[tokio::test(flavor = "multi_thread")]
async fn while_the_store_is_away_each_has_its_share_and_then_together_again() {
    let mut redis = RedisServer::start().await;
    let (one, other) = (Replica::start(&redis).await, Replica::start(&redis).await);
    assert_eq!(passed([&one, &other], 10, 40).await, 10);
    redis.stop();
    assert_eq!(passed([&one, &other], 10, 40).await, 10, "five each");
    let mut asks = [ask(10)];
    let refused = one.counters.take(&mut asks, None, 1).await;
    assert!(!refused.passes() && !refused.together && asks[0].rate.count == 5);
    assert!(one.told.alone.load(Ordering::SeqCst) >= 20);
    redis.start_again().await;
    one.is_connected().await;
    other.is_connected().await;
    assert_eq!(passed([&one, &other], 10, 40).await, 10);
}

/// What is given back can be taken again, wherever it was counted, and is given back there only.
#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_is_good_where_it_was_written() {
    let mut redis = RedisServer::start().await;
    let one = Replica::start(&redis).await;
    let other = Ask {
        label: "other",
        ..ask(1000)
    };
    let written = async || {
        let mut asks = [ask(2)];
        let counted = one.counters.take(&mut asks, None, 1).await;
        assert!(counted.passes());
        one.counters.receipt(&asks[0], &counted)
    };
    let in_store = (written().await, written().await);
    assert!(!one.passes(2).await);
    one.counters.take(&mut [other], Some(&in_store.0), 1).await;
    assert!(one.passes(2).await && !one.passes(2).await);
    redis.stop();
    let here = written().await;
    assert!(!one.passes(2).await, "its share is one");
    one.counters.take(&mut [other], Some(&in_store.1), 1).await;
    assert!(!one.passes(2).await, "that was counted elsewhere");
    one.counters.take(&mut [other], Some(&here), 1).await;
    assert!(one.passes(2).await && !one.passes(2).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_tells_whether_limits_can_be_counted_there() {
    let mut redis = RedisServer::start().await;
    let store: Store = Store::new(&settings(&redis), (), Arc::new(Told::default())).unwrap();
    assert_eq!(store.probe().await, Ok(()));
    redis.stop();
    assert!(store.probe().await.is_err());
}
