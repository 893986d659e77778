//! The JSON surfaces: five published documents on four base paths, doors into the capabilities that pages and OAuth use too.
//! Refuses rules; a surface differs from its neighbours in paths, field names and envelopes only.

mod acting;
mod answer;
mod api_keys;
mod body;
mod browser;
mod caller;
mod console;
mod credential;
mod description;
mod envelope;
mod exceeded;
mod failure;
mod federation;
mod forgotten;
mod idempotency;
mod limits;
mod own_account;
mod page;
mod platform;
mod query;
mod second_step;
mod sign_in;
mod time;
mod tokens;
mod v1;

use axum::{Router, middleware};
use http::{HeaderName, Method, header};
use tower_http::cors::{Any, CorsLayer};
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;

pub use credential::Presented;
pub use envelope::Surface;
pub use failure::Failure;
pub use platform::billing::EVENTS as GATEWAY_EVENTS;

use crate::app::AppState;
use crate::config::LimitsConfig;
use crate::http::rate_limit::KeyLimits;
use crate::redirects;
use limits::SurfaceLimits;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Account API",
        description = "Sign-in, accounts, keys and what belongs to them, on four base paths with one set of accounts behind \
                       them: a token from one works at all. Errors have one body everywhere. Lists take `page` and `limit`. \
                       POST requests that create take an `Idempotency-Key`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    tags(
        (name = "platform", description = "`/auth`: identity of the platform."),
        (name = "tokens", description = "`/api`: sign-in and API tokens with maps of scopes."),
        (name = "console", description = "`/api/auth`: the web console and its command line."),
        (name = "v1", description = "`/v1`: sessions, users, API keys.")
    )
)]
struct Description;

/// Every route of the surfaces, with their description.
pub fn router(state: &AppState, limits: &LimitsConfig) -> Router<AppState> {
    let (routes, mut described) = routes().split_for_parts();
    described.merge(events());
    let limits = SurfaceLimits::new(limits, state.key_limits.clone());
    let document = description::document(&described, &state.authority.settings.issuer, &limits);
    let idempotent = middleware::from_fn_with_state(state.clone(), idempotency::idempotent);
    let present = middleware::from_fn_with_state((state.clone(), limits.clone()), credential::present);
    routes
        .layer(idempotent)
        .layer(middleware::from_fn_with_state(limits, limits::limited))
        .layer(present)
        .layer(cors())
        .merge(platform::billing::events().split_for_parts().0)
        .merge(description::router(&document))
}

/// What the surfaces of a server at `issuer` say of themselves (OpenAPI 3.1).
pub fn openapi(issuer: &str, limits: &LimitsConfig) -> serde_json::Value {
    let (_, mut described) = routes().split_for_parts();
    described.merge(events());
    let limits = SurfaceLimits::new(limits, KeyLimits::default());
    description::document(&described, issuer, &limits)
}

fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(Description::openapi())
        .nest("/auth", platform::router())
        .nest("/api", tokens::router())
        .nest("/api/auth", console::router())
        .nest("/v1", v1::router())
        .merge(redirects::for_browsers())
}

/// Described with the others; mounted apart, since nothing of this counts on a limit.
fn events() -> utoipa::openapi::OpenApi {
    redirects::for_github()
        .merge(platform::billing::events())
        .into_openapi()
}

/// Scripts of any origin may call: what they send is a token that they hold, never the browser's own credentials (S09).
fn cors() -> CorsLayer {
    let header = HeaderName::from_static;
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header("x-api-key"),
            header("x-account-id"),
            header("x-request-id"),
            header("idempotency-key"),
        ])
        .expose_headers([
            header::WWW_AUTHENTICATE,
            header::RETRY_AFTER,
            header::LINK,
            header("x-request-id"),
            header("x-total-count"),
            header("x-ratelimit-limit"),
            header("x-ratelimit-remaining"),
            header("x-ratelimit-reset"),
            header("ratelimit"),
            header("ratelimit-policy"),
            header("idempotent-replayed"),
        ])
}
