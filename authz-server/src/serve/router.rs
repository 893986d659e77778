//! Every route of the public listener, in one place.
//! Adds no behaviour: the frame goes around it, the handlers are elsewhere.

use axum::Router;

use crate::{
    admin::{self, Readiness},
    app::AppState,
    config::LimitsConfig,
    endpoints, pages, redirects, surfaces,
};

/// Health, static files, and what the doors of the server add.
pub(super) fn public(readiness: Readiness, state: AppState, limits: &LimitsConfig) -> Router {
    let doors = Router::<AppState>::new()
        .merge(endpoints::router())
        .merge(pages::router())
        .merge(redirects::events())
        .merge(surfaces::router(&state, limits));
    doors
        .with_state(state)
        .merge(admin::public_health(readiness))
        .merge(pages::asset::router())
}
