//! Processor time that a measured process and its children spend, from `/proc`, put beside the rate of the run.
//! It refuses to guess: without `/proc` a rate simply has no such figure.

use std::future::Future;

use anyhow::Result;

use crate::load::Rate;

/// `USER_HZ`, a constant of the kernel's interface.
const TICKS_PER_SECOND: u64 = 100;
const MICROS_PER_TICK: u64 = 1_000_000 / TICKS_PER_SECOND;

/// Microseconds in the program and in the kernel on its behalf.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Spent {
    user: u64,
    system: u64,
}

/// Does `run` against the process `id`; its rate then tells what one request cost there.
pub async fn counted(id: u32, run: impl Future<Output = Result<Rate>>) -> Result<Rate> {
    let before = spent(id);
    let mut rate = run.await?;
    if let (Some(before), Some(after)) = (before, spent(id)) {
        rate.user_micros = each(after.user.saturating_sub(before.user), rate.requests);
        rate.system_micros = each(after.system.saturating_sub(before.system), rate.requests);
    }
    Ok(rate)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "microseconds and requests of one run are small"
)]
fn each(micros: u64, requests: usize) -> f64 {
    micros as f64 / requests.max(1) as f64
}

/// All threads of the process `id`, and of the processes it has started and not lost.
fn spent(id: u32) -> Option<Spent> {
    let mut sum = parse(&std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?)?;
    for child in children(id) {
        // One that ends meanwhile is not counted.
        let Some(more) = spent(child) else { continue };
        sum.user += more.user;
        sum.system += more.system;
    }
    Some(sum)
}

/// The processes that the process `id` has started and not lost.
pub fn children(id: u32) -> Vec<u32> {
    let listed = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
    listed
        .split_whitespace()
        .filter_map(|text| text.parse().ok())
        .collect()
}

/// `utime` and `stime`: fields 14 and 15, of which the second, a name in parentheses, may hold blanks.
fn parse(stat: &str) -> Option<Spent> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(11);
    let mut next = || Some(fields.next()?.parse::<u64>().ok()? * MICROS_PER_TICK);
    Some(Spent {
        user: next()?,
        system: next()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_behind_a_name_with_blanks_and_parentheses() {
        let stat = "7 (a) b) (c) S 1 7 7 0 -1 4194560 100 0 0 0 250 31 9 9 20 0 1 0 55 4096 10";
        let spent = parse(stat).unwrap();
        assert_eq!(
            spent,
            Spent {
                user: 2_500_000,
                system: 310_000
            }
        );
    }

    #[tokio::test]
    async fn a_run_is_charged_to_the_process_that_worked() {
        let run = async {
            let began = std::time::Instant::now();
            while began.elapsed() < std::time::Duration::from_millis(100) {
                std::hint::black_box(began);
            }
            Ok(Rate {
                requests: 2,
                ..Rate::default()
            })
        };
        let rate = counted(std::process::id(), run).await.unwrap();
        assert!(rate.user_micros + rate.system_micros > 0.0, "{rate:?}");
    }
}
