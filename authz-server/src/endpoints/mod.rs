//! The endpoints of the RFCs: parse, call one capability, present.
//! Refuses rules: those are in `domain`; wire forms are in `oauth`.

mod answer;
mod audit_reports;
mod authorize;
mod authorize_response;
mod authzen;
mod bearer_token;
mod check;
mod client_request;
mod consent;
mod entitled;
mod introspect;
mod jwks;
pub mod leaked_keys;
mod logout;
mod metadata;
mod register;
mod revocations;
mod revoke;
pub mod shown;
mod straight;
mod token;
mod told;
mod usage_reports;
mod userinfo;
mod validity;

pub use answer::{DPOP_ALGORITHMS, REALM};
pub use straight::Straight;

use axum::Router;
use axum::routing::{get, post};
use http::{HeaderName, Method, header};
use tower_http::cors::{Any, CorsLayer};

use crate::app::AppState;

/// Sent along by clients of the Model Context Protocol, also when they ask for metadata.
const MCP_VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
const DPOP: HeaderName = HeaderName::from_static(oauth::dpop::HEADER);
const DPOP_NONCE: HeaderName = HeaderName::from_static(oauth::dpop::NONCE_HEADER);

pub fn router() -> Router<AppState> {
    Router::new()
        .merge(open_to_scripts())
        .merge(browser())
        .merge(services())
}

/// What scripts of any origin may call; credentials of the browser are never sent along (S09).
fn open_to_scripts() -> Router<AppState> {
    Router::new()
        .route("/.well-known/openid-configuration", get(metadata::show))
        .route("/.well-known/oauth-authorization-server", get(metadata::show))
        .route("/oauth2/jwks", get(jwks::show))
        .route(Straight::Token.route(), post(token::issue))
        .route("/oauth2/revoke", post(revoke::revoke))
        .route("/oauth2/register", post(register::register))
        .route(
            "/oauth2/register/{id}",
            get(register::read).put(register::update).delete(register::delete),
        )
        .route("/oauth2/userinfo", get(userinfo::by_get).post(userinfo::by_post))
        .layer(cors())
}

fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE, DPOP, MCP_VERSION])
        .expose_headers([header::WWW_AUTHENTICATE, DPOP_NONCE])
}

/// Where people's browsers go; never CORS.
fn browser() -> Router<AppState> {
    Router::new()
        .route(
            "/oauth2/authorize",
            get(authorize::by_get).post(authorize::by_post),
        )
        .route("/oauth2/authorize/resume", get(authorize::resume))
        .route("/oauth2/authorize/cancel", get(authorize::cancel))
        .route("/consent", get(consent::show).post(consent::submit))
        .route("/oauth2/logout", get(logout::by_get).post(logout::by_post))
        .route("/oauth2/logout/confirm", post(logout::confirm))
        .route("/logout", get(logout::by_get))
}

/// What services call.
fn services() -> Router<AppState> {
    Router::new()
        .route(Straight::Introspection.route(), post(introspect::introspect))
        .route("/revocations", get(revocations::read))
        .route("/audit/reports", post(audit_reports::take))
        .route("/usage/reports", post(usage_reports::take))
        .route("/check", get(check::own).post(check::asked))
        .route("/.well-known/authzen-configuration", get(authzen::metadata))
        .route(authzen::ONE, post(authzen::one))
        .route(authzen::MANY, post(authzen::many))
}
