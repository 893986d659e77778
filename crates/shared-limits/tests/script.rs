//! The script against the function, on a real Redis with a clock that the test sets.
//! It refuses examples: whatever was counted before, both say the same of whatever comes.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use redis_process::RedisServer;
use shared_limits::{Rate, TAKE, Verdict, Window, take};
use std::cell::RefCell;
use std::time::Duration;

const AT: &str = "local now = tonumber(table.remove(ARGV, 1))\n";
/// Longer than any window of the test: keys go by the real clock.
const KEPT: &str = "400000000";

/// What a step does: so many milliseconds later, and of which limit one is given back.
type Step = (u64, Option<usize>);

/// The limits of one case in the store.
struct InStore<'a> {
    connection: &'a mut redis::Connection,
    keys: Vec<String>,
    rates: Vec<Rate>,
}

impl InStore<'_> {
    fn put(&mut self, number: usize, window: &Window) {
        let text = format!("{} {} {}", window.started_at, window.current, window.previous);
        let mut set = redis::cmd("SET");
        let set = set.arg(&self.keys[number]).arg(text).arg("PX").arg(KEPT);
        set.exec(self.connection).unwrap();
    }

    fn take(&mut self, now: u64, back: Option<usize>) -> Vec<Verdict> {
        let mut command = redis::cmd("EVAL");
        let back = back.map(|back| &self.keys[back]);
        command.arg(format!("{AT}{TAKE}"));
        command.arg(self.keys.len() + usize::from(back.is_some()));
        command.arg(&self.keys).arg(back).arg(now);
        for rate in &self.rates {
            command.arg(rate.count).arg(rate.window.as_millis().to_string());
        }
        let numbers: Vec<u64> = command.query(self.connection).unwrap();
        let verdict = |numbers: &[u64]| Verdict {
            has_room: numbers[0] == 1,
            remaining: u32::try_from(numbers[1]).unwrap(),
            reset: Duration::from_millis(numbers[2]),
        };
        numbers.chunks(3).map(verdict).collect()
    }
}

/// Limits, and what was counted before in each.
fn limits() -> impl Strategy<Value = Vec<(Rate, u32, u32)>> {
    let seconds = prop_oneof![Just(1u64), Just(60), Just(3600), Just(86_400)];
    let count = prop_oneof![1u32..8, 1000u32..100_000_000];
    let rate = (count, seconds).prop_map(|(count, seconds)| Rate {
        count,
        window: Duration::from_secs(seconds),
    });
    let limit = rate.prop_flat_map(|rate| (Just(rate), 0..=rate.count, 0..=rate.count));
    prop::collection::vec(limit, 1..4)
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let later = prop_oneof![0u64..3, 0u64..2000, 0u64..90_000_000];
    prop::collection::vec((later, prop::option::of(0usize..3)), 1..30)
}

/// A01
#[tokio::test(flavor = "multi_thread")]
async fn the_script_says_what_the_function_says() {
    let redis = RedisServer::start().await;
    let mut connection = redis.connection();
    let mut case = 0;
    let check = RefCell::new(|(limits, steps): (Vec<(Rate, u32, u32)>, Vec<Step>)| {
        case += 1;
        let (mut now, mut windows) = (1_800_000_000_000, Vec::new());
        let mut store = InStore {
            connection: &mut connection,
            keys: (0..limits.len())
                .map(|number| format!("{case}:{number}"))
                .collect(),
            rates: limits.iter().map(|(rate, ..)| *rate).collect(),
        };
        for (number, (rate, current, previous)) in limits.into_iter().enumerate() {
            let window = Window {
                // As if the clock had been set back a little, or by hours.
                started_at: now + 200_000 * u64::from(current % 3),
                current,
                previous,
            };
            store.put(number, &window);
            windows.push((window, rate));
        }
        for (later, back) in steps {
            now += later;
            let back = back.filter(|back| *back < windows.len());
            if let Some(back) = back {
                windows[back].0.refund();
            }
            prop_assert_eq!(store.take(now, back), take(&mut windows, now));
        }
        Ok(())
    });
    let run = TestRunner::default().run(&(limits(), steps()), |input| (check.borrow_mut())(input));
    run.unwrap();
}
