//! The line of a request in the access log, also of one that is ended from outside and so never comes to its end.
//! It refuses to write queries, credentials, and what in a path names one thing.

use super::Context;
use crate::clock::Clock;
use crate::explain::shape;
use crate::facts::Facts;
use crate::live_connections::Exchange;
use crate::path;
use crate::usage::Metered;
use http::Version;
use pingora::proxy::Session;
use std::sync::Arc;
use std::time::Duration;

/// What is told of a request and its answer.
pub(super) struct Shown {
    method: String,
    path: String,
    protocol: &'static str,
    tls: String,
    status: u16,
    read: usize,
    sent: usize,
}

/// What is kept of an exchange that lasts, for the case that it is ended.
pub(super) struct Unfinished {
    exchange: Arc<Exchange>,
    clock: Clock,
    shown: Shown,
}

impl Shown {
    pub(super) fn of(session: &Session) -> Self {
        let request = session.req_header();
        let target = std::str::from_utf8(request.raw_path()).unwrap_or("");
        let path = path::normalize(target.split('?').next().unwrap_or("")).unwrap_or_default();
        let digest = session.digest().and_then(|digest| digest.ssl_digest.as_ref());
        Self {
            method: request.method.to_string(),
            path: shape(&path),
            protocol: protocol(request.version),
            tls: digest.map_or_else(String::new, |digest| digest.version.to_string()),
            status: status(session),
            read: session.body_bytes_read(),
            sent: session.body_bytes_sent(),
        }
    }
}

impl Unfinished {
    /// This exchange lasts from now on.
    pub(super) fn new(session: &Session, exchange: Arc<Exchange>, clock: Clock) -> Self {
        Self {
            exchange,
            clock,
            shown: Shown::of(session),
        }
    }

    /// More of it passed.
    pub(super) fn goes_on(&mut self, session: &Session) {
        self.shown.read = session.body_bytes_read();
        self.shown.sent = session.body_bytes_sent();
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        let Some(mut unfinished) = self.course.unfinished.take() else {
            return;
        };
        unfinished.shown.status = self.ending.status();
        if let (Some(reason), Some(began)) = (unfinished.exchange.ended(), self.ending.began()) {
            let took = unfinished.clock.tick().since(began);
            write(&unfinished.shown, self, (took, reason.as_str()));
        }
    }
}

/// Writes it.
pub(super) fn write(shown: &Shown, ctx: &Context, (took, ended): (Duration, &'static str)) {
    let facts = ctx.permit.as_ref().and_then(|permit| permit.facts());
    let name = |pick: fn(&Facts) -> Option<&str>| facts.and_then(|facts| pick(facts)).unwrap_or("");
    tracing::info!(
        target: "access",
        request_id = &*ctx.request_id,
        trace_id = ctx.ending.trace_id(),
        decision_id = ctx.ending.decision_id(),
        code = ctx.ending.code(),
        route = ctx.route.as_ref().map_or("", |route| &*route.name),
        upstream = ctx.upstream.as_ref().map_or("", |upstream| &*upstream.name),
        method = shown.method,
        host = ctx.host,
        path = shown.path,
        protocol = shown.protocol,
        tls = shown.tls,
        status = shown.status,
        bytes_in = shown.read,
        bytes_out = shown.sent,
        duration_us = micros(took),
        upstream_us = ctx.ending.upstream_took().map_or(0, micros),
        attempts = ctx.attempts.count(),
        address = ctx.peer.map(|peer| peer.client.to_string()).unwrap_or_default(),
        subject = name(|facts| facts.subject.as_deref()),
        client = name(|facts| facts.client_id.as_deref()),
        key = name(|facts| facts.keys().key),
        meter = ctx.metered.as_ref().map_or("", |metered| metered.metric()),
        metered = ctx.metered.as_ref().map_or(0, Metered::noted),
        ended,
        "request"
    );
}

/// The status of the answer that was written; zero without one.
pub(super) fn status(session: &Session) -> u16 {
    session
        .response_written()
        .map_or(0, |response| response.status.as_u16())
}

const fn protocol(version: Version) -> &'static str {
    match version {
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_11 => "HTTP/1.1",
        Version::HTTP_2 => "HTTP/2",
        _ => "",
    }
}

fn micros(took: Duration) -> u64 {
    u64::try_from(took.as_micros()).unwrap_or(u64::MAX)
}
