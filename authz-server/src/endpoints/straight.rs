//! The endpoints that services ask all the time, found without the router: that takes longer than what they do.
//! Refuses to be anything else than a shorter way to the same handlers.

use std::convert::Infallible;
use std::sync::LazyLock;

use axum::extract::{FromRequest as _, Request, State};
use axum::response::Response;
use http::Method;
use tower::{Layer as _, Service as _, service_fn};
use tower_http::cors::CorsLayer;

use super::client_request::{ClientRequest, FormRequest};
use super::{introspect, token};
use crate::app::AppState;

static CORS: LazyLock<CorsLayer> = LazyLock::new(super::cors);

/// An endpoint with a way of its own; it has no entries in the audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Straight {
    Introspection,
    Token,
}

impl Straight {
    /// The endpoint that a request is for.
    pub fn of<B>(request: &http::Request<B>) -> Option<Self> {
        let path = request.uri().path();
        let found = [Self::Introspection, Self::Token]
            .into_iter()
            .find(|endpoint| endpoint.route() == path);
        found.filter(|_| *request.method() == Method::POST)
    }

    /// Its template, as the router has it.
    pub const fn route(self) -> &'static str {
        match self {
            Self::Introspection => "/oauth2/introspect",
            Self::Token => "/oauth2/token",
        }
    }

    pub async fn answer(self, state: AppState, request: Request) -> Response {
        match self {
            Self::Introspection => match ClientRequest::from_request(request, &state).await {
                Ok(request) => introspect::introspect(State(state), request).await,
                Err(refusal) => refusal,
            },
            Self::Token => Box::pin(with_cors(state, request)).await,
        }
    }
}

async fn with_cors(state: AppState, request: Request) -> Response {
    let issue = service_fn(|request| {
        let state = state.clone();
        async move {
            Ok::<_, Infallible>(match FormRequest::from_request(request, &state).await {
                Ok(request) => token::issue(State(state), request).await,
                Err(refusal) => refusal,
            })
        }
    });
    match CORS.layer(issue).call(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::audit::NOT_AUDITED;

    #[test]
    fn what_goes_straight_has_no_entries_to_miss() {
        for endpoint in [Straight::Introspection, Straight::Token] {
            let listed = |door: &&crate::http::audit::NotAudited| {
                (door.method, door.route) == ("POST", endpoint.route())
            };
            assert!(NOT_AUDITED.iter().any(|door| listed(&door)), "{endpoint:?}");
        }
    }

    #[test]
    fn other_methods_and_paths_go_the_long_way() {
        let of = |method: &str, uri: &str| {
            let request = http::Request::builder().method(method).uri(uri);
            Straight::of(&request.body(()).unwrap())
        };
        assert_eq!(of("POST", "/oauth2/introspect"), Some(Straight::Introspection));
        assert_eq!(of("POST", "/oauth2/token?x=y"), Some(Straight::Token));
        for (method, uri) in [
            ("GET", "/oauth2/introspect"),
            ("OPTIONS", "/oauth2/token"),
            ("POST", "/oauth2/token/"),
            ("POST", "/oauth2/revoke"),
        ] {
            assert_eq!(of(method, uri), None, "{method} {uri}");
        }
    }
}
