//! `/auth/billing`: what an account has, pays and owes.
//! Amounts are whole numbers of minor units, never floats.

mod accept;
mod failure;
mod invoice_body;
mod invoice_file;
mod invoices;
mod overview;
mod spreadsheet;
mod tax_profile;
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
        .routes(routes!(tax_profile::show, tax_profile::change))
        .routes(routes!(invoices::list))
        .routes(routes!(invoices::show))
}

/// What the payment gateway posts: signed, and never counted.
pub fn events() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(webhook::take))
}
