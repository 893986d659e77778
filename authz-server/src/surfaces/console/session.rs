//! `POST /api/auth/register`, `login`, `refresh` and `logout`

use axum::extract::{Extension, State};
use axum::response::Response;
use domain::oauth::{FirstParty, Renewal};
use domain::people::{Registered, SignedIn};
use http::StatusCode;
use model::Ctx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::wire::{StatusBody, TokenPair};
use crate::app::AppState;
use crate::surfaces::Failure;
use crate::surfaces::answer::private;
use crate::surfaces::body::{Body, OptionalBody};
use crate::surfaces::caller::Signed;
use crate::surfaces::sign_in::{self, Credentials};

#[derive(Deserialize, ToSchema)]
pub struct ConsoleRegister {
    #[schema(example = "user@example.com")]
    email: String,
    /// At least 8 characters, and none of the usual ones.
    #[schema(example = "vexing plum orbit", format = Password)]
    password: String,
    name: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConsoleLogin {
    #[schema(example = "user@example.com")]
    email: String,
    #[schema(format = Password)]
    password: String,
    /// A code from the app or a backup code, when a second step is on.
    totp_code: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConsoleRefresh {
    refresh_token: String,
}

#[derive(Deserialize, Default, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConsoleLogout {
    /// Of another sign-in of the same user, which ends too.
    refresh_token: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct ConsoleSignedIn {
    #[serde(flatten)]
    tokens: TokenPair,
    user: ConsoleUser,
}

#[derive(Serialize, ToSchema)]
pub struct ConsoleUser {
    id: String,
    email: String,
    #[schema(example = "user")]
    role: &'static str,
}

/// Where the operator wants addresses confirmed first, this is the answer for every address, taken or not.
#[derive(Serialize, ToSchema)]
pub struct ConsoleConfirm {
    /// That a mail was sent.
    #[schema(example = "verification_required")]
    status: &'static str,
    email: String,
}

async fn signed_in(state: &AppState, ctx: &Ctx, who: &SignedIn) -> Result<ConsoleSignedIn, Failure> {
    let door = (FirstParty::Console, Renewal::Refreshing);
    let tokens = sign_in::tokens(state, ctx, door, who).await?;
    let user = ConsoleUser {
        id: who.user.id.to_string(),
        email: who.user.email.to_string(),
        role: who.user.role.as_str(),
    };
    let tokens = tokens.into();
    Ok(ConsoleSignedIn { tokens, user })
}

/// Create an account.
///
/// Where addresses are confirmed first, the answer is 202 for every address, taken or not, and a mail says how to
/// go on.
#[utoipa::path(post, path = "/register", tag = "console", operation_id = "console_register",
    request_body = ConsoleRegister,
    responses((status = 201, body = ConsoleSignedIn), (status = 202, body = ConsoleConfirm)))]
pub async fn register(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Body(body): Body<ConsoleRegister>,
) -> Result<Response, Failure> {
    let email = body.email.clone();
    match sign_in::register(&state, &ctx, (body.email, body.name, &body.password)).await? {
        Registered::SignedIn(who) => {
            let body = signed_in(&state, &ctx, &who).await?;
            Ok(private(StatusCode::CREATED, &body))
        }
        Registered::ConfirmEmail(_) => {
            let status = "verification_required";
            Ok(private(StatusCode::ACCEPTED, &ConsoleConfirm { status, email }))
        }
    }
}

/// Sign in with email and password. With a second step on and no code sent, 401 `mfa_required`.
#[utoipa::path(post, path = "/login", tag = "console", operation_id = "console_login",
    request_body = ConsoleLogin, responses((status = 200, body = ConsoleSignedIn)))]
pub async fn log_in(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Body(body): Body<ConsoleLogin>,
) -> Result<Response, Failure> {
    let given = Credentials {
        identifier: body.email,
        password: body.password,
        code: body.totp_code,
    };
    let who = sign_in::by_password(&state, &ctx, given).await?.complete()?;
    let body = signed_in(&state, &ctx, &who).await?;
    Ok(private(StatusCode::OK, &body))
}

/// The next pair of tokens. A refresh token works once; used again later, it ends the sign-in it came from.
#[utoipa::path(post, path = "/refresh", tag = "console", operation_id = "console_refresh",
    request_body = ConsoleRefresh, responses((status = 200, body = TokenPair)))]
pub async fn refresh(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Body(body): Body<ConsoleRefresh>,
) -> Result<Response, Failure> {
    let tokens = state
        .authority
        .refresh_first_party(&ctx, &body.refresh_token)
        .await?;
    Ok(private(StatusCode::OK, &TokenPair::from(tokens)))
}

/// Sign out: the session and all its tokens end, at every service at once.
///
/// With `refreshToken` another sign-in of the same user ends, too.
#[utoipa::path(post, path = "/logout", tag = "console", operation_id = "console_logout", security(("bearer" = [])),
    request_body = ConsoleLogout, responses((status = 200, body = StatusBody)))]
pub async fn log_out(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Signed { user, session }: Signed,
    OptionalBody(body): OptionalBody<ConsoleLogout>,
) -> Result<Response, Failure> {
    let also = body.refresh_token.as_deref();
    state.authority.sign_out(&ctx, (&user, session.id), also).await?;
    Ok(private(StatusCode::OK, &StatusBody::OK))
}
