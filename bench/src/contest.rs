//! Several programs under the same load in turn, again and again, so that whatever else the machine does meets all of them.
//! It refuses a figure of one round: rate and latencies are the medians of all, processor time is their sum.

use std::time::Duration;

use anyhow::Result;
use futures::future::LocalBoxFuture;

use crate::cpu::counted;
use crate::load::{Rate, Requests, steady};
use crate::seconds;
use crate::world::Reference;

const ROUNDS: u32 = 7;

/// A program and what it is asked.
pub struct Entrant<'a> {
    process: u32,
    run: Box<dyn Fn(Duration) -> LocalBoxFuture<'a, Result<Rate>> + 'a>,
}

impl<'a> Entrant<'a> {
    /// One whose load is `run`, for as long as it is told.
    pub fn new(process: u32, run: impl Fn(Duration) -> LocalBoxFuture<'a, Result<Rate>> + 'a) -> Self {
        Self {
            process,
            run: Box::new(run),
        }
    }

    /// One that is asked over HTTP/1.1 by as many connections as usual.
    pub fn http1(process: u32, address: std::net::SocketAddr, requests: &Requests) -> Self {
        let requests = requests.clone();
        Self::new(process, move |length| {
            Box::pin(steady(address, requests.clone(), 200, length))
        })
    }

    /// A reference, asked so.
    pub fn reference(reference: &Reference, requests: &Requests) -> Self {
        Self::http1(reference.id(), reference.address, requests)
    }
}

/// The rate of each, in their order.
pub async fn rates<const N: usize>(entrants: [Entrant<'_>; N]) -> Result<[Rate; N]> {
    let length = seconds() / ROUNDS;
    let mut rounds: [Vec<Rate>; N] = std::array::from_fn(|_| Vec::new());
    for _ in 0..ROUNDS {
        for (entrant, rounds) in entrants.iter().zip(&mut rounds) {
            rounds.push(counted(entrant.process, (entrant.run)(length)).await?);
        }
    }
    Ok(rounds.map(|rounds| together(&rounds)))
}

#[expect(clippy::cast_precision_loss, reason = "counts of requests are small")]
fn together(rounds: &[Rate]) -> Rate {
    let requests = rounds.iter().map(|rate| rate.requests).sum::<usize>();
    let each = |of: fn(&Rate) -> f64| {
        let sum: f64 = rounds.iter().map(|rate| of(rate) * rate.requests as f64).sum();
        sum / requests.max(1) as f64
    };
    Rate {
        requests,
        per_second: median(rounds.iter().map(|rate| rate.per_second), f64::total_cmp),
        p50_micros: median(rounds.iter().map(|rate| rate.p50_micros), Ord::cmp),
        p99_micros: median(rounds.iter().map(|rate| rate.p99_micros), Ord::cmp),
        user_micros: each(|rate| rate.user_micros),
        system_micros: each(|rate| rate.system_micros),
    }
}

fn median<T: Copy + Default>(
    values: impl Iterator<Item = T>,
    order: impl Fn(&T, &T) -> std::cmp::Ordering,
) -> T {
    let mut values: Vec<T> = values.collect();
    values.sort_by(order);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(requests: usize, per_second: f64, user_micros: f64) -> Rate {
        Rate {
            requests,
            per_second,
            user_micros,
            ..Rate::default()
        }
    }

    #[test]
    fn a_slow_round_changes_neither_the_rate_nor_more_of_the_time_than_its_requests() {
        let rounds = [rate(100, 100.0, 10.0), rate(2, 2.0, 61.0), rate(98, 98.0, 10.0)];
        let rate = together(&rounds);
        assert!((rate.per_second - 98.0).abs() < f64::EPSILON);
        assert_eq!(rate.requests, 200);
        assert!((rate.user_micros - 10.51).abs() < 0.001, "{}", rate.user_micros);
    }
}
