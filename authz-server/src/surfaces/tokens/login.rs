//! `POST /api/login`
//! Refuses to give a refresh token, for which its document has no place: the one token lives longer.

use axum::extract::{Extension, State};
use axum::response::Response;
use domain::oauth::{FirstParty, Renewal};
use http::StatusCode;
use model::Ctx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::wire::PersonBody;
use crate::app::AppState;
use crate::surfaces::Failure;
use crate::surfaces::answer::private;
use crate::surfaces::body::Body;
use crate::surfaces::sign_in::{self, Credentials};

#[derive(Deserialize, ToSchema)]
#[schema(as = tokens::Login)]
pub struct LoginBody {
    /// User name or email address.
    #[schema(example = "ada")]
    username: String,
    #[schema(format = Password)]
    password: String,
    /// A code from the app or a backup code, where two steps are on.
    totp_code: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = tokens::SignedIn)]
pub struct SignedInBody {
    #[serde(flatten)]
    person: PersonBody,
    /// A JWT (RFC 9068).
    token: String,
}

/// Sign in with user name or email address, and password.
///
/// The token lives twelve hours and is not renewed. With two steps on and no code, 401 `mfa_required` with
/// `details.pending_token`.
#[utoipa::path(post, path = "/login", tag = "tokens", operation_id = "tokens_login",
    request_body = LoginBody, responses((status = 200, body = SignedInBody)))]
pub async fn log_in(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Body(body): Body<LoginBody>,
) -> Result<Response, Failure> {
    let given = Credentials {
        identifier: body.username,
        password: body.password,
        code: body.totp_code,
    };
    let signed_in = sign_in::by_password(&state, &ctx, given).await?.complete()?;
    let door = (FirstParty::Tokens, Renewal::Never);
    let tokens = sign_in::tokens(&state, &ctx, door, &signed_in).await?;
    let body = SignedInBody {
        person: PersonBody::from(&signed_in.user),
        token: tokens.access_token.expose().to_owned(),
    };
    Ok(private(StatusCode::OK, &body))
}
