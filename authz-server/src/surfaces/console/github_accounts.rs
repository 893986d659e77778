//! `/api/auth/github/accounts`: the GitHub accounts of a user.

use axum::extract::{Extension, Path, State};
use axum::response::Response;
use domain::federation::UnlinkError;
use http::StatusCode;
use model::Ctx;
use model::linked_account::LinkedAccount;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::wire::StatusBody;
use crate::app::AppState;
use crate::surfaces::answer::private;
use crate::surfaces::body::Body;
use crate::surfaces::caller::Signed;
use crate::surfaces::{Failure, time};

/// What the provider is called in the configuration.
pub(super) const GITHUB: &str = "github";

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GithubAccount {
    #[schema(example = "12345")]
    github_id: String,
    /// What the account is called at GitHub.
    #[schema(example = "octocat")]
    login: Option<String>,
    name: Option<String>,
    avatar: Option<String>,
    /// The one that is used where one has to be chosen.
    active: bool,
    linked_at: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ActiveAccount {
    #[schema(example = "12345")]
    github_id: String,
}

impl From<LinkedAccount> for GithubAccount {
    fn from(account: LinkedAccount) -> Self {
        Self {
            active: account.is_active(),
            github_id: account.subject,
            login: account.login,
            name: account.name,
            avatar: account.avatar,
            linked_at: time::rfc3339(account.linked_at),
        }
    }
}

/// The linked GitHub accounts, oldest first.
///
/// Those that somebody signs in with, and those that they have added.
#[utoipa::path(get, path = "/github/accounts", tag = "console", operation_id = "console_github_accounts",
    security(("bearer" = [])), responses((status = 200, body = Vec<GithubAccount>)))]
pub async fn list(State(state): State<AppState>, Signed { user, .. }: Signed) -> Result<Response, Failure> {
    let linked = state.authority.linked_accounts(user.id).await?;
    let accounts = linked.into_iter().filter(|account| account.provider == GITHUB);
    let accounts: Vec<GithubAccount> = accounts.map(GithubAccount::from).collect();
    Ok(private(StatusCode::OK, &accounts))
}

/// Use this account where one has to be chosen.
///
/// It must be one of the caller's own.
#[utoipa::path(post, path = "/github/accounts/active", tag = "console", operation_id = "console_set_active_github_account",
    security(("bearer" = [])), request_body = ActiveAccount, responses((status = 200, body = GithubAccount)))]
pub async fn set_active(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Signed { user, .. }: Signed,
    Body(body): Body<ActiveAccount>,
) -> Result<Response, Failure> {
    let which = (GITHUB, body.github_id.as_str());
    let account = state
        .authority
        .activate_linked_account(&ctx, user.id, which)
        .await?;
    Ok(private(StatusCode::OK, &GithubAccount::from(account)))
}

/// Unlink an account; its tokens end at GitHub, too.
///
/// It must be one of the caller's own.
#[utoipa::path(delete, path = "/github/accounts/{githubId}", tag = "console", operation_id = "console_unlink_github_account",
    params(("githubId" = String, Path)), security(("bearer" = [])), responses((status = 200, body = StatusBody)))]
pub async fn unlink(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(github_id): Path<String>,
    Signed { user, .. }: Signed,
) -> Result<Response, Failure> {
    let which = (GITHUB, github_id.as_str());
    state.authority.unlink_account(&ctx, user.id, which).await?;
    Ok(private(StatusCode::OK, &StatusBody::OK))
}

impl From<UnlinkError> for Failure {
    fn from(error: UnlinkError) -> Self {
        match error {
            UnlinkError::NotFound => Self::not_found("There is no such linked account."),
            UnlinkError::OnlyWayIn => Self::conflict(
                "only_way_to_sign_in",
                "This is the only way to sign in to the account. Set a password or link another account first.",
            ),
            UnlinkError::Fault(fault) => fault.into(),
        }
    }
}
