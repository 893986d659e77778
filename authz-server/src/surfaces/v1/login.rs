//! `POST /v1/auth/login`
//! Refuses a body that belongs to neither document, naming what each would need.

use axum::extract::{Extension, State};
use axum::response::Response;
use domain::people::SignedIn;
use http::StatusCode;
use model::Ctx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::wire::{self, PersonBody};
use crate::app::AppState;
use crate::surfaces::Failure;
use crate::surfaces::answer::private;
use crate::surfaces::body::Body;
use crate::surfaces::sign_in::{self, Credentials};

#[derive(Deserialize, ToSchema)]
#[schema(as = v1::Login)]
pub struct LoginBody {
    #[schema(example = "ada@example.com")]
    email: String,
    #[schema(format = Password)]
    password: String,
    /// A code from the app or a backup code, where two steps are on.
    totp_code: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = v1::SignedIn)]
pub struct SignedInBody {
    /// A JWT (RFC 9068).
    token: String,
    /// Good for one use.
    refresh_token: Option<String>,
    user: SignedInUser,
}

#[derive(Serialize, ToSchema)]
#[schema(as = v1::SignedInUser)]
pub struct SignedInUser {
    #[serde(flatten)]
    person: PersonBody,
    two_factor_enabled: bool,
}

/// Sign in with email address and password.
#[utoipa::path(post, path = "/auth/login", tag = "v1", operation_id = "v1_login",
    request_body = LoginBody, responses((status = 200, body = SignedInBody)))]
pub async fn log_in(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Body(body): Body<LoginBody>,
) -> Result<Response, Failure> {
    let given = Credentials {
        identifier: body.email,
        password: body.password,
        code: body.totp_code,
    };
    let signed_in = sign_in::by_password(&state, &ctx, given).await?.complete()?;
    answer(&state, &ctx, &signed_in).await
}

async fn answer(state: &AppState, ctx: &Ctx, signed_in: &SignedIn) -> Result<Response, Failure> {
    let tokens = wire::tokens(state, ctx, signed_in).await?;
    let factors = state.authority.second_factor_state(signed_in.user.id).await?;
    let body = SignedInBody {
        token: tokens.access_token.expose().to_owned(),
        refresh_token: tokens.refresh_token.map(|token| token.expose().to_owned()),
        user: SignedInUser {
            person: PersonBody::from(&signed_in.user),
            two_factor_enabled: factors.is_on(),
        },
    };
    Ok(private(StatusCode::OK, &body))
}
