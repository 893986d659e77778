//! Figures about money: rulings asked and remembered, use reported and waiting.
//! They refuse labels that clients choose.

use metrics::{Counter, Gauge};

/// Registered once, by `metrics`.
pub struct Measures {
    /// Lines that the server has taken.
    pub reported: Counter,
    /// Lines that were told and not taken yet.
    pub pending: Gauge,
    /// Batches without an answer that they were taken.
    pub failures: Counter,
    /// Lines that never will be taken.
    pub lost: Counter,
    /// For how many seconds the first line has waited.
    pub waiting: Gauge,
    /// Requests of metered routes that could not be counted.
    pub uncounted: Counter,
    /// Rulings about entitlements that were at hand.
    pub hits: Counter,
    /// Those that were asked for.
    pub misses: Counter,
    /// Requests that an account was not entitled to.
    pub refused: Counter,
}

impl Measures {
    /// All of them, registered by these.
    pub fn new(counter: impl Fn(&'static str) -> Counter, gauge: impl Fn(&'static str) -> Gauge) -> Self {
        Self {
            reported: counter("proxy_usage_reported_total"),
            pending: gauge("proxy_usage_pending"),
            failures: counter("proxy_usage_report_failures_total"),
            lost: counter("proxy_usage_lost_total"),
            waiting: gauge("proxy_usage_waiting_seconds"),
            uncounted: counter("proxy_usage_uncounted_total"),
            hits: counter("proxy_entitlement_hits_total"),
            misses: counter("proxy_entitlement_misses_total"),
            refused: counter("proxy_entitlement_refused_total"),
        }
    }
}
