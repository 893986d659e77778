//! `/v1`: two documents on one base path; one answers plainly, the other in an envelope.
//! Refuses to mix them: each operation answers as its own document shows.

mod administrator;
mod envelope;
mod login;
mod logout;
mod me;
mod refresh;
mod register;
mod user_administration;
mod user_list;
mod users_me;
mod wire;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::AppState;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(register::register))
        .routes(routes!(login::log_in))
        .routes(routes!(refresh::refresh))
        .routes(routes!(logout::log_out))
        .routes(routes!(me::me))
        .routes(routes!(users_me::read))
        .routes(routes!(user_list::list))
        .routes(routes!(user_list::list_as_admin, user_administration::create))
        .routes(routes!(
            user_administration::read,
            user_administration::change,
            user_administration::delete
        ))
}
