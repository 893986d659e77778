//! `GET /auth/accounts` and `PATCH /auth/account`: the accounts somebody may act in, and the name of one.
//! Refuses to tell of any other.

use axum::extract::{Extension, OriginalUri, State};
use axum::response::Response;
use domain::teams::RenameError;
use http::StatusCode;
use model::Ctx;
use model::team::{Account, AccountName, Seat};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::team::{ABSENT, part, seated};
use crate::app::AppState;
use crate::surfaces::Failure;
use crate::surfaces::acting::Acting;
use crate::surfaces::answer::private;
use crate::surfaces::body::Body;
use crate::surfaces::caller::Signed;
use crate::surfaces::page::Page;

/// An account the caller may act in.
#[derive(Serialize, ToSchema)]
pub struct SeatBody {
    /// Twelve digits, for the header `X-Account-Id`.
    #[schema(example = "123456789012")]
    id: String,
    /// Its name, or its root user's.
    #[schema(example = "Acme")]
    name: String,
    /// What the caller is there.
    #[schema(example = "owner")]
    role: &'static str,
}

#[derive(Deserialize, ToSchema)]
pub struct RenameBody {
    /// One line of up to 64 characters; `null` to call the account after its root user.
    #[schema(example = "Acme")]
    name: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct AccountBody {
    #[schema(example = "123456789012")]
    id: String,
    /// Its name, or its root user's.
    #[schema(example = "Acme")]
    name: String,
}

impl From<&Seat> for SeatBody {
    fn from(seat: &Seat) -> Self {
        Self {
            id: seat.account.id.to_string(),
            name: seat.account.title.clone(),
            role: seat.role.as_str(),
        }
    }
}

impl From<Account> for AccountBody {
    fn from(account: Account) -> Self {
        Self {
            id: account.id.to_string(),
            name: account.title,
        }
    }
}

/// The accounts the caller may act in, their own first.
///
/// One is chosen with the header `X-Account-Id`.
#[utoipa::path(get, path = "/accounts", tag = "platform", operation_id = "platform_accounts",
    params(Page), security(("bearer" = [])), responses((status = 200, body = Vec<SeatBody>)))]
pub async fn list(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Signed { user, .. }: Signed,
    page: Page,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Failure> {
    let (seats, total) = state.authority.list_seats(&ctx, user.id, part(page)).await?;
    let body: Vec<SeatBody> = seats.iter().map(SeatBody::from).collect();
    let total = u64::try_from(total).unwrap_or(0);
    Ok(page.describe(private(StatusCode::OK, &body), &uri, total))
}

/// Name the account. The name is shown to those who are invited into it.
///
/// Action `account:Update` on the account.
#[utoipa::path(patch, path = "/account", tag = "platform", operation_id = "platform_update_account",
    request_body = RenameBody, security(("bearer" = [])), responses((status = 200, body = AccountBody)))]
pub async fn update(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    acting: Acting,
    Body(body): Body<RenameBody>,
) -> Result<Response, Failure> {
    let seated = seated(&acting, &state, &ctx, ("account:Update", "iam:root")).await?;
    let name = body.name.map(|name| name.parse::<AccountName>()).transpose();
    let name = name.map_err(|error| Failure::invalid_field("name", error.to_string()))?;
    let account = state.authority.rename_account(&ctx, &seated, name).await?;
    Ok(private(StatusCode::OK, &AccountBody::from(account)))
}

impl From<RenameError> for Failure {
    fn from(error: RenameError) -> Self {
        match error {
            RenameError::NotFound => Self::not_found(ABSENT),
            RenameError::Fault(fault) => fault.into(),
        }
    }
}
