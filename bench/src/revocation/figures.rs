//! How late the last request was, by door and proxy.
//! Refuses averages: what counts is the worst that an operator may meet.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::Duration;

use anyhow::Result;
use tokio::time::Instant;

use super::in_use::Last;

/// Bounds of the bars, in milliseconds.
const BARS: [u64; 9] = [1, 2, 5, 10, 20, 50, 100, 1000, 5000];

/// One proxy and one credential: from the commit, as its answer told, to the last request that was let through.
#[derive(Clone, Copy)]
struct Sample {
    /// To its answer: what an operator would measure at most.
    answered: Duration,
    /// To its beginning: it may have been judged at once, and then have waited in a proxy that was stopped.
    begun: Duration,
}

#[derive(Default)]
pub struct Figures(BTreeMap<&'static str, Vec<Sample>>);

impl Figures {
    pub fn add(&mut self, name: &'static str, ended: Instant, last: Last) {
        let sample = Sample {
            answered: last.answered.saturating_duration_since(ended),
            begun: last.begun.saturating_duration_since(ended),
        };
        self.0.entry(name).or_default().push(sample);
    }

    pub fn extend(&mut self, other: Self) {
        for (name, samples) in other.0 {
            self.0.entry(name).or_default().extend(samples);
        }
    }

    fn all(&self) -> impl Iterator<Item = &Sample> {
        self.0.values().flatten()
    }

    /// How many were let through later than the lease.
    pub fn late(&self, lease: Duration) -> usize {
        self.all().filter(|sample| sample.begun > lease).count()
    }

    /// The share of samples that were answered by then, in milliseconds.
    pub fn answered(&self, share: f64) -> f64 {
        quantile(self.all().map(|sample| sample.answered).collect(), share)
    }

    /// The worst, in milliseconds.
    pub fn worst_begun(&self) -> f64 {
        quantile(self.all().map(|sample| sample.begun).collect(), 1.0)
    }

    pub fn print(&self, title: &str) -> Result<()> {
        let mut out = std::io::stdout().lock();
        writeln!(
            out,
            "\n{title}: ms from the commit to the answer of the last request let through"
        )?;
        let bars: Vec<String> = BARS.iter().map(|bar| format!("≤{bar}")).collect();
        writeln!(
            out,
            "| door or fault | proxies × credentials | p50 | p99 | max | {} | more |\n|---|---|---|---|---|{}",
            bars.join(" | "),
            "---|".repeat(BARS.len() + 1)
        )?;
        for (name, samples) in &self.0 {
            let answered = || samples.iter().map(|sample| sample.answered).collect();
            writeln!(
                out,
                "| {name} | {} | {:.1} | {:.1} | {:.1} | {} |",
                samples.len(),
                quantile(answered(), 0.5),
                quantile(answered(), 0.99),
                quantile(answered(), 1.0),
                histogram(samples).map(|count| count.to_string()).join(" | ")
            )?;
        }
        Ok(())
    }
}

fn histogram(samples: &[Sample]) -> [usize; BARS.len() + 1] {
    let mut counts = [0; BARS.len() + 1];
    for sample in samples {
        let bar = BARS.partition_point(|bar| Duration::from_millis(*bar) < sample.answered);
        counts[bar] += 1;
    }
    counts
}

fn quantile(mut spans: Vec<Duration>, share: f64) -> f64 {
    spans.sort_unstable();
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "counts of samples are small"
    )]
    let index = ((spans.len() as f64 * share).ceil() as usize).saturating_sub(1);
    spans.get(index).map_or(0.0, |span| span.as_secs_f64() * 1000.0)
}
