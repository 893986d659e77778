//! The one layer: identify, bound, run, catch, answer, measure.
//! Its order is the order of the lines in [`frame`]; nothing else wraps the handlers.

use std::panic::AssertUnwindSafe;

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use futures::FutureExt as _;
use http::{Extensions, HeaderMap, header};
use model::{Ctx, Origin, audit::Trail};
use tokio::time::{Instant, timeout};
use tracing::{Instrument as _, field::Empty, info_span};

use super::{
    Frame, Inner,
    answer::{self, Asked},
    client_address::client_address,
    client_certificate, limits, measure,
    problem::Problem,
    request_id,
    trace::{Arrival, Told},
};
use crate::listener::Peer;

const USER_AGENT_CHARS: usize = 512;
/// Probes must be answered also when everything else is turned away.
const NEVER_TURNED_AWAY: [&str; 2] = ["/healthz", "/readyz"];

pub(super) async fn frame(State(Frame(shared)): State<Frame>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let route = route(request.extensions()).to_owned();
    let asked = Asked::of(&request, request_id::of(request.headers(), &*shared.random));
    // The path is not logged but its template, and no query: both may carry secrets (A02).
    let span = info_span!("request", id = %asked.request_id, method = %asked.method, route, trace_id = Empty);
    let ctx = context(&shared, &request, &asked.request_id);
    request.extensions_mut().insert(ctx);
    let trusted = is_trusted(&shared, &request);
    client_certificate::settle(&shared, &mut request, trusted);
    if trusted {
        request.extensions_mut().insert(TrustedPeer);
    }
    let arrival = arrival(&shared, &mut request, trusted);
    let response = guarded(&shared, &route, request, next)
        .instrument(span.clone())
        .await;
    let response = answer::finish(response, &asked, &shared);
    if let (Some(tracing), Some(arrival)) = (&shared.tracing, arrival) {
        let told = Told {
            method: &asked.method,
            route: &route,
            request_id: &asked.request_id,
            status: response.status(),
        };
        span.record("trace_id", arrival.is_over(tracing, &told));
    }
    let _entered = span.enter();
    measure::answered(&asked.method, &route, response.status(), began.elapsed());
    response
}

/// The handler's answer, or the reason why there is none.
async fn guarded(shared: &Inner, route: &str, request: Request, next: Next) -> Response {
    let request = match limits::bounded(request, route) {
        Ok(request) => request,
        Err(problem) => return problem.bare(),
    };
    let permit = shared.in_flight.try_acquire();
    if permit.is_err() && !NEVER_TURNED_AWAY.contains(&route) {
        return Problem::OVERLOADED.bare();
    }
    let handler = AssertUnwindSafe(next.run(request)).catch_unwind();
    match timeout(shared.request_timeout, handler).await {
        Ok(Ok(response)) => response,
        Ok(Err(_panic)) => {
            measure::panicked();
            Problem::INTERNAL.bare()
        }
        Err(_elapsed) => Problem::TIMED_OUT.bare(),
    }
}

/// The template that matched; one word for all that did not, so that strangers cannot make up labels.
fn route(extensions: &Extensions) -> &str {
    extensions
        .get::<MatchedPath>()
        .map_or("unmatched", MatchedPath::as_str)
}

/// The other end is a configured proxy: what it says of the original request is believed.
#[derive(Clone, Copy)]
pub struct TrustedPeer;

fn is_trusted(shared: &Inner, request: &Request) -> bool {
    let peer = request.extensions().get::<Peer>();
    peer.is_some_and(|peer| {
        let address = peer.address.ip().to_canonical();
        shared
            .trusted_proxies
            .iter()
            .any(|network| network.contains(&address))
    })
}

/// For handlers too: they know when a caller has proved itself.
fn arrival(shared: &Inner, request: &mut Request, trusted: bool) -> Option<Arrival> {
    shared.tracing.as_ref()?;
    let arrival = Arrival::new(request.headers(), trusted);
    request.extensions_mut().insert(arrival.clone());
    Some(arrival)
}

fn context(shared: &Inner, request: &Request, request_id: &str) -> Ctx {
    let peer = request.extensions().get::<Peer>();
    let address =
        peer.map(|peer| client_address(peer.address.ip(), request.headers(), &shared.trusted_proxies));
    Ctx {
        now: shared.clock.now(),
        random: shared.random.clone(),
        origin: Origin {
            address,
            user_agent: user_agent(request.headers()),
            request_id: Some(request_id.to_owned()),
            device: None,
            trust: None,
            trail: Trail::default(),
        },
    }
}

fn user_agent(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(header::USER_AGENT)?.to_str().ok()?;
    Some(text.chars().take(USER_AGENT_CHARS).collect())
}
