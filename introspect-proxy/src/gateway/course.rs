//! The course of a request beyond its check: what it wishes to become, and its place among what lasts.
//! It refuses to let anything last that is not watched.

use super::line::Unfinished;
use super::{Context, Gateway, grpc, websocket};
use crate::bearer;
use crate::clock::Tick;
use crate::live_connections::{
    Bond, Demands, Ended, Exchange, Glance, Lasting, Nature, Place, SOON_OVER, Trust, is_grpc,
};
use crate::path;
use crate::permission;
use crate::refusal::Form;
use crate::respond::Answer;
use crate::routes::Route;
use http::{Version, header};
use pingora::http::{RequestHeader, ResponseHeader};
use pingora::proxy::Session;
use pingora::upstreams::peer::HttpPeer;
use pingora::{Error, ErrorType};
use std::sync::Arc;

/// What is remembered of a request for the case that it lasts.
pub struct Course {
    started: Tick,
    trust: Trust,
    wish: Wish,
    /// The client wants its answer in the words of gRPC.
    pub grpc: bool,
    /// The client named the protocol that stands for none.
    pub marker: bool,
    place: Option<(Nature, Place)>,
    cut: Option<Ended>,
    /// For its line in the access log, should it be ended.
    pub(super) unfinished: Option<Box<Unfinished>>,
}

/// What the head of a request says it wants to become.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wish {
    /// An answer.
    #[default]
    Answer,
    /// A stream of events.
    Events,
    /// A gRPC call.
    Call,
    /// A WebSocket, on a route that lets them through.
    Tunnel,
}

impl Default for Course {
    fn default() -> Self {
        Self {
            started: Tick(0),
            trust: Trust::default(),
            wish: Wish::Answer,
            grpc: false,
            marker: false,
            place: None,
            cut: None,
            unfinished: None,
        }
    }
}

impl Course {
    /// Why the exchange may not go on.
    pub const fn cut(&self) -> Option<Ended> {
        self.cut
    }

    /// An answer of ours in the words that the client understands.
    pub fn spoken(&self, answer: Answer, form: &Form) -> Answer {
        if self.grpc {
            grpc::translated(answer, form)
        } else {
            answer
        }
    }

    /// What the request wants to become.
    pub const fn wish(&self) -> Wish {
        self.wish
    }

    /// Gives a stream the timeouts of its route instead of those for answers.
    pub fn suit(&self, ctx: &Context, peer: &mut HttpPeer) {
        let Some(route) = ctx.route.as_ref().filter(|_| self.wish != Wish::Answer) else {
            return;
        };
        peer.options.read_timeout = Some(route.terms.idle);
        peer.options.write_timeout = Some(route.terms.idle);
        if self.wish == Wish::Tunnel {
            super::tunnel::prepare(peer);
        }
    }
}

/// What a request wants to become, WebSockets apart.
fn wish(request: &RequestHeader) -> Wish {
    let value = |name| {
        request
            .headers
            .get(name)
            .map_or(&b""[..], http::HeaderValue::as_bytes)
    };
    if is_grpc(value(header::CONTENT_TYPE)) {
        return Wish::Call;
    }
    let accepts = value(header::ACCEPT);
    if accepts.len() >= 17 && accepts[..17].eq_ignore_ascii_case(b"text/event-stream") {
        return Wish::Events;
    }
    Wish::Answer
}

impl Gateway {
    /// Notes that a request came now, and what was trusted then.
    pub(super) fn set_out(&self, session: &Session, ctx: &mut Context, now: Tick) {
        ctx.course.started = now;
        ctx.course.trust = Trust::now(&self.core);
        let request = session.req_header();
        ctx.course.wish = wish(request);
        ctx.course.grpc = ctx.course.wish == Wish::Call && request.version == Version::HTTP_2;
    }

    /// Notes that the request became one for a WebSocket.
    pub(super) fn wish_for_tunnel(ctx: &mut Context) {
        ctx.course.wish = Wish::Tunnel;
    }

    /// More of a body passes: what still runs after a second is watched from then on.
    pub(super) fn goes_on(&self, session: &Session, ctx: &mut Context) -> pingora::Result<()> {
        if let Some(unfinished) = &mut ctx.course.unfinished {
            unfinished.goes_on(session);
        }
        if ctx.course.place.is_some() || self.core.clock.tick().since(ctx.course.started) < SOON_OVER {
            return Ok(());
        }
        let nature = if ctx.course.wish == Wish::Call {
            Nature::Call
        } else {
            Nature::Body
        };
        self.lasts(session, ctx, nature)
    }

    /// Enters an exchange that lasts, then judges its credential once more: it may have ended since the check.
    pub(super) fn lasts(&self, session: &Session, ctx: &mut Context, nature: Nature) -> pingora::Result<()> {
        let known = ctx.course.place.as_ref().map(|(known, _)| *known);
        let (Some(exchange), Some(route)) = (Exchange::current(), ctx.route.clone()) else {
            return Ok(());
        };
        if known.is_some_and(|known| known == nature || nature == Nature::Body) {
            return Ok(());
        }
        let bound = nature != Nature::Body || route.terms.cut_long_responses;
        if self.core.access_log {
            let unfinished = Unfinished::new(session, Arc::clone(&exchange), self.core.clock.clone());
            ctx.course.unfinished = Some(Box::new(unfinished));
        }
        let total = route.terms.total;
        let lasting = Arc::new(Lasting {
            exchange,
            nature,
            bond: if bound {
                self.bond(session, ctx, &route)?
            } else {
                None
            },
            request_id: ctx.request_id.to_string(),
            ends_at: total.map_or(Tick(u64::MAX), |total| ctx.course.started.after(total)),
            route,
        });
        let place = self.core.exchanges.enter(Arc::clone(&lasting));
        ctx.course.place = Some((nature, place));
        let Some(bond) = &lasting.bond else { return Ok(()) };
        if let Glance::Broken(reason) = bond.glance(&self.core, lasting.route.on_lease_lapse) {
            self.core.exchanges.end(&lasting, reason);
            ctx.course.cut = Some(reason);
            return Err(Error::explain(
                ErrorType::HTTPStatus(401),
                "the credential ended on the way",
            ));
        }
        Ok(())
    }

    /// The upstream became a WebSocket.
    pub(super) fn switch(
        &self,
        session: &mut Session,
        response: &mut ResponseHeader,
        ctx: &Context,
    ) -> pingora::Result<()> {
        let Some(route) = ctx.route.as_ref().filter(|_| ctx.course.wish() == Wish::Tunnel) else {
            return Err(Error::explain(
                ErrorType::HTTPStatus(502),
                "nobody asked to switch protocols",
            ));
        };
        session
            .as_downstream_mut()
            .set_read_timeout(Some(route.terms.idle));
        if ctx.course.marker && !response.headers.contains_key(header::SEC_WEBSOCKET_PROTOCOL) {
            response.insert_header(header::SEC_WEBSOCKET_PROTOCOL, websocket::MARKER)?;
        }
        Ok(())
    }

    fn bond(&self, session: &Session, ctx: &Context, route: &Route) -> pingora::Result<Option<Bond>> {
        let Some(facts) = ctx.permit.as_ref().and_then(|permit| permit.facts()) else {
            return Ok(None);
        };
        let gone = |what| Error::explain(ErrorType::InternalError, what);
        let request = session.req_header();
        let credential = bearer::extract(&request.headers).map_err(|_| gone("the credential is gone"))?;
        let address = self.peer(session).client;
        // As it was judged; what is the client's own spelling of it has been rewritten.
        let target = std::str::from_utf8(request.raw_path()).unwrap_or("");
        let path = target.split('?').next().unwrap_or("");
        let path = path::normalize(path).map_err(|_| gone("the path is gone"))?;
        let source = permission::source(route.path(), &ctx.host, &path, &request.method);
        let demands =
            Demands::of(&self.core, route, source, facts).map_err(|_| gone("the resource is gone"))?;
        Ok(Some(Bond::new(
            Arc::clone(facts),
            credential,
            address,
            ctx.course.trust,
            demands,
        )))
    }
}
