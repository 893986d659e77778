//! `POST /v1/auth/logout`
//! Refuses to end what is not the caller's own.

use axum::extract::{Extension, State};
use axum::response::Response;
use http::StatusCode;
use model::Ctx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::envelope::{Enveloped, enveloped};
use crate::app::AppState;
use crate::surfaces::Failure;
use crate::surfaces::body::OptionalBody;
use crate::surfaces::caller::Signed;

#[derive(Deserialize, Default, ToSchema)]
#[schema(as = v1::Logout)]
pub struct LogoutBody {
    /// One of another of the caller's sign-ins, to end that as well. Those of this sign-in end in any case.
    refresh_token: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = v1::Revoked)]
pub struct RevokedBody {
    /// That it has ended.
    #[schema(example = true)]
    pub revoked: bool,
}

/// End the session and every token of it.
///
/// Access tokens die at once here, at the proxies and at `/check`. With `refresh_token` another sign-in of the
/// caller ends, too.
#[utoipa::path(post, path = "/auth/logout", tag = "v1", operation_id = "v1_logout",
    security(("bearer" = [])), request_body = LogoutBody,
    responses((status = 200, body = Enveloped<RevokedBody>)))]
pub async fn log_out(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Signed { user, session }: Signed,
    OptionalBody(body): OptionalBody<LogoutBody>,
) -> Result<Response, Failure> {
    let also = body.refresh_token.as_deref();
    state.authority.sign_out(&ctx, (&user, session.id), also).await?;
    Ok(enveloped(&ctx, StatusCode::OK, RevokedBody { revoked: true }))
}
