//! The proxy's counters, registered once, so that counting costs an atomic addition.
//! It refuses labels that clients choose.

use crate::live_connections::Ended;
use metrics::{Counter, Gauge, Histogram, Key, Label, Level, Metadata, Recorder};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use std::time::Duration;

/// How requests end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Outcome {
    /// Let through.
    Allowed,
    /// 400: no single reading.
    BadRequest,
    /// 401.
    Unauthenticated,
    /// 403.
    Denied,
    /// 404, 405 and 421: no route.
    NoRoute,
    /// 429.
    Limited,
    /// 503: could not find out.
    Unavailable,
    /// Let through although it would have been refused (`observe`).
    Observed,
    /// 502 and 504: the upstream failed.
    UpstreamFailed,
}

impl Outcome {
    const ALL: [(Self, &'static str); 9] = [
        (Self::Allowed, "allowed"),
        (Self::BadRequest, "bad_request"),
        (Self::Unauthenticated, "unauthenticated"),
        (Self::Denied, "denied"),
        (Self::NoRoute, "no_route"),
        (Self::Limited, "limited"),
        (Self::Unavailable, "unavailable"),
        (Self::Observed, "observed"),
        (Self::UpstreamFailed, "upstream_failed"),
    ];
}

/// Request counters of one route.
pub struct RouteCounters([Counter; 9]);

impl RouteCounters {
    /// Counts one request.
    pub fn count(&self, outcome: Outcome) {
        self.0[outcome as usize].increment(1);
    }
}

/// All counters.
pub struct Metrics {
    recorder: PrometheusRecorder,
    hits: Counter,
    negative_hits: Counter,
    misses: Counter,
    lookups: Counter,
    lookups_failed: Counter,
    lookups_refused: Counter,
    limits_counted_alone: Counter,
    shared_limits: Gauge,
    lookup_seconds: Histogram,
    lookups_in_flight: Gauge,
    feed_position: Gauge,
    lease_fresh: Gauge,
    revocation_marks: Gauge,
    cache_entries: Gauge,
    /// Open client connections.
    pub connections: Gauge,
    /// Exchanges that outlive their check.
    pub live_exchanges: Gauge,
    exchanges_ended: [Counter; Ended::ALL.len()],
    /// Heads refused by the front filter.
    pub heads_refused: Counter,
}

const META: Metadata<'static> = Metadata::new("introspect_proxy", Level::INFO, None);

fn key(name: &'static str) -> Key {
    Key::from_static_name(name)
}

impl Metrics {
    /// Registers everything with a recorder of its own.
    ///
    /// # Errors
    /// When the histogram buckets are refused.
    pub fn new() -> Result<Self, metrics_exporter_prometheus::BuildError> {
        let buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5];
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &buckets)?
            .build_recorder();
        let counter = |name| recorder.register_counter(&key(name), &META);
        let gauge = |name| recorder.register_gauge(&key(name), &META);
        Ok(Self {
            hits: counter("proxy_cache_hits_total"),
            negative_hits: counter("proxy_cache_negative_hits_total"),
            misses: counter("proxy_cache_misses_total"),
            lookups: counter("proxy_introspections_total"),
            lookups_failed: counter("proxy_introspections_failed_total"),
            lookups_refused: counter("proxy_introspections_refused_total"),
            limits_counted_alone: counter("proxy_shared_limits_counted_alone_total"),
            shared_limits: gauge("proxy_shared_limits_connected"),
            lookup_seconds: recorder.register_histogram(&key("proxy_introspection_seconds"), &META),
            lookups_in_flight: gauge("proxy_introspections_in_flight"),
            feed_position: gauge("proxy_revocation_position"),
            lease_fresh: gauge("proxy_revocation_lease_fresh"),
            revocation_marks: gauge("proxy_revocation_marks"),
            cache_entries: gauge("proxy_cache_entries"),
            connections: gauge("proxy_connections"),
            live_exchanges: gauge("proxy_live_exchanges"),
            exchanges_ended: Ended::ALL.map(|reason| {
                let labels = vec![Label::new("reason", reason.as_str())];
                recorder.register_counter(&Key::from_parts("proxy_exchanges_ended_total", labels), &META)
            }),
            heads_refused: counter("proxy_request_heads_refused_total"),
            recorder,
        })
    }

    /// The counters of a route, or of requests without one.
    #[must_use]
    pub fn route(&self, name: &str) -> RouteCounters {
        RouteCounters(Outcome::ALL.map(|(_, outcome)| {
            let labels = vec![
                Label::new("route", name.to_owned()),
                Label::new("outcome", outcome),
            ];
            self.recorder
                .register_counter(&Key::from_parts("proxy_requests_total", labels), &META)
        }))
    }

    /// Facts were at hand.
    pub fn cache_hit(&self) {
        self.hits.increment(1);
    }

    /// The token was known to be bad.
    pub fn negative_hit(&self) {
        self.negative_hits.increment(1);
    }

    /// Nothing was known.
    pub fn cache_miss(&self) {
        self.misses.increment(1);
    }

    /// An exchange was cut.
    pub fn exchange_ended(&self, reason: Ended) {
        self.exchanges_ended[reason as usize - 1].increment(1);
    }

    /// A call was not made because too many run.
    pub fn lookup_refused(&self) {
        self.lookups_refused.increment(1);
    }

    /// A limit that is shared was counted by this proxy alone.
    pub fn limit_counted_alone(&self) {
        self.limits_counted_alone.increment(1);
    }

    /// Whether the store of the shared limits is there.
    pub fn shared_limits(&self, connected: bool) {
        self.shared_limits.set(if connected { 1.0 } else { 0.0 });
    }

    /// A call begins; it ends when the guard is dropped.
    #[must_use]
    pub fn lookup_begins(&self) -> InFlight<'_> {
        self.lookups.increment(1);
        self.lookups_in_flight.increment(1.0);
        InFlight(&self.lookups_in_flight)
    }

    /// A call took this long.
    pub fn lookup_done(&self, took: Duration) {
        self.lookup_seconds.record(took.as_secs_f64());
    }

    /// A call gave no answer.
    pub fn lookup_failed(&self) {
        self.lookups_failed.increment(1);
    }

    /// The text for a scrape, with the state of the feed and the cache as it is now.
    #[must_use]
    pub fn render(&self, state: &State) -> String {
        #[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
        let float = |count: u64| count as f64;
        self.feed_position.set(float(state.feed_position));
        self.lease_fresh.set(if state.lease_fresh { 1.0 } else { 0.0 });
        self.revocation_marks.set(float(state.marks));
        self.cache_entries.set(float(state.cache_entries));
        self.handle().render()
    }

    fn handle(&self) -> PrometheusHandle {
        self.recorder.handle()
    }
}

/// What is read, not counted.
#[derive(Clone, Copy, Debug)]
pub struct State {
    /// Position of the feed.
    pub feed_position: u64,
    /// Whether the lease is fresh.
    pub lease_fresh: bool,
    /// Things marked as revoked.
    pub marks: u64,
    /// Facts kept.
    pub cache_entries: u64,
}

/// A call under way.
pub struct InFlight<'a>(&'a Gauge);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}
