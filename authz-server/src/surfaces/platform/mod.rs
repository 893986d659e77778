//! `/auth`: identity of the platform.
//! Snake case, no envelope around success.

mod audit;
mod email;
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
        .routes(routes!(audit::list))
        .routes(routes!(audit::export))
}
