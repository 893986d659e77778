//! The end of a request: how long it and its service took, and who is told.
//! It refuses to speak of a request that has not begun.

use super::line::{self, status};
use super::{Context, Gateway};
use crate::audit;
use crate::clock::Tick;
use crate::routes::METHODS;
use crate::trace::{Current, TRACEPARENT, TRACESTATE, Trail};
use pingora::http::RequestHeader;
use pingora::proxy::Session;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// What is noted on the way for the end.
#[derive(Default)]
pub struct Ending {
    began: Option<Tick>,
    sent: Option<Tick>,
    upstream_took: Option<Duration>,
    status: u16,
    /// The decision against it, when there was one.
    decision_id: Box<str>,
    code: &'static str,
    /// Its spans, when it is traced.
    trail: Option<Box<Trail>>,
}

/// As in `routes::METHODS`, whose names do not live long enough.
const NAMES: [&str; METHODS.len()] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

impl Ending {
    /// The trace it belongs to.
    pub(super) fn current(&self) -> Option<Current> {
        self.trail.as_ref().map(|trail| trail.current())
    }

    /// The id of the trace it belongs to; empty without one.
    pub(super) fn trace_id(&self) -> String {
        self.trail
            .as_ref()
            .map(|trail| trail.trace_id())
            .unwrap_or_default()
    }

    /// The status that its service answered last; zero when it has not.
    pub(super) const fn status(&self) -> u16 {
        self.status
    }

    /// When it began.
    pub(super) const fn began(&self) -> Option<Tick> {
        self.began
    }

    /// How long its service took to begin an answer.
    pub(super) const fn upstream_took(&self) -> Option<Duration> {
        self.upstream_took
    }

    /// The decision against it; empty without one.
    pub(super) fn decision_id(&self) -> &str {
        &self.decision_id
    }

    /// The code of that decision.
    pub(super) const fn code(&self) -> &'static str {
        self.code
    }

    /// Notes a decision against it, also one that was only observed.
    pub(super) fn decided(&mut self, decision_id: &str, code: &'static str) {
        self.decision_id = decision_id.into();
        self.code = code;
    }
}

impl Gateway {
    /// The request begins now.
    pub(super) fn begins(ctx: &mut Context, now: Tick) {
        ctx.ending.began = Some(now);
    }

    /// The request is traced, where that is wanted.
    pub(super) fn traces(&self, session: &Session, ctx: &mut Context) {
        if let Some(tracing) = &self.core.tracing {
            let trusted = ctx.peer.is_some_and(|peer| peer.trusted);
            let trail = Trail::begin(tracing, &session.req_header().headers, trusted);
            ctx.ending.trail = Some(Box::new(trail));
        }
    }

    /// The request goes to its service, not always for the first time.
    pub(super) fn goes_out(&self, request: &mut RequestHeader, ctx: &mut Context) -> pingora::Result<()> {
        if let Some(trail) = &mut ctx.ending.trail {
            request.insert_header(TRACEPARENT, trail.goes_out())?;
            if !ctx.peer.is_some_and(|peer| peer.trusted) {
                request.remove_header(&TRACESTATE);
            }
        }
        ctx.ending.sent = Some(self.core.clock.tick());
        if ctx.attempts.count() > 1
            && let Some(live) = &ctx.live
        {
            let retries = &live.counters(ctx.route.as_deref()).retries;
            retries.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    /// The head of the service's answer is there.
    pub(super) fn comes_back(&self, ctx: &mut Context, status: u16) {
        ctx.ending.status = status;
        // Heads of interim answers do not end the waiting.
        if status >= 200
            && let (Some(sent), Some(live)) = (ctx.ending.sent, &ctx.live)
        {
            let took = self.core.clock.tick().since(sent);
            ctx.ending.upstream_took = Some(took);
            if let Some(trail) = &mut ctx.ending.trail {
                trail.comes_back(status);
            }
            live.counters(ctx.route.as_deref()).answered(status, took);
        }
    }

    /// No connection to the service.
    pub(super) fn did_not_connect(ctx: &Context) {
        if let Some(live) = &ctx.live {
            let failures = &live.counters(ctx.route.as_deref()).connect_failures;
            failures.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The request is over.
    pub(super) fn is_over(&self, session: &Session, ctx: &mut Context) {
        let (Some(began), Some(live)) = (ctx.ending.began, &ctx.live) else {
            return;
        };
        let took = self.core.clock.tick().since(began);
        live.counters(ctx.route.as_deref()).duration.record(took);
        self.report(session, ctx);
        Self::passes(session, ctx);
        ctx.course.unfinished = None;
        if self.core.access_log {
            line::write(&line::Shown::of(session), ctx, (took, ""));
        }
        if let Some(trail) = &mut ctx.ending.trail {
            let route = ctx.route.as_ref().map_or("", |route| &*route.name);
            let method = METHODS
                .iter()
                .position(|method| *method == session.req_header().method);
            let method = method.map_or("_OTHER", |known| NAMES[known]);
            trail.is_over(route, method, (status(session), ctx.ending.code));
        }
    }
}

impl Gateway {
    /// To the audit log, where the route asks for it.
    fn report(&self, session: &Session, ctx: &Context) {
        let request = session.req_header();
        let Some(route) = ctx.route.as_ref().filter(|route| route.audit) else {
            return;
        };
        if !audit::changes(&request.method) {
            return;
        }
        let seen = audit::Seen {
            route: &route.name,
            method: &request.method,
            target: std::str::from_utf8(request.raw_path()).unwrap_or(""),
            headers: &request.headers,
            facts: ctx.permit.as_ref().and_then(|permit| permit.facts()),
            address: ctx.peer.map(|peer| peer.client),
            status: status(session),
            request_id: &ctx.request_id,
            decision_id: &ctx.ending.decision_id,
        };
        audit::note(&self.core, &seen);
    }
}
