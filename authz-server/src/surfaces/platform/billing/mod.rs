//! `/auth/billing`: what an account has, pays and owes.
//! Amounts are whole numbers of minor units, never floats.

mod overview;
mod spreadsheet;
mod transactions;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::AppState;

/// What a policy calls the account's money.
const WALLET: &str = "billing:wallet";

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(overview::show))
        .routes(routes!(transactions::list))
}
