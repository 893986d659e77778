//! `/api/auth`: the web console and its command line.
//! Camel case, no envelope around success.

mod avatar;
mod cli_tokens;
mod deletion;
mod download;
mod github_accounts;
mod github_app;
mod me;
mod milestones;
mod password;
mod preferences;
mod rotation;
mod service_token;
mod session;
mod wire;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::AppState;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(session::register))
        .routes(routes!(session::log_in))
        .routes(routes!(session::log_out))
        .routes(routes!(session::refresh))
        .routes(routes!(password::forgot))
        .routes(routes!(password::reset))
        .routes(routes!(me::me))
        .routes(routes!(milestones::complete_onboarding))
        .routes(routes!(milestones::complete_tour))
        .routes(routes!(github_accounts::list))
        .routes(routes!(github_accounts::set_active))
        .routes(routes!(github_accounts::unlink))
        .routes(routes!(preferences::show, preferences::replace))
        .routes(routes!(avatar::upload))
        .routes(routes!(download::create_token))
        .routes(routes!(download::export))
        .routes(routes!(deletion::status))
        .routes(routes!(deletion::request))
        .routes(routes!(deletion::cancel))
        .routes(routes!(cli_tokens::list, cli_tokens::create))
        .routes(routes!(cli_tokens::revoke))
        .routes(routes!(cli_tokens::rotate))
        .routes(routes!(service_token::exchange))
        .routes(routes!(rotation::status))
        .routes(routes!(rotation::quota))
        .routes(routes!(github_app::install))
        .routes(routes!(github_app::list))
        .routes(routes!(github_app::set_active))
        .routes(routes!(github_app::sync))
        .routes(routes!(github_app::uninstall))
}
