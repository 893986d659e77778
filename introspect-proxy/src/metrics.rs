//! The proxy's counters, registered once, so that counting costs an atomic addition.
//! It refuses labels that clients choose.

use crate::live_connections::{Ended, Verdict};
use crate::measure::{Latency, RouteMeasures, Routes};
use crate::usage::Measures;
use metrics::{Counter, Gauge, Key, Label, Level, Metadata, Recorder};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use std::fmt::Write;
use std::sync::Arc;
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
    /// How many there are.
    pub const COUNT: usize = 9;
    const ALL: [(Self, &'static str); Self::COUNT] = [
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

/// All counters. A new one is registered in [`Metrics::new`]; of what is measured for each route see `measure`.
pub struct Metrics {
    routes: Routes,
    recorder: PrometheusRecorder,
    hits: Counter,
    negative_hits: Counter,
    misses: Counter,
    lookups: Counter,
    lookups_failed: Counter,
    lookups_refused: Counter,
    lookup_seconds: Latency,
    /// Callers that waited for somebody else's call.
    pub coalesced: Counter,
    limits_counted_alone: Counter,
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
    rulings_held: Counter,
    rulings_against: Counter,
    rulings_silent: Counter,
    /// Reports for the audit log that the authorization server has taken.
    pub audit_reported: Counter,
    /// Reports that it never will.
    pub audit_lost: Counter,
    /// Entitlements asked for, and use reported.
    pub usage: Arc<Measures>,
    /// Heads refused by the front filter.
    pub heads_refused: Counter,
    configuration_refused: Gauge,
}

const META: Metadata<'static> = Metadata::new("introspect_proxy", Level::INFO, None);

fn build() -> Key {
    Key::from_parts(
        "proxy_build_info",
        vec![Label::new("version", env!("CARGO_PKG_VERSION"))],
    )
}

fn key(name: &'static str) -> Key {
    Key::from_static_name(name)
}

impl Metrics {
    /// Registers everything with a recorder of its own.
    #[must_use]
    pub fn new() -> Self {
        let recorder = PrometheusBuilder::new().build_recorder();
        let counter = |name| recorder.register_counter(&key(name), &META);
        let gauge = |name| recorder.register_gauge(&key(name), &META);
        recorder.register_gauge(&build(), &META).set(1.0);
        let ruled = |outcome| {
            let labels = vec![Label::new("outcome", outcome)];
            recorder.register_counter(&Key::from_parts("proxy_live_rulings_total", labels), &META)
        };
        Self {
            routes: Routes::default(),
            hits: counter("proxy_cache_hits_total"),
            negative_hits: counter("proxy_cache_negative_hits_total"),
            misses: counter("proxy_cache_misses_total"),
            lookups: counter("proxy_introspections_total"),
            lookups_failed: counter("proxy_introspections_failed_total"),
            lookups_refused: counter("proxy_introspections_refused_total"),
            lookup_seconds: Latency::default(),
            coalesced: counter("proxy_introspections_coalesced_total"),
            limits_counted_alone: counter("proxy_shared_limits_counted_alone_total"),
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
            rulings_held: ruled("held"),
            rulings_against: ruled("against"),
            rulings_silent: ruled("unanswered"),
            audit_reported: counter("proxy_audit_reports_total"),
            audit_lost: counter("proxy_audit_reports_lost_total"),
            usage: Arc::new(Measures::new(counter, gauge)),
            heads_refused: counter("proxy_request_heads_refused_total"),
            configuration_refused: gauge("proxy_configuration_refused"),
            recorder,
        }
    }

    /// What is measured of a route, or of requests without one.
    #[must_use]
    pub fn route(&self, name: &str) -> Arc<RouteMeasures> {
        self.routes.of(name, || {
            RouteMeasures::new(Outcome::ALL.map(|(_, outcome)| {
                let labels = vec![
                    Label::new("route", name.to_owned()),
                    Label::new("outcome", outcome),
                ];
                self.recorder
                    .register_counter(&Key::from_parts("proxy_requests_total", labels), &META)
            }))
        })
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

    /// What lasts was ruled on again.
    pub fn ruled_again(&self, verdict: Verdict) {
        let counter = match verdict {
            Verdict::Holds => &self.rulings_held,
            Verdict::Against(_) => &self.rulings_against,
            Verdict::Silent => &self.rulings_silent,
        };
        counter.increment(1);
    }

    /// A call was not made because too many run.
    pub fn lookup_refused(&self) {
        self.lookups_refused.increment(1);
    }

    /// Whether the configuration, as its file says it now, was refused, so that an older one is in force.
    pub fn configuration_refused(&self, refused: bool) {
        self.configuration_refused.set(if refused { 1.0 } else { 0.0 });
    }

    /// A limit that is shared was counted by this proxy alone.
    pub fn limit_counted_alone(&self) {
        self.limits_counted_alone.increment(1);
    }

    /// Whether the store of the shared limits is there. Exported from the first word on: a proxy that shares nothing misses nothing.
    pub fn shared_limits(&self, connected: bool) {
        let gauge = self
            .recorder
            .register_gauge(&key("proxy_shared_limits_connected"), &META);
        gauge.set(if connected { 1.0 } else { 0.0 });
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
        self.lookup_seconds.record(took);
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
        self.usage.waiting.set(state.usage_waiting.as_secs_f64());
        let mut text = self.handle().render();
        text.push_str("# TYPE proxy_introspection_seconds histogram\n");
        self.lookup_seconds
            .render(&mut text, "proxy_introspection_seconds", "");
        self.routes.render(&mut text);
        let _ = writeln!(
            text,
            "# TYPE proxy_revocation_lease_seconds gauge\nproxy_revocation_lease_seconds {}\n\
             # TYPE proxy_revocation_age_seconds gauge\nproxy_revocation_age_seconds {}\n\
             # TYPE proxy_revocation_lease_lapses_total counter\nproxy_revocation_lease_lapses_total {}\n\
             # TYPE proxy_decisions_passed_over_total counter\nproxy_decisions_passed_over_total {}",
            state.lease_left.as_secs_f64(),
            state.feed_age.as_secs_f64(),
            state.lapses,
            state.passed_over
        );
        text
    }

    fn handle(&self) -> PrometheusHandle {
        self.recorder.handle()
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

/// What is read, not counted.
#[derive(Clone, Copy, Debug)]
pub struct State {
    /// Position of the feed.
    pub feed_position: u64,
    /// Whether the lease is fresh.
    pub lease_fresh: bool,
    /// What is left of it.
    pub lease_left: Duration,
    /// Since the last poll that was answered was sent.
    pub feed_age: Duration,
    /// How often the lease lapsed.
    pub lapses: u64,
    /// Refusals that were not kept.
    pub passed_over: u64,
    /// Things marked as revoked.
    pub marks: u64,
    /// Facts kept.
    pub cache_entries: u64,
    /// For how long the first report of use has waited.
    pub usage_waiting: Duration,
}

/// A call under way.
pub struct InFlight<'a>(&'a Gauge);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}
