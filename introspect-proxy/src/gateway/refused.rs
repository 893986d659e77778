//! What happens to a refusal: counted, kept so that it can be explained, said in the log, and answered.
//! It refuses to cost a request that passes anything.

use super::{Context, Gateway};
use crate::explain::{self, Sighting};
use crate::metrics::Outcome;
use crate::path;
use crate::refusal::Refusal;
use crate::resource_metadata::readable_by_scripts;
use crate::respond::{Answer, Names, limit_headers, problem};
use pingora::proxy::Session;
use std::net::{IpAddr, Ipv4Addr};

/// A refusal to be kept.
#[derive(Clone, Copy)]
pub(super) struct Noted<'a> {
    refusal: &'a Refusal,
    decision_id: &'a str,
    observed: bool,
}

impl<'a> Noted<'a> {
    pub(super) const fn refused(refusal: &'a Refusal, decision_id: &'a str) -> Self {
        Self {
            refusal,
            decision_id,
            observed: false,
        }
    }

    pub(super) const fn observed(refusal: &'a Refusal, decision_id: &'a str) -> Self {
        Self {
            refusal,
            decision_id,
            observed: true,
        }
    }
}

impl Gateway {
    pub(super) fn refuse(&self, session: &Session, ctx: &mut Context, refusal: &Refusal) -> Answer {
        self.count(ctx, refusal.form().outcome);
        let decision_id = self.core.decision_id();
        self.note(session, ctx, Noted::refused(refusal, &decision_id));
        let route = ctx.route.as_deref();
        tracing::info!(
            request_id = &*ctx.request_id,
            decision_id,
            route = route.map_or("", |route| &*route.name),
            code = refusal.form().code,
            detail = refusal.form().detail,
            "refused"
        );
        let names = Names {
            request_id: &ctx.request_id,
            decision_id: &decision_id,
        };
        let mut answer = problem(refusal, route.map(|route| &route.policy), names);
        answer.headers.extend(ctx.standing.iter().flat_map(limit_headers));
        answer
            .headers
            .extend(route.map(readable_by_scripts).unwrap_or_default());
        ctx.course.spoken(answer, &refusal.form())
    }

    /// Keeps what is needed to explain the refusal; everything is read again, so that requests that pass pay nothing.
    pub(super) fn note(&self, session: &Session, ctx: &mut Context, noted: Noted<'_>) {
        let code = noted.refusal.form().code;
        ctx.ending.decided(noted.decision_id, code);
        if let Some(live) = &ctx.live {
            live.counters(ctx.route.as_deref()).refused(code);
        }
        let request = session.req_header();
        let target = std::str::from_utf8(request.raw_path()).unwrap_or("");
        let path = path::normalize(target.split('?').next().unwrap_or("")).unwrap_or_default();
        let address = ctx
            .peer
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.client);
        let sighting = Sighting {
            names: Names {
                request_id: &ctx.request_id,
                decision_id: noted.decision_id,
            },
            host: &ctx.host,
            path: &path,
            method: &request.method,
            headers: &request.headers,
            address,
            route: ctx.route.as_ref(),
            policy: None,
            refusal: noted.refusal,
            standing: ctx.standing.as_ref(),
            observed: noted.observed,
        };
        explain::note(&self.core, &sighting);
    }

    pub(super) fn count(&self, ctx: &Context, outcome: Outcome) {
        if let Some(live) = &ctx.live {
            live.counters(ctx.route.as_deref()).count(outcome);
        }
    }
}
