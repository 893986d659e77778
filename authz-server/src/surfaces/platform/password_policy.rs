//! `/auth/account/password-policy`: what an account asks of its users' passwords.
//! Refuses figures out of range; the root user keeps the server's own rules.

use axum::extract::{Extension, State};
use axum::response::Response;
use http::StatusCode;
use model::Ctx;
use model::password_rules::PasswordRules;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::AppState;
use crate::surfaces::Failure;
use crate::surfaces::acting::Acting;
use crate::surfaces::answer::private;
use crate::surfaces::body::Body;

const POLICY: &str = "iam:password-policy";

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct PasswordPolicyBody {
    /// Characters, 8 to 128.
    #[schema(example = 12)]
    min_length: u32,
    /// Whether there must be a capital letter.
    #[schema(example = true)]
    require_uppercase: bool,
    /// Whether there must be a small letter.
    #[schema(example = true)]
    require_lowercase: bool,
    /// Whether there must be a digit.
    #[schema(example = true)]
    require_number: bool,
    /// Whether there must be a symbol.
    #[schema(example = false)]
    require_symbol: bool,
    /// Days after which a password has to be changed, at most 1095; 0: never.
    #[schema(example = 90)]
    max_age_days: u32,
    /// How many passwords back, the present one among them, may not be taken again; at most 24.
    #[schema(example = 5)]
    prevent_reuse: u32,
    /// Whether only an administrator can replace a password that is too old.
    #[schema(example = false)]
    hard_expiry: bool,
}

impl Default for PasswordPolicyBody {
    fn default() -> Self {
        PasswordRules::default().into()
    }
}

impl From<PasswordRules> for PasswordPolicyBody {
    fn from(rules: PasswordRules) -> Self {
        Self {
            min_length: rules.min_length,
            require_uppercase: rules.require_uppercase,
            require_lowercase: rules.require_lowercase,
            require_number: rules.require_number,
            require_symbol: rules.require_symbol,
            max_age_days: rules.max_age_days,
            prevent_reuse: rules.prevent_reuse,
            hard_expiry: rules.hard_expiry,
        }
    }
}

impl From<PasswordPolicyBody> for PasswordRules {
    fn from(body: PasswordPolicyBody) -> Self {
        Self {
            min_length: body.min_length,
            require_uppercase: body.require_uppercase,
            require_lowercase: body.require_lowercase,
            require_number: body.require_number,
            require_symbol: body.require_symbol,
            max_age_days: body.max_age_days,
            prevent_reuse: body.prevent_reuse,
            hard_expiry: body.hard_expiry,
        }
    }
}

/// The rules for passwords in the account.
///
/// What holds by default, where the account has set none. The root user keeps the server's own rules.
#[utoipa::path(get, path = "/account/password-policy", tag = "platform", operation_id = "platform_password_policy",
    security(("bearer" = [])), responses((status = 200, body = PasswordPolicyBody)))]
pub async fn read(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    acting: Acting,
) -> Result<Response, Failure> {
    let permit = acting
        .permit(&state, &ctx, "iam:GetAccountPasswordPolicy", POLICY)
        .await?;
    let rules = state.authority.password_rules(permit.account()).await?;
    Ok(private(StatusCode::OK, &PasswordPolicyBody::from(rules)))
}

/// Set the rules for passwords in the account.
///
/// They count for every password that is set from now on; a member that is left out takes its default. A shorter age counts
/// for passwords in use, too.
#[utoipa::path(put, path = "/account/password-policy", tag = "platform",
    operation_id = "platform_set_password_policy", security(("bearer" = [])), request_body = PasswordPolicyBody,
    responses((status = 200, body = PasswordPolicyBody)))]
pub async fn replace(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    acting: Acting,
    Body(body): Body<PasswordPolicyBody>,
) -> Result<Response, Failure> {
    let permit = acting
        .permit(&state, &ctx, "iam:UpdateAccountPasswordPolicy", POLICY)
        .await?;
    let rules = PasswordRules::from(body);
    let problems = rules.problems();
    if !problems.is_empty() {
        let fields = problems
            .into_iter()
            .map(|(field, words)| (field, words.to_owned()));
        return Err(Failure::invalid_fields(fields));
    }
    state.authority.set_password_rules(&ctx, &permit, rules).await?;
    Ok(private(StatusCode::OK, &PasswordPolicyBody::from(rules)))
}
