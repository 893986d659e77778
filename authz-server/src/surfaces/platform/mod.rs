//! `/auth`: identity of the platform.
//! Snake case, no envelope around success.

mod email;
mod iam;
mod login;
mod me;
mod password;
mod refresh;
mod register;
mod wire;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::AppState;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(register::register))
        .routes(routes!(login::log_in))
        .routes(routes!(login::verify))
        .routes(routes!(refresh::refresh))
        .routes(routes!(password::forgot))
        .routes(routes!(password::reset))
        .routes(routes!(email::verify))
        .routes(routes!(email::resend))
        .routes(routes!(me::me))
        .merge(iam::router())
}
