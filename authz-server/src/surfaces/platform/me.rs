//! `GET /auth/me`
//! Refuses API keys and applications: nobody is signed in with those.

use axum::extract::{Extension, State};
use axum::response::Response;
use domain::Caller;
use http::StatusCode;
use model::Ctx;
use model::iam::{AccountId, IamUser};
use model::user::User;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::surfaces::answer::private;
use crate::surfaces::{Failure, Presented, time};

#[derive(Serialize, ToSchema)]
pub struct MeBody {
    /// `root` for the owner of an account, `member` for a person in an account of others, `iam` for an IAM user.
    #[schema(example = "root")]
    r#type: &'static str,
    id: String,
    /// Twelve digits: the account that the token acts in.
    #[schema(example = "123456789012")]
    account_id: String,
    /// Of a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "ada@example.com")]
    email: Option<String>,
    /// Of an IAM user.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "deploy.bot")]
    username: Option<String>,
    name: Option<String>,
    /// The name in policies.
    #[schema(example = "arn:authz:iam::123456789012:root")]
    arn: String,
    two_factor_enabled: bool,
    email_verified: bool,
    /// The IAM user's groups; people are in none.
    #[schema(example = json!([]))]
    groups: Vec<String>,
    created_at: String,
}

/// Who is signed in.
///
/// The person or IAM user behind the token, and the account that it acts in.
#[utoipa::path(get, path = "/me", tag = "platform", operation_id = "platform_me", security(("bearer" = [])),
    responses((status = 200, body = MeBody)))]
pub async fn me(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Extension(presented): Extension<Presented>,
) -> Result<Response, Failure> {
    let body = match presented.live()? {
        Caller::Session { user, token, .. } => {
            let own = state.authority.account_number(&ctx, user.id).await?;
            let acting = token.account.as_ref().map_or(&own, |account| &account.id);
            person(&state, user, (&own, acting)).await?
        }
        // Also a program with an access key: it may know whose it is.
        Caller::Iam { user, .. } => iam_user(&state, user).await?,
        Caller::Application { .. } => return Err(Failure::session_required()),
    };
    Ok(private(StatusCode::OK, &body))
}

async fn person(
    state: &AppState,
    user: &User,
    (own, acting): (&AccountId, &AccountId),
) -> Result<MeBody, Failure> {
    let factors = state.authority.second_factor_state(user.id).await?;
    let (kind, arn) = match own == acting {
        true => ("root", own.root_arn()),
        false => ("member", format!("arn:authz:team::{acting}:member/{}", user.id)),
    };
    Ok(MeBody {
        r#type: kind,
        id: user.id.to_string(),
        account_id: acting.to_string(),
        email: Some(user.email.to_string()),
        username: None,
        name: user.profile.name.clone(),
        arn,
        two_factor_enabled: factors.is_on(),
        email_verified: user.email_verified_at.is_some(),
        groups: Vec::new(),
        created_at: time::rfc3339(user.created_at),
    })
}

async fn iam_user(state: &AppState, user: &IamUser) -> Result<MeBody, Failure> {
    let factors = state.authority.second_factor_state(user.id).await?;
    Ok(MeBody {
        r#type: "iam",
        id: user.id.to_string(),
        account_id: user.account_id.to_string(),
        email: None,
        username: Some(user.name.to_string()),
        name: Some(user.name.to_string()),
        arn: user.arn(),
        two_factor_enabled: factors.is_on(),
        email_verified: false,
        groups: state.authority.groups_of(user.id).await?,
        created_at: time::rfc3339(user.created_at),
    })
}
