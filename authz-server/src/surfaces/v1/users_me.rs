//! `/v1/users/me`: one's own account.
//! Refuses API keys: they manage no accounts.

use axum::extract::{Extension, State};
use axum::response::Response;
use domain::people::OwnChanges;
use http::StatusCode;
use model::{Ctx, PlainSecret};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::envelope::{Enveloped, enveloped};
use super::wire::UserBody;
use crate::app::AppState;
use crate::surfaces::body::{Body, OptionalBody};
use crate::surfaces::caller::Signed;
use crate::surfaces::second_step::Shown;
use crate::surfaces::{Failure, time};

/// What is left out stays; `null` removes.
#[derive(Deserialize, ToSchema)]
#[schema(as = v1::ChangeMe)]
pub struct ChangeBody {
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    company: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    username: Option<String>,
    /// Counts once the mail to it was answered.
    email: Option<String>,
    /// For a new address, unless the sign-in was just now.
    #[schema(format = Password)]
    password: Option<String>,
    /// With it, where the sign-in was spared the second step.
    totp_code: Option<String>,
}

/// `null` is an empty text, which is how forms say it.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Some(Option::deserialize(deserializer)?.unwrap_or_default()))
}

#[derive(Deserialize, Default, ToSchema)]
#[schema(as = v1::DeleteMe)]
pub struct DeleteBody {
    /// Not needed within five minutes of a sign-in.
    #[schema(format = Password)]
    password: Option<String>,
    /// With it, where the sign-in was spared the second step.
    totp_code: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = v1::Deletion)]
pub struct DeletionBody {
    /// What was done.
    #[schema(example = "deletion_scheduled")]
    status: &'static str,
    /// Whether the account is to be erased.
    pending: bool,
    requested_at: Option<String>,
    /// When the account is erased unless that is cancelled before.
    scheduled_for: Option<String>,
}

/// Who is signed in.
///
/// The account behind the token, in an envelope.
#[utoipa::path(get, path = "/users/me", tag = "v1", operation_id = "v1_read_me", security(("bearer" = [])),
    responses((status = 200, body = Enveloped<UserBody>)))]
pub async fn read(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Signed { user, .. }: Signed,
) -> Result<Response, Failure> {
    let user = UserBody::of(&state, &ctx, &user).await?;
    Ok(enveloped(&ctx, StatusCode::OK, user))
}

/// Change what the account says.
///
/// What is left out stays; `null` removes a name, company or user name. A new address counts once the mail to it
/// was answered.
#[utoipa::path(patch, path = "/users/me", tag = "v1", operation_id = "v1_change_me", security(("bearer" = [])),
    request_body = ChangeBody, responses((status = 200, body = Enveloped<UserBody>)))]
pub async fn change(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Signed { user, session }: Signed,
    Body(body): Body<ChangeBody>,
) -> Result<Response, Failure> {
    let changes = OwnChanges {
        name: body.name,
        company: body.company,
        username: body.username,
        email: body.email,
        password: body.password.map(|password| PlainSecret::new(&password)),
        code: body.totp_code,
    };
    let who = (&user, &session);
    let changed = state.authority.change_own_account(&ctx, who, changes).await?;
    let mut user = UserBody::of(&state, &ctx, &changed.user).await?;
    user.pending_email = changed.pending_email.map(|email| email.to_string());
    Ok(enveloped(&ctx, StatusCode::OK, user))
}

/// Ask for the account to be erased after the time of grace. A mail tells how to cancel.
#[utoipa::path(delete, path = "/users/me", tag = "v1", operation_id = "v1_delete_me", security(("bearer" = [])),
    request_body = DeleteBody, responses((status = 200, body = Enveloped<DeletionBody>)))]
pub async fn delete(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Signed { user, session }: Signed,
    OptionalBody(body): OptionalBody<DeleteBody>,
) -> Result<Response, Failure> {
    let shown = Shown::new(body.password, body.totp_code);
    let authority = &state.authority;
    authority
        .request_deletion_with(&ctx, (&user, &session), shown.presence())
        .await?;
    let deletion = authority.pending_deletion(&user).await?;
    let body = DeletionBody {
        status: "deletion_scheduled",
        pending: deletion.is_some(),
        requested_at: deletion
            .as_ref()
            .map(|deletion| time::rfc3339(deletion.requested_at)),
        scheduled_for: deletion.map(|deletion| time::rfc3339(deletion.scheduled_for)),
    };
    Ok(enveloped(&ctx, StatusCode::OK, body))
}
