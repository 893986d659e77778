//! The one layer: identify, bound, run, catch, answer, measure.
//! Its order is the order of the lines in [`Frame::run`]; nothing else wraps the handlers.

use std::{panic::AssertUnwindSafe, pin::pin};

use axum::{
    BoxError,
    body::{Body, Bytes, HttpBody},
    extract::{MatchedPath, State},
    middleware::Next,
    response::Response,
};
use futures::FutureExt as _;
use http::{HeaderMap, header};
use model::{Ctx, NameRandom, Origin, audit::Trail};
use tokio::time::{Instant, timeout};

use super::{
    Frame, Inner,
    answer::{self, Asked},
    client_address::client_address,
    client_certificate, limits, measure,
    problem::Problem,
    request_id,
    trace::{Arrival, Told},
};
use crate::{listener::Peer, telemetry::NamedRequest};

type Request<B = Body> = http::Request<B>;

/// One word for all paths without a route, so that strangers cannot make up labels.
const UNMATCHED: &str = "unmatched";
const USER_AGENT_CHARS: usize = 512;
/// Probes must be answered also when everything else is turned away.
const NEVER_TURNED_AWAY: [&str; 2] = ["/healthz", "/readyz"];

/// The frame around a route of the router.
pub(super) async fn frame(State(frame): State<Frame>, request: Request, next: Next) -> Response {
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or(UNMATCHED, MatchedPath::as_str);
    frame.run(route, request, |request| next.run(request)).await
}

impl Frame {
    /// Answers a request of the route by its handler, or without.
    pub async fn run<B, A>(
        &self,
        route: &str,
        mut request: Request<B>,
        handler: impl FnOnce(Request) -> A,
    ) -> Response
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
        A: Future<Output = Response>,
    {
        let shared = &*self.0;
        let began = Instant::now();
        let asked = Asked::of(&request, request_id::of(request.headers(), &NameRandom));
        let named = NamedRequest::new(&asked.request_id, &asked.method, route);
        let ctx = context(shared, &request, &asked.request_id);
        request.extensions_mut().insert(ctx);
        let trusted = is_trusted(shared, &request);
        client_certificate::settle(shared, &mut request, trusted);
        if trusted {
            request.extensions_mut().insert(TrustedPeer);
        }
        let arrival = arrival(shared, &mut request, trusted);
        // Pinned where it is: to hand it on would be to copy it, with room for all that a handler may need.
        let response = pin!(guarded(shared, route, request, handler));
        let response = named.clone().during(response).await;
        let response = answer::finish(response, &asked, shared);
        if let (Some(tracing), Some(arrival)) = (&shared.tracing, arrival) {
            let told = Told {
                method: &asked.method,
                route,
                request_id: &asked.request_id,
                status: response.status(),
            };
            named.is_traced_as(arrival.is_over(tracing, &told));
        }
        named.while_doing(|| measure::answered(&asked.method, route, response.status(), began.elapsed()));
        response
    }
}

/// The handler's answer, or the reason why there is none.
async fn guarded<B, A>(
    shared: &Inner,
    route: &str,
    request: Request<B>,
    handler: impl FnOnce(Request) -> A,
) -> Response
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
    A: Future<Output = Response>,
{
    let request = match limits::bounded(request, route) {
        Ok(request) => request,
        Err(problem) => return problem.bare(),
    };
    let permit = shared.in_flight.try_acquire();
    if permit.is_err() && !NEVER_TURNED_AWAY.contains(&route) {
        return Problem::OVERLOADED.bare();
    }
    let handler = pin!(async { handler(request).await });
    match timeout(shared.request_timeout, AssertUnwindSafe(handler).catch_unwind()).await {
        Ok(Ok(response)) => response,
        Ok(Err(_panic)) => {
            measure::panicked();
            Problem::INTERNAL.bare()
        }
        Err(_elapsed) => Problem::TIMED_OUT.bare(),
    }
}

/// The other end is a configured proxy: what it says of the original request is believed.
#[derive(Clone, Copy)]
pub struct TrustedPeer;

fn is_trusted<B>(shared: &Inner, request: &Request<B>) -> bool {
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
fn arrival<B>(shared: &Inner, request: &mut Request<B>, trusted: bool) -> Option<Arrival> {
    shared.tracing.as_ref()?;
    let arrival = Arrival::new(request.headers(), trusted);
    request.extensions_mut().insert(arrival.clone());
    Some(arrival)
}

fn context<B>(shared: &Inner, request: &Request<B>, request_id: &str) -> Ctx {
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
