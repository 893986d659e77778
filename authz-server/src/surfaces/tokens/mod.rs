//! `/api`: sign-in and tokens with scope maps.
//! Snake case, no envelope around success, times in epoch seconds.

mod api_tokens;
mod login;
mod logout;
mod session;
mod wire;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::AppState;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(login::log_in))
        .routes(routes!(session::session))
        .routes(routes!(logout::log_out))
        .routes(routes!(api_tokens::create, api_tokens::list))
        .routes(routes!(api_tokens::revoke))
        .routes(routes!(api_tokens::rotate))
        .routes(routes!(api_tokens::check))
}
