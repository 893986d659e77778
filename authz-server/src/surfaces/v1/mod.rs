//! `/v1`: everything in an envelope, but for what an older document shows without.
//! Snake case inside of it.

mod administrator;
mod envelope;
mod user_administration;
mod user_list;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::AppState;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(user_list::list))
        .routes(routes!(user_list::list_as_admin, user_administration::create))
        .routes(routes!(
            user_administration::read,
            user_administration::change,
            user_administration::delete
        ))
}
