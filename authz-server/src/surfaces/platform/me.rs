//! `GET /auth/me`

use axum::extract::{Extension, State};
use axum::response::Response;
use http::StatusCode;
use model::Ctx;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::surfaces::answer::private;
use crate::surfaces::caller::Signed;
use crate::surfaces::{Failure, time};

#[derive(Serialize, ToSchema)]
pub struct MeBody {
    /// `root` for the owner of an account.
    #[schema(example = "root")]
    r#type: &'static str,
    id: String,
    /// Twelve digits.
    #[schema(example = "123456789012")]
    account_id: String,
    #[schema(example = "ada@example.com")]
    email: String,
    name: Option<String>,
    /// The account's name in policies.
    #[schema(example = "arn:authz:iam::123456789012:root")]
    arn: String,
    two_factor_enabled: bool,
    email_verified: bool,
    /// Groups of the account; an owner is in none.
    #[schema(example = json!([]))]
    groups: Vec<String>,
    created_at: String,
}

/// Who is signed in.
///
/// The account behind the token; its owner has the type `root`.
#[utoipa::path(get, path = "/me", tag = "platform", operation_id = "platform_me", security(("bearer" = [])),
    responses((status = 200, body = MeBody)))]
pub async fn me(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Signed { user, .. }: Signed,
) -> Result<Response, Failure> {
    let account_id = state.authority.account_number(&ctx, user.id).await?.to_string();
    let factors = state.authority.second_factor_state(user.id).await?;
    let body = MeBody {
        r#type: "root",
        id: user.id.to_string(),
        arn: format!("arn:authz:iam::{account_id}:root"),
        account_id,
        email: user.email.to_string(),
        name: user.profile.name.clone(),
        two_factor_enabled: factors.is_on(),
        email_verified: user.email_verified_at.is_some(),
        groups: Vec::new(),
        created_at: time::rfc3339(user.created_at),
    };
    Ok(private(StatusCode::OK, &body))
}
