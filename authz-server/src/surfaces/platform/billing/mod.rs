//! `/auth/billing`: what an account has, pays and owes.
//! Amounts are whole numbers of minor units, never floats.

mod accept;
mod autopay;
mod autopay_body;
mod failure;
mod invoice_body;
mod invoices;
mod overview;
mod plans;
mod spreadsheet;
mod subscription;
mod subscription_command;
mod tax_profile;
mod topup;
mod transactions;
mod webhook;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use overview::OverviewBody;
pub use transactions::{TransactionBody, kind};

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
        .merge(recurring())
}

fn recurring() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(
            autopay::show,
            autopay::create,
            autopay::change,
            autopay::cancel
        ))
        .routes(routes!(autopay::set_up))
        .routes(routes!(autopay::activate))
        .routes(routes!(plans::list))
        .routes(routes!(subscription::show, subscription::subscribe))
        .routes(routes!(subscription::list, subscription::create))
        .routes(routes!(subscription::read, subscription_command::change))
        .routes(routes!(subscription_command::cancel))
        .routes(routes!(subscription_command::pause))
        .routes(routes!(subscription_command::resume))
        .routes(routes!(subscription_command::confirm))
}

/// What the payment gateway posts: signed, and never counted.
pub fn events() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(webhook::take))
}
