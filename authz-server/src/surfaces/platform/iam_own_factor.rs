//! `/auth/iam/me/mfa`: the authenticator app of an IAM user.
//! Refuses people, access keys, and to show a seed or codes twice.

use axum::extract::{Extension, State};
use axum::response::Response;
use http::StatusCode;
use model::{Ctx, PlainSecret};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::wire::StatusBody;
use crate::app::AppState;
use crate::pages::qr;
use crate::surfaces::answer::private;
use crate::surfaces::body::{Body, OptionalBody};
use crate::surfaces::caller::SignedIam;
use crate::surfaces::second_step::{Shown, code_refused};
use crate::surfaces::{Failure, time};

/// What the user has.
#[derive(Serialize, ToSchema)]
pub struct IamMfaBody {
    /// Whether signing in takes a code.
    #[schema(example = false)]
    enabled: bool,
    /// `totp`, or null for none.
    #[schema(example = "totp")]
    r#type: Option<&'static str>,
    /// Since when, in UTC; `null` for none.
    #[schema(example = "2026-11-21T12:29:10Z")]
    enabled_at: Option<String>,
    /// How many were not used yet.
    #[schema(example = 10)]
    backup_codes_left: i64,
}

#[derive(Deserialize, Default, ToSchema)]
pub struct SetUpIamMfaBody {
    /// Needed where a second factor is on already.
    #[schema(format = Password)]
    password: Option<String>,
    /// With it, where the sign-in did without one.
    #[schema(example = "123456")]
    code: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct IamSeedBody {
    /// In base32, for typing.
    #[schema(example = "JBSWY3DPEHPK3PXP")]
    secret: String,
    /// For the picture that an app scans.
    #[schema(
        example = "otpauth://totp/Example:deploy.bot%40123456789012?secret=JBSWY3DPEHPK3PXP&issuer=Example"
    )]
    otpauth_url: String,
    /// The same as a picture.
    #[schema(example = "<svg xmlns=\"http://www.w3.org/2000/svg\"/>")]
    qr_code_svg: Option<String>,
}

#[derive(Deserialize, ToSchema)]
pub struct IamCodeBody {
    /// Six digits from the app.
    #[serde(alias = "otp")]
    #[schema(example = "123456")]
    code: String,
}

#[derive(Serialize, ToSchema)]
pub struct IamMfaEnabledBody {
    /// Always `true` here.
    #[schema(example = true)]
    enabled: bool,
    /// Each gets in once. Shown this once.
    #[schema(example = json!(["k7q2-m9xd"]))]
    backup_codes: Vec<String>,
}

#[derive(Deserialize, ToSchema)]
pub struct DisableIamMfaBody {
    #[schema(format = Password)]
    password: String,
    /// Six digits from the app, or a backup code.
    #[serde(alias = "otp")]
    #[schema(example = "123456")]
    code: String,
}

/// The IAM user's own second factor.
///
/// Whether signing in takes a code, and how many backup codes are left. It is separate from the root user's.
#[utoipa::path(get, path = "/iam/me/mfa", tag = "platform", operation_id = "platform_iam_mfa",
    security(("bearer" = [])), responses((status = 200, body = IamMfaBody)))]
pub async fn state(
    State(state): State<AppState>,
    SignedIam { user, .. }: SignedIam,
) -> Result<Response, Failure> {
    let has = state.authority.second_factor_state(user.id).await?;
    let body = IamMfaBody {
        enabled: has.is_on(),
        r#type: has.totp_since.map(|_| "totp"),
        enabled_at: has.totp_since.map(time::rfc3339),
        backup_codes_left: has.backup_codes_left,
    };
    Ok(private(StatusCode::OK, &body))
}

/// A fresh secret for an authenticator app.
///
/// What is on stays on until the first code enables the new one. Replacing takes the password.
#[utoipa::path(post, path = "/iam/me/mfa/setup", tag = "platform", operation_id = "platform_iam_mfa_setup",
    security(("bearer" = [])), request_body = SetUpIamMfaBody, responses((status = 200, body = IamSeedBody)))]
pub async fn set_up(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    SignedIam { user, session }: SignedIam,
    OptionalBody(body): OptionalBody<SetUpIamMfaBody>,
) -> Result<Response, Failure> {
    let shown = Shown::new(body.password, body.code);
    let authority = &state.authority;
    authority
        .begin_totp(&ctx, (&user, &session), shown.presence())
        .await?;
    let seed = authority.totp_setup(&ctx, &user, state.brand.name()).await?;
    let seed = seed.ok_or_else(|| Failure::conflict("conflict", "Another setup was begun meanwhile."))?;
    let body = IamSeedBody {
        secret: seed.secret.expose().to_owned(),
        otpauth_url: seed.address.expose().to_owned(),
        qr_code_svg: qr::svg(seed.address.expose()),
    };
    Ok(private(StatusCode::OK, &body))
}

/// Turn the second factor on with the app's first code.
///
/// From now on signing in takes a code. The answer shows the backup codes, this once.
#[utoipa::path(post, path = "/iam/me/mfa/enable", tag = "platform", operation_id = "platform_iam_mfa_enable",
    security(("bearer" = [])), request_body = IamCodeBody, responses((status = 200, body = IamMfaEnabledBody)))]
pub async fn enable(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    SignedIam { user, session }: SignedIam,
    Body(body): Body<IamCodeBody>,
) -> Result<Response, Failure> {
    let confirmed = state
        .authority
        .confirm_totp(&ctx, (&user, &session), &body.code)
        .await;
    let (backup_codes, _) = confirmed.map_err(code_refused)?;
    let body = IamMfaEnabledBody {
        enabled: true,
        backup_codes,
    };
    Ok(private(StatusCode::OK, &body))
}

/// Turn the second factor off.
///
/// It takes the password and a code. Everything that is signed in elsewhere is signed out.
#[utoipa::path(post, path = "/iam/me/mfa/disable", tag = "platform", operation_id = "platform_iam_mfa_disable",
    security(("bearer" = [])), request_body = DisableIamMfaBody, responses((status = 200, body = StatusBody)))]
pub async fn disable(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    SignedIam { user, session }: SignedIam,
    Body(body): Body<DisableIamMfaBody>,
) -> Result<Response, Failure> {
    let password = PlainSecret::new(&body.password);
    let authority = &state.authority;
    authority
        .turn_totp_off(&ctx, (&user, &session), (&password, &body.code))
        .await?;
    Ok(private(StatusCode::OK, &StatusBody::OK))
}

/// Make new backup codes.
///
/// It takes a code of the app; the backup codes before work no more.
#[utoipa::path(post, path = "/iam/me/mfa/backup-codes", tag = "platform",
    operation_id = "platform_iam_mfa_backup_codes", security(("bearer" = [])), request_body = IamCodeBody,
    responses((status = 200, body = IamMfaEnabledBody)))]
pub async fn renew_codes(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    SignedIam { user, .. }: SignedIam,
    Body(body): Body<IamCodeBody>,
) -> Result<Response, Failure> {
    let renewed = state.authority.renew_backup_codes(&ctx, &user, &body.code).await;
    let body = IamMfaEnabledBody {
        enabled: true,
        backup_codes: renewed.map_err(code_refused)?,
    };
    Ok(private(StatusCode::OK, &body))
}
