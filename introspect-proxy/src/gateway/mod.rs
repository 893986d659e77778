//! The thin layer between pingora and the rooms that decide.
//! It refuses to decide: it normalises, asks `admission`, and forwards or answers.

mod accept;
mod attempts;
mod checked_stream;
mod client_certificate;
mod conductor;
mod connection;
mod cookies;
mod course;
mod ending;
mod farewell;
mod forward;
mod frames;
mod grpc;
mod head;
mod health;
mod incoming;
mod line;
mod metering;
mod open_connections;
mod outgoing;
mod proxy_protocol;
mod refused;
mod spelling;
mod target;
mod tls;
mod tool_calls;
mod tool_lists;
mod tunnel;
mod websocket;
mod worker;

#[cfg(test)]
mod room;

pub use accept::{Accepting, BoundListener, bind, socket};
pub use connection::Bounds;
pub use open_connections::OpenConnections;
pub use tls::{Certificates, try_out};
pub use tool_calls::judge_unseen;
pub use worker::{Blueprint, Departure, Workers};

use self::course::Course;
use self::ending::Ending;
use self::refused::Noted;
use self::target::{rewrite_target, target};
use crate::admission::{Admission, Question, admit};
use crate::check;
use crate::core::{Core, Live};
use crate::decision::Permit;
use crate::forwarded::Peer;
use crate::front_filter::HeadLimits;
use crate::metrics::Outcome;
use crate::path;
use crate::proof::Place;
use crate::rate_limit::Standing;
use crate::refusal::Refusal;
use crate::request_id::RequestId;
use crate::respond::{self, Answer, Names, REQUEST_ID};
use crate::routes::Route;
use crate::trace;
use crate::upstream::Upstream;
use crate::usage::Metered;
use http::Method;
use ipnet::IpNet;
use oauth::client_cert;
use pingora::proxy::Session;
use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// What a gateway knows of the listener it serves.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Networks whose forwarding headers count.
    pub trusted_peers: Vec<IpNet>,
    /// Whether clients speak TLS here.
    pub tls: bool,
    /// Whether a PROXY header comes first.
    pub proxy_protocol: bool,
    /// Whether trusted peers name the certificates of their clients.
    pub client_cert_header: bool,
}

/// One listener's side of the proxy.
pub struct Gateway {
    core: Arc<Core>,
    origin: Arc<Origin>,
    /// What the front filter holds the heads of HTTP/1 to; those of HTTP/2 do not pass it.
    head: HeadLimits,
}

/// What is remembered of a request on its way.
#[derive(Default)]
pub struct Context {
    request_id: RequestId,
    live: Option<Arc<Live>>,
    route: Option<Arc<Route>>,
    permit: Option<Permit>,
    standing: Option<Standing>,
    peer: Option<Peer>,
    host: String,
    upstream: Option<Arc<Upstream>>,
    attempts: attempts::Attempts,
    ending: Ending,
    course: Course,
    metered: Option<Metered>,
    tool_lists: tool_lists::Shown,
}

impl Gateway {
    /// A gateway for a listener.
    #[must_use]
    pub const fn new(core: Arc<Core>, origin: Arc<Origin>, head: HeadLimits) -> Self {
        Self { core, origin, head }
    }

    /// Judges a request. `None`: it may go on; else the answer.
    async fn judge(&self, session: &mut Session, ctx: &mut Context) -> Option<Answer> {
        let now = self.core.clock.tick();
        Self::begins(ctx, now);
        ctx.request_id = self.request_id(session);
        self.set_out(session, ctx, now);
        let live = self.core.live.load_full();
        ctx.live = Some(Arc::clone(&live));
        let peer = self.peer(session);
        ctx.peer = Some(peer);
        self.traces(session, ctx);
        incoming::spare_old_client(session);
        if websocket::asks_for_upgrade(session.req_header())
            && let Err(refusal) = prepare_upgrade(session, ctx)
        {
            return Some(self.refuse(session, ctx, &refusal));
        }
        let (host, raw_path, query) = match target(session, &self.head) {
            Ok(parts) => parts,
            Err(refusal) => return Some(self.refuse(session, ctx, &refusal)),
        };
        ctx.host = host.into_owned();
        let path = match path::normalize(&raw_path) {
            Ok(path) => path,
            Err(reason) => return Some(self.refuse(session, ctx, &Refusal::AmbiguousPath(reason))),
        };
        if let Some(answer) = health::answer(&self.core, &path) {
            return Some(answer);
        }
        let headers = &session.req_header().headers;
        let method = &session.req_header().method;
        if let Some(answer) = live.documents.answer(&ctx.host, &path, method) {
            return Some(answer);
        }
        let place = Place::Here {
            tls: self.origin.tls,
            authority: session
                .req_header()
                .uri
                .authority()
                .map(http::uri::Authority::as_str),
            path: &path,
        };
        if *path == *live.check_path && matches!(*method, Method::GET | Method::HEAD) {
            let call = check::Call {
                host: &ctx.host,
                query: query.as_deref(),
                headers,
                peer,
                place,
            };
            let decision_id = self.core.decision_id();
            let names = Names {
                request_id: &ctx.request_id,
                decision_id: &decision_id,
            };
            let (answer, code) = trace::within(
                ctx.ending.current(),
                Box::pin(check::answer(&self.core, &live, call, names)),
            )
            .await;
            if let Some(code) = code {
                ctx.ending.decided(&decision_id, code);
            }
            return Some(answer);
        }
        let question = Question {
            host: &ctx.host,
            path: &path,
            method,
            headers,
            peer,
            place,
        };
        let mut admission = trace::within(ctx.ending.current(), admit(&self.core, &live, question)).await;
        let lists = Self::judge_tools(session, &mut admission).await;
        let concluded = self.conclude(session, ctx, admission);
        if let Err(refusal) = concluded.and_then(|()| wish_for_tunnel(session, ctx)) {
            ctx.metered = None;
            return Some(self.refuse(session, ctx, &refusal));
        }
        if lists {
            tool_lists::expect(ctx);
        }
        if let Cow::Owned(path) = &path {
            rewrite_target(session, path, query.as_deref());
        }
        None
    }

    /// Notes what was decided; an observing route lets everything pass that has an upstream.
    fn conclude(&self, session: &Session, ctx: &mut Context, admission: Admission) -> Result<(), Refusal> {
        let Admission {
            route,
            verdict,
            standing,
            metered,
        } = admission;
        ctx.route = route;
        ctx.standing = standing;
        match verdict {
            Ok(permit) => {
                ctx.permit = Some(permit);
                ctx.metered = metered;
                self.count(ctx, Outcome::Allowed);
            }
            Err(refusal) if ctx.route.as_ref().is_some_and(|route| route.observe) => {
                self.count(ctx, Outcome::Observed);
                let decision_id = self.core.decision_id();
                self.note(session, ctx, Noted::observed(&refusal, &decision_id));
                let route = ctx.route.as_ref().map_or("", |route| &*route.name);
                let code = refusal.form().code;
                tracing::info!(
                    request_id = &*ctx.request_id,
                    decision_id,
                    route,
                    code,
                    "would be refused"
                );
            }
            Err(refusal) => return Err(refusal),
        }
        Ok(())
    }

    fn request_id(&self, session: &Session) -> RequestId {
        let given = session.req_header().headers.get(REQUEST_ID);
        given
            .and_then(RequestId::given)
            .unwrap_or_else(|| self.core.ids.request())
    }

    fn peer(&self, session: &Session) -> Peer {
        let socket = session
            .client_addr()
            .and_then(|address| address.as_inet())
            .map(std::net::SocketAddr::ip);
        let socket = socket.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let headers = &session.req_header().headers;
        let mut peer = Peer::identify(socket, headers, &self.origin.trusted_peers);
        peer.certificate = match (peer.trusted, self.origin.client_cert_header) {
            (false, _) => client_certificate::of_connection(session),
            (true, true) => client_cert::named(headers),
            (true, false) => None,
        };
        peer
    }
}

/// A request for another protocol is the last one of its connection: whatever follows could be of that protocol.
fn prepare_upgrade(session: &mut Session, ctx: &mut Context) -> Result<(), Refusal> {
    session.as_downstream_mut().set_keepalive(None);
    if websocket::asks_for_websocket(session.req_header()) {
        ctx.course.marker = websocket::lift_credential(session.req_header_mut())?;
    }
    Ok(())
}

/// On other routes the request goes on as an ordinary one, without its upgrade.
fn wish_for_tunnel(session: &Session, ctx: &mut Context) -> Result<(), Refusal> {
    let request = session.req_header();
    let Some(route) = ctx.route.as_ref().filter(|route| route.terms.websocket) else {
        return Ok(());
    };
    if websocket::asks_for_websocket(request) {
        websocket::judge_origin(route, request)?;
        Gateway::wish_for_tunnel(ctx);
    }
    Ok(())
}

async fn send(session: &mut Session, answer: Answer) -> pingora::Result<bool> {
    respond::write(session, answer).await?;
    Ok(true)
}
