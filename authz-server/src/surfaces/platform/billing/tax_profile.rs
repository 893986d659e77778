//! `/auth/billing/tax-profile`: what an account says of itself for its invoices.

use axum::extract::{Extension, State};
use axum::response::Response;
use domain::billing::{TaxProfileChange, TaxProfileError};
use http::StatusCode;
use model::Ctx;
use model::billing::tax::{State as Place, TaxProfile};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::app::AppState;
use crate::surfaces::Failure;
use crate::surfaces::acting::Acting;
use crate::surfaces::answer::private;
use crate::surfaces::body::Body;

const PROFILE: &str = "billing:tax-profile";

/// For invoices that are written from now on; those that are there stay as they are.
#[derive(Serialize, ToSchema)]
#[schema(as = platform::TaxProfile)]
pub struct TaxProfileBody {
    /// The number the account is registered for GST by.
    #[schema(example = "27AAPFU0939F1ZV")]
    gstin: Option<String>,
    /// As it stands on invoices; `null` when nothing was said.
    #[schema(example = "Umbrella Traders")]
    legal_name: Option<String>,
    /// Lines, with `\n` between them.
    #[schema(example = "14 Marine Drive\nMumbai 400020")]
    address: Option<String>,
    /// Two digits: where what is bought is used. The GSTIN's state when there is one.
    #[schema(example = "27")]
    state_code: Option<String>,
    #[schema(example = "Maharashtra")]
    state: Option<&'static str>,
}

impl From<TaxProfile> for TaxProfileBody {
    fn from(profile: TaxProfile) -> Self {
        Self {
            gstin: profile.gstin.map(|gstin| gstin.to_string()),
            legal_name: profile.legal_name,
            address: Some(profile.address.join("\n")).filter(|address| !address.is_empty()),
            state_code: profile.state.map(|state| state.to_string()),
            state: profile.state.map(Place::name),
        }
    }
}

/// Members that are not named stay; null clears.
#[derive(Deserialize, ToSchema)]
pub struct TaxProfileWish {
    /// Checked with its check digit; of a regular taxpayer. It brings its state along.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, example = "27AAPFU0939F1ZV")]
    gstin: Option<Option<String>>,
    /// At most 200 characters.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, example = "Umbrella Traders")]
    legal_name: Option<Option<String>>,
    /// At most 6 lines of 100 characters.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, example = "14 Marine Drive\nMumbai 400020")]
    address: Option<Option<String>>,
    /// Two digits; `96` for places outside India. Must be the GSTIN's when there is one.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, example = "27")]
    state_code: Option<Option<String>>,
}

/// A member that is null is not one that is missing.
fn given<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(from).map(Some)
}

impl From<TaxProfileWish> for TaxProfileChange {
    fn from(wish: TaxProfileWish) -> Self {
        Self {
            gstin: wish.gstin,
            legal_name: wish.legal_name,
            address: wish.address,
            state_code: wish.state_code,
        }
    }
}

/// The tax profile; nulls before anything was said.
///
/// Action `billing:View` on `tax-profile`.
#[utoipa::path(get, path = "/billing/tax-profile", tag = "platform", operation_id = "billing_tax_profile",
    security(("bearer" = [])), responses((status = 200, body = TaxProfileBody)))]
pub async fn show(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    acting: Acting,
) -> Result<Response, Failure> {
    let permit = acting.permit(&state, &ctx, "billing:View", PROFILE).await?;
    let profile = state.authority.tax_profile(&permit).await?;
    Ok(private(StatusCode::OK, &TaxProfileBody::from(profile)))
}

/// Change the tax profile: members that are not named stay, null clears.
///
/// Action `billing:UpdateTaxProfile` on `tax-profile`. Invoices that are there stay as they are.
#[utoipa::path(patch, path = "/billing/tax-profile", tag = "platform", operation_id = "billing_update_tax_profile",
    request_body = TaxProfileWish, security(("bearer" = [])), responses((status = 200, body = TaxProfileBody)))]
pub async fn change(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    acting: Acting,
    Body(wish): Body<TaxProfileWish>,
) -> Result<Response, Failure> {
    let permit = acting
        .permit(&state, &ctx, "billing:UpdateTaxProfile", PROFILE)
        .await?;
    let changed = state.authority.update_tax_profile(&ctx, &permit, wish.into());
    Ok(private(StatusCode::OK, &TaxProfileBody::from(changed.await?)))
}

impl From<TaxProfileError> for Failure {
    fn from(error: TaxProfileError) -> Self {
        match error {
            TaxProfileError::Invalid(problems) => Self::invalid_fields(problems),
            TaxProfileError::Fault(fault) => fault.into(),
        }
    }
}
