//! The doors of `/api/auth` that browsers are led through: to GitHub, back, and on to the web console. And GitHub's events.
//! Refuses to speak JSON: that is the surfaces' business.

mod front_end;
mod github;
mod github_app;
mod webhook;

pub(crate) use github_app::code as github_app_code;

use axum::Router;
use oauth::params::ParamLimits;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::AppState;

/// Of the addresses that browsers come back to.
const LIMITS: ParamLimits = ParamLimits {
    total_len: 8 * 1024,
    fields: 20,
    value_len: 4 * 1024,
    repeatable: &[],
};

/// Where GitHub posts.
pub(crate) const EVENTS: &str = "/api/auth/github-app/webhook";

/// What browsers are led through; counted like the rest of the surface.
pub fn for_browsers() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(github::start))
        .routes(routes!(github::callback))
        .routes(routes!(github::add_account))
        .routes(routes!(github_app::callback))
}

/// What GitHub posts: signed, and never counted, since it does not try again.
pub fn events() -> Router<AppState> {
    for_github().split_for_parts().0
}

/// The same with its description.
pub fn for_github() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(webhook::take))
}
