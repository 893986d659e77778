//! Many threads at one token: what each may find between two steps of another.
//! Every round has a token of its own, so that each begins with the same state.

use super::*;
use oauth::introspection::ActiveToken;
use std::sync::Barrier;
use std::sync::atomic::AtomicUsize;

const ROUNDS: u32 = 20_000;
const NOW: Tick = Tick(1_000_000_000);

fn cache() -> TokenCache {
    TokenCache::new(&config::Cache::default())
}

fn digest(number: u32) -> TokenDigest {
    let mut digest = [0; 32];
    digest[28..].copy_from_slice(&number.to_be_bytes());
    digest
}

fn facts(stale_at: Tick) -> Arc<Facts> {
    let token = ActiveToken {
        exp: Some(1000),
        ..ActiveToken::default()
    };
    Arc::new(Facts::from_introspection(&token, "i", 1, stale_at).unwrap())
}

/// One thread changes, another looks, in every round at the same time; tells how often `looks` found what may not be.
fn race(changes: impl Fn(u32) + Sync, looks: impl Fn(u32) -> bool + Sync) -> usize {
    let (barrier, wrong) = (Barrier::new(2), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..ROUNDS {
                barrier.wait();
                changes(round);
            }
        });
        for round in 0..ROUNDS {
            barrier.wait();
            wrong.fetch_add(usize::from(looks(round)), Ordering::Relaxed);
        }
    });
    wrong.into_inner()
}

/// A look-up ahead of time finds a token dead while it is in use: nobody finds neither the facts nor the note, for
/// whoever does asks the server about it once more.
#[test]
fn a_token_that_dies_in_use_is_never_unknown() {
    let cache = cache();
    for number in 0..ROUNDS {
        cache.keep(digest(number), &facts(Tick(u64::MAX)));
    }
    let unknown = race(
        |round| cache.deny(digest(round), "dead", NOW),
        |round| loop {
            if cache.facts(&digest(round), NOW).is_none() {
                break cache.negative(&digest(round), NOW).is_none();
            }
        },
    );
    assert_eq!(unknown, 0);
}

/// Whoever finds facts due leaves what is kept meanwhile.
#[test]
fn facts_that_are_due_take_nothing_newer_along() {
    let cache = cache();
    for number in 0..ROUNDS {
        cache.keep(digest(number), &facts(NOW));
    }
    race(
        |round| cache.keep(digest(round), &facts(Tick(u64::MAX))),
        |round| cache.facts(&digest(round), NOW).is_some(),
    );
    let lost = (0..ROUNDS).filter(|number| cache.facts(&digest(*number), NOW).is_none());
    assert_eq!(lost.count(), 0);
}

/// A key that was suspended is back before the note about it has ended.
#[test]
fn a_note_does_not_outlive_the_facts_that_came_after_it() {
    let cache = cache();
    cache.deny(digest(1), "suspended", NOW);
    cache.keep(digest(1), &facts(Tick(u64::MAX)));
    assert!(cache.facts(&digest(1), NOW).is_some());
    cache.forget(&digest(1));
    assert_eq!(cache.negative(&digest(1), NOW), None);
}
