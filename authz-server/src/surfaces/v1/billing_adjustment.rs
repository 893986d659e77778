//! `POST /v1/admin/billing/accounts/{account}/credits` and `/debits`: what operators book by hand.
//! Refuses what the command line refuses: no reason, no reference, something else under it, more than the wallet has.

use axum::extract::{Extension, Path, State};
use axum::response::Response;
use domain::billing::{AdjustError, Adjustment};
use http::StatusCode;
use model::Ctx;
use model::audit::Actor;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::administrator::{May, WriteBilling, not_administrator};
use super::billing_administration::{parse_account, unknown};
use super::envelope::{Enveloped, enveloped};
use crate::app::AppState;
use crate::surfaces::Failure;
use crate::surfaces::body::Body;

/// What is to be given.
#[derive(Deserialize, ToSchema)]
#[schema(as = v1::AdminCredit)]
pub struct CreditWish {
    /// In minor units of the deployment's currency: a whole number.
    #[schema(example = 11_800, minimum = 1)]
    amount: i64,
    /// Why, in one line. The account's people read it.
    #[schema(example = "Goodwill for the outage of 20 November")]
    reason: String,
    /// A name of your own for it, such as a ticket's: what is sent again under the same one is booked once.
    #[schema(example = "ticket-4711")]
    reference: String,
}

/// What is to be taken.
#[derive(Deserialize, ToSchema)]
#[schema(as = v1::AdminDebit)]
pub struct DebitWish {
    /// In minor units of the deployment's currency: a whole number.
    #[schema(example = 11_800, minimum = 1)]
    amount: i64,
    /// Why, in one line. The account's people read it.
    #[schema(example = "Credited too much")]
    reason: String,
    /// A name of your own for it, such as a ticket's: what is sent again under the same one is booked once.
    #[schema(example = "ticket-4712")]
    reference: String,
    /// Also when the wallet has less.
    #[serde(default)]
    #[schema(example = false)]
    below_zero: bool,
}

/// What was booked, and what the wallet has with it.
#[derive(Serialize, ToSchema)]
#[schema(as = v1::Adjusted)]
pub struct AdjustedBody {
    /// The account's number.
    #[schema(example = "123456789012")]
    account_id: String,
    /// What it did to the wallet, in minor units: below zero when something was taken.
    #[schema(example = 11_800)]
    wallet_change: i64,
    /// What the wallet has now, in minor units.
    #[schema(example = 11_800)]
    balance: i64,
    /// Of the amounts.
    #[schema(example = "INR")]
    currency: String,
    /// The name that it was booked under.
    #[schema(example = "ticket-4711")]
    reference: String,
    /// False when it was booked before.
    #[schema(example = true)]
    is_new: bool,
}

/// Give an account something.
///
/// For administrators, and keys with `admin:billing:write`. What is sent again under the same `reference` is booked once (200);
/// something else under it is 409 `reference_taken`. The account's people see the reason.
#[utoipa::path(post, path = "/admin/billing/accounts/{account}/credits", tag = "v1", operation_id = "v1_admin_credit",
    params(("account" = String, Path, description = "The account's number, twelve digits.", example = "123456789012")),
    security(("bearer" = []), ("apiKey" = [])), request_body = CreditWish,
    responses((status = 201, body = Enveloped<AdjustedBody>)))]
pub async fn credit(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(account): Path<String>,
    May { by, .. }: May<WriteBilling>,
    Body(wish): Body<CreditWish>,
) -> Result<Response, Failure> {
    let adjustment = wish.adjustment(&account, by)?;
    adjust(&state, &ctx, adjustment).await
}

/// Take something from an account.
///
/// For administrators, and keys with `admin:billing:write`. As a credit; what the wallet has not is taken with `below_zero`
/// alone, else it is 409 `insufficient_balance`.
#[utoipa::path(post, path = "/admin/billing/accounts/{account}/debits", tag = "v1", operation_id = "v1_admin_debit",
    params(("account" = String, Path, description = "The account's number, twelve digits.", example = "123456789012")),
    security(("bearer" = []), ("apiKey" = [])), request_body = DebitWish,
    responses((status = 201, body = Enveloped<AdjustedBody>)))]
pub async fn debit(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(account): Path<String>,
    May { by, .. }: May<WriteBilling>,
    Body(wish): Body<DebitWish>,
) -> Result<Response, Failure> {
    let entry = CreditWish {
        amount: wish.amount,
        reason: wish.reason,
        reference: wish.reference,
    };
    let given = entry.adjustment(&account, by)?;
    let adjustment = Adjustment {
        minor: given.minor.saturating_neg(),
        below_zero: wish.below_zero,
        ..given
    };
    adjust(&state, &ctx, adjustment).await
}

impl CreditWish {
    fn adjustment(self, account: &str, by: Actor) -> Result<Adjustment, Failure> {
        // Below zero it would be the other one of the two.
        if self.amount < 1 {
            return Err(AdjustError::Amount.into());
        }
        Ok(Adjustment {
            account: parse_account(account)?,
            minor: self.amount,
            reason: self.reason,
            reference: self.reference,
            below_zero: false,
            by,
        })
    }
}

async fn adjust(state: &AppState, ctx: &Ctx, adjustment: Adjustment) -> Result<Response, Failure> {
    let (account, minor) = (adjustment.account.to_string(), adjustment.minor);
    let reference = adjustment.reference.clone();
    let adjusted = state.authority.adjust_wallet(ctx, adjustment).await?;
    let status = match adjusted.is_new {
        true => StatusCode::CREATED,
        false => StatusCode::OK,
    };
    let body = AdjustedBody {
        account_id: account,
        wallet_change: minor,
        balance: adjusted.balance,
        currency: state.authority.settings.billing.currency.to_string(),
        reference,
        is_new: adjusted.is_new,
    };
    Ok(enveloped(ctx, status, body))
}

/// The command line's words as a sentence.
pub(super) fn sentence(said: &str) -> String {
    let mut letters = said.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).chain(['.']).collect()
}

impl From<AdjustError> for Failure {
    fn from(error: AdjustError) -> Self {
        let said = error.to_string();
        match error {
            AdjustError::NotAdministrator => not_administrator(),
            AdjustError::NoSuchAccount => unknown(),
            AdjustError::Amount => Self::invalid_field("amount", said),
            AdjustError::Reason => Self::invalid_field("reason", said),
            AdjustError::Reference => Self::invalid_field("reference", said),
            AdjustError::ReferenceTaken => Self::conflict("reference_taken", sentence(&said)),
            AdjustError::Short { balance } => {
                Self::conflict("insufficient_balance", sentence(&said)).with("balance", json!(balance))
            }
            AdjustError::Fault(fault) => fault.into(),
        }
    }
}
