//! `POST /v1/auth/2fa/setup`, `verify` and `disable`
//! Refuses API keys, and to show a seed or codes twice.

use axum::extract::{Extension, State};
use axum::response::Response;
use http::StatusCode;
use model::{Ctx, PlainSecret};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::AppState;
use crate::pages::qr;
use crate::surfaces::Failure;
use crate::surfaces::answer::private;
use crate::surfaces::body::{Body, OptionalBody};
use crate::surfaces::caller::Signed;
use crate::surfaces::second_step::{Shown, code_refused};

#[derive(Deserialize, Default, ToSchema)]
#[schema(as = v1::SetUp2fa)]
pub struct SetUpBody {
    /// Needed where a second step is on already.
    #[schema(format = Password)]
    password: Option<String>,
    /// With it, where the sign-in was spared the second step.
    totp_code: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = v1::SetUp2faAnswer)]
pub struct SeedBody {
    /// In base32, for typing.
    #[schema(example = "JBSWY3DPEHPK3PXP")]
    secret: String,
    /// For the picture that an app scans.
    #[schema(example = "otpauth://totp/Example:ada%40example.com?secret=JBSWY3DPEHPK3PXP&issuer=Example")]
    qr_code_url: String,
    /// The same as a picture.
    #[schema(example = "<svg xmlns=\"http://www.w3.org/2000/svg\"/>")]
    qr_code_svg: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[schema(as = v1::Verify2fa)]
pub struct VerifyBody {
    /// Six digits from the app.
    #[schema(example = "123456")]
    code: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = v1::Enabled2fa)]
pub struct EnabledBody {
    #[schema(example = "2fa_enabled")]
    message_code: &'static str,
    /// Each gets in once. Shown this once.
    backup_codes: Vec<String>,
}

#[derive(Deserialize, ToSchema)]
#[schema(as = v1::Disable2fa)]
pub struct DisableBody {
    #[schema(format = Password)]
    password: String,
    /// Six digits from the app, or a backup code.
    #[schema(example = "123456")]
    code: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = v1::Disabled2fa)]
pub struct DisabledBody {
    #[schema(example = "2fa_disabled")]
    message_code: &'static str,
}

/// A fresh secret for an authenticator app. Nothing changes until its first code is verified.
#[utoipa::path(post, path = "/auth/2fa/setup", tag = "v1", operation_id = "v1_2fa_setup", security(("bearer" = [])),
    request_body = SetUpBody, responses((status = 200, body = SeedBody)))]
pub async fn set_up(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Signed { user, session }: Signed,
    OptionalBody(body): OptionalBody<SetUpBody>,
) -> Result<Response, Failure> {
    let shown = Shown::new(body.password, body.totp_code);
    let authority = &state.authority;
    authority
        .begin_totp(&ctx, (&user, &session), shown.presence())
        .await?;
    let seed = authority.totp_setup(&ctx, &user, state.brand.name()).await?;
    let seed = seed.ok_or_else(|| Failure::conflict("conflict", "Another setup was begun meanwhile."))?;
    let body = SeedBody {
        secret: seed.secret.expose().to_owned(),
        qr_code_url: seed.address.expose().to_owned(),
        qr_code_svg: qr::svg(seed.address.expose()),
    };
    Ok(private(StatusCode::OK, &body))
}

/// The app's first code: from now on signing in takes one. A mail tells its owner.
#[utoipa::path(post, path = "/auth/2fa/verify", tag = "v1", operation_id = "v1_2fa_verify", security(("bearer" = [])),
    request_body = VerifyBody, responses((status = 200, body = EnabledBody)))]
pub async fn verify(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Signed { user, session }: Signed,
    Body(body): Body<VerifyBody>,
) -> Result<Response, Failure> {
    let confirmed = state
        .authority
        .confirm_totp(&ctx, (&user, &session), &body.code)
        .await;
    let (backup_codes, _) = confirmed.map_err(code_refused)?;
    let message_code = "2fa_enabled";
    let body = EnabledBody {
        message_code,
        backup_codes,
    };
    Ok(private(StatusCode::OK, &body))
}

/// Take the app away. Everything that is signed in elsewhere is signed out.
#[utoipa::path(post, path = "/auth/2fa/disable", tag = "v1", operation_id = "v1_2fa_disable",
    security(("bearer" = [])), request_body = DisableBody, responses((status = 200, body = DisabledBody)))]
pub async fn disable(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Signed { user, session }: Signed,
    Body(body): Body<DisableBody>,
) -> Result<Response, Failure> {
    let password = PlainSecret::new(&body.password);
    let authority = &state.authority;
    authority
        .turn_totp_off(&ctx, (&user, &session), (&password, &body.code))
        .await?;
    let message_code = "2fa_disabled";
    Ok(private(StatusCode::OK, &DisabledBody { message_code }))
}
