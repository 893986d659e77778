//! What is measured of each route: how requests end, why they are refused, how long they and their services take.
//! It refuses to cost more than a few additions for each request, and to grow when nobody reads it.

use crate::metrics::Outcome;
use metrics::Counter;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// Upper ends of the classes in microseconds.
const ENDS: [u64; 14] = [
    500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
    5_000_000, 10_000_000,
];
/// First digits of status codes.
const CLASSES: [&str; 6] = ["none", "1xx", "2xx", "3xx", "4xx", "5xx"];

/// A histogram of lengths of time; one more costs two additions.
#[derive(Default)]
pub struct Latency {
    classes: [AtomicU64; ENDS.len() + 1],
    micros: AtomicU64,
}

/// Everything measured of one route.
pub struct RouteMeasures {
    outcomes: [Counter; Outcome::COUNT],
    refusals: RwLock<Vec<(&'static str, AtomicU64)>>,
    /// From the end of the head to the end of the answer.
    pub duration: Latency,
    /// From the request to the service until the head of its answer.
    pub upstream: Latency,
    responses: [AtomicU64; CLASSES.len()],
    /// Connections to the service that could not be made.
    pub connect_failures: AtomicU64,
    /// Further attempts.
    pub retries: AtomicU64,
}

/// All routes by name; they outlive reloads.
#[derive(Default)]
pub struct Routes(RwLock<BTreeMap<Box<str>, Arc<RouteMeasures>>>);

impl Latency {
    /// Counts one.
    pub fn record(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX >> 20);
        let class = ENDS.partition_point(|end| *end < micros);
        self.classes[class].fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// The lines of a histogram with this name and these labels, such as `route="a"`.
    pub fn render(&self, text: &mut String, name: &str, labels: &str) {
        let comma = if labels.is_empty() { "" } else { "," };
        let mut total = 0;
        for (class, count) in self.classes.iter().enumerate() {
            total += count.load(Ordering::Relaxed);
            let end = ENDS
                .get(class)
                .map_or_else(|| "+Inf".to_owned(), |end| seconds(*end));
            let _ = writeln!(text, "{name}_bucket{{{labels}{comma}le=\"{end}\"}} {total}");
        }
        let braces = if labels.is_empty() {
            String::new()
        } else {
            format!("{{{labels}}}")
        };
        let sum = seconds(self.micros.load(Ordering::Relaxed));
        let _ = writeln!(text, "{name}_sum{braces} {sum}\n{name}_count{braces} {total}");
    }
}

impl RouteMeasures {
    /// Nothing measured yet.
    #[must_use]
    pub fn new(outcomes: [Counter; Outcome::COUNT]) -> Self {
        Self {
            outcomes,
            refusals: RwLock::default(),
            duration: Latency::default(),
            upstream: Latency::default(),
            responses: Default::default(),
            connect_failures: AtomicU64::new(0),
            retries: AtomicU64::new(0),
        }
    }

    /// Counts one request.
    pub fn count(&self, outcome: Outcome) {
        self.outcomes[outcome as usize].increment(1);
    }

    /// Counts a refusal, also one that was only observed. There are as many codes as the program has.
    pub fn refused(&self, code: &'static str) {
        let add = |codes: &[(&str, AtomicU64)]| {
            let known = codes.iter().find(|(known, _)| *known == code);
            known.map(|(_, count)| count.fetch_add(1, Ordering::Relaxed))
        };
        if add(&self.refusals.read().unwrap_or_else(PoisonError::into_inner)).is_some() {
            return;
        }
        let mut codes = self.refusals.write().unwrap_or_else(PoisonError::into_inner);
        if add(&codes).is_none() {
            codes.push((code, AtomicU64::new(1)));
        }
    }

    /// Counts an answer of the service.
    pub fn answered(&self, status: u16, took: Duration) {
        self.upstream.record(took);
        let class = usize::from(status / 100);
        self.responses[if class < CLASSES.len() { class } else { 0 }].fetch_add(1, Ordering::Relaxed);
    }
}

impl Routes {
    /// What is measured of a route; `make` makes it the first time.
    #[must_use]
    pub fn of(&self, name: &str, make: impl FnOnce() -> RouteMeasures) -> Arc<RouteMeasures> {
        let mut routes = self.0.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(routes.entry(name.into()).or_insert_with(|| Arc::new(make())))
    }

    /// The lines of every route.
    pub fn render(&self, text: &mut String) {
        let routes = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let all: Vec<_> = routes
            .iter()
            .map(|(name, one)| (format!("route=\"{}\"", escaped(name)), one))
            .collect();
        for (name, latency) in [
            (
                "proxy_request_seconds",
                (|one| &one.duration) as fn(&RouteMeasures) -> &Latency,
            ),
            ("proxy_upstream_seconds", |one| &one.upstream),
        ] {
            let _ = writeln!(text, "# TYPE {name} histogram");
            for (label, one) in &all {
                latency(one).render(text, name, label);
            }
        }
        text.push_str("# TYPE proxy_refusals_total counter\n");
        for (label, one) in &all {
            for (code, count) in &*one.refusals.read().unwrap_or_else(PoisonError::into_inner) {
                let count = count.load(Ordering::Relaxed);
                let _ = writeln!(text, "proxy_refusals_total{{{label},code=\"{code}\"}} {count}");
            }
        }
        render_upstreams(&all, text);
    }
}

fn render_upstreams(all: &[(String, &Arc<RouteMeasures>)], text: &mut String) {
    text.push_str("# TYPE proxy_upstream_responses_total counter\n");
    for (label, one) in all {
        for (class, count) in CLASSES.iter().zip(&one.responses).skip(1) {
            let count = count.load(Ordering::Relaxed);
            let _ = writeln!(
                text,
                "proxy_upstream_responses_total{{{label},class=\"{class}\"}} {count}"
            );
        }
    }
    for (name, counter) in [
        (
            "proxy_upstream_connect_failures_total",
            (|one| &one.connect_failures) as fn(&RouteMeasures) -> &AtomicU64,
        ),
        ("proxy_upstream_retries_total", |one| &one.retries),
    ] {
        let _ = writeln!(text, "# TYPE {name} counter");
        for (label, one) in all {
            let _ = writeln!(text, "{name}{{{label}}} {}", counter(one).load(Ordering::Relaxed));
        }
    }
}

/// The exposition format's escapes of a label value.
fn escaped(name: &str) -> String {
    name.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

/// Microseconds as seconds, exactly.
fn seconds(micros: u64) -> String {
    let text = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_falls_into_its_class_and_all_above() {
        let latency = Latency::default();
        for micros in [500, 501, 3_000_000, 60_000_000] {
            latency.record(Duration::from_micros(micros));
        }
        let mut text = String::new();
        latency.render(&mut text, "x_seconds", "");
        for line in [
            "x_seconds_bucket{le=\"0.0005\"} 1\n",
            "x_seconds_bucket{le=\"0.001\"} 2\n",
            "x_seconds_bucket{le=\"5\"} 3\n",
            "x_seconds_bucket{le=\"+Inf\"} 4\n",
            "x_seconds_sum 63.001001\nx_seconds_count 4\n",
        ] {
            assert!(text.contains(line), "{line}{text}");
        }
    }

    #[test]
    fn a_name_cannot_break_out_of_its_label() {
        assert_eq!(escaped("a\"b\\c\nd"), "a\\\"b\\\\c\\nd");
    }
}
