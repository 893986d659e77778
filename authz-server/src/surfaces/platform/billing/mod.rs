//! `/auth/billing`: what an account has, pays and owes.
//! Amounts are whole numbers of minor units, never floats.

mod failure;
mod overview;
mod spreadsheet;
mod topup;
mod transactions;
mod webhook;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::AppState;

/// What a policy calls the account's money.
const WALLET: &str = "billing:wallet";

/// Where the payment gateway posts.
pub const EVENTS: &str = "/auth/billing/webhooks/razorpay";

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(overview::show))
        .routes(routes!(transactions::list))
        .routes(routes!(topup::open))
        .routes(routes!(topup::confirm))
        .routes(routes!(topup::read))
}

/// What the payment gateway posts: signed, and never counted.
pub fn events() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(webhook::take))
}
