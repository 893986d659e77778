//! `/api/auth/github-app/…`: the installations of our app at GitHub.

use axum::extract::{Extension, Path, State};
use axum::response::Response;
use domain::github_app::GithubAppError;
use http::StatusCode;
use model::Ctx;
use model::github_app::LinkedInstallation;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::wire::StatusBody;
use crate::app::AppState;
use crate::surfaces::answer::private;
use crate::surfaces::body::Body;
use crate::surfaces::caller::Signed;
use crate::surfaces::{Failure, Presented};

#[derive(Serialize, ToSchema)]
pub struct InstallUrl {
    /// Where the app is installed, good for an hour.
    #[schema(
        example = "https://github.com/apps/octo-app/installations/new?state=az_0123",
        format = "uri"
    )]
    url: String,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InstallationBody {
    /// Its number at GitHub.
    #[schema(example = 4711)]
    installation_id: i64,
    /// The person or organization.
    #[schema(example = "octo-org")]
    account: String,
    /// `all` or `selected`.
    #[schema(example = "selected")]
    repository_selection: &'static str,
    /// The one that is used.
    active: bool,
    /// Those that it reaches.
    repositories: Vec<RepositoryBody>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RepositoryBody {
    /// Its number at GitHub.
    #[schema(example = 1_296_269)]
    id: i64,
    /// Owner and name.
    #[schema(example = "octo-org/octo-repo")]
    full_name: String,
    /// Whether it is hidden from the public.
    private: bool,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ActiveInstallation {
    /// Its number at GitHub, or the same in a text.
    #[schema(example = 4711)]
    installation_id: Number,
}

/// A number, or the same in a text.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
enum Number {
    Number(i64),
    Text(String),
}

impl Number {
    fn value(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.parse().ok(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct SyncedBody {
    /// How many repositories there are.
    #[schema(example = 12)]
    synced: usize,
}

impl From<LinkedInstallation> for InstallationBody {
    fn from(linked: LinkedInstallation) -> Self {
        let active = linked.is_active();
        let repositories = linked.repositories.into_iter().map(|repository| RepositoryBody {
            id: repository.id,
            full_name: repository.full_name,
            private: repository.private,
        });
        Self {
            installation_id: linked.installation.id,
            account: linked.installation.account,
            repository_selection: linked.installation.selection.as_str(),
            active,
            repositories: repositories.collect(),
        }
    }
}

/// Where to install the app. With a credential the installation becomes the caller's.
#[utoipa::path(get, path = "/github-app/install", tag = "console", operation_id = "console_github_app_install",
    security((), ("bearer" = [])), responses((status = 200, body = InstallUrl)))]
pub async fn install(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Extension(presented): Extension<Presented>,
) -> Result<Response, Failure> {
    let user = presented.user().map(|user| user.id);
    let url = state.authority.github_app_install_url(&ctx, user)?.to_string();
    Ok(private(StatusCode::OK, &InstallUrl { url }))
}

/// The caller's installations, oldest first.
///
/// Each with the repositories that it reaches.
#[utoipa::path(get, path = "/github-app/installations", tag = "console", operation_id = "console_github_app_installations",
    security(("bearer" = [])), responses((status = 200, body = Vec<InstallationBody>)))]
pub async fn list(State(state): State<AppState>, Signed { user, .. }: Signed) -> Result<Response, Failure> {
    let linked = state.authority.github_installations(user.id).await?;
    let body: Vec<InstallationBody> = linked.into_iter().map(InstallationBody::from).collect();
    Ok(private(StatusCode::OK, &body))
}

/// Use this installation.
///
/// It must be one of the caller's own.
#[utoipa::path(post, path = "/github-app/set-active", tag = "console", operation_id = "console_set_active_installation",
    security(("bearer" = [])), request_body = ActiveInstallation, responses((status = 200, body = InstallationBody)))]
pub async fn set_active(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Signed { user, .. }: Signed,
    Body(body): Body<ActiveInstallation>,
) -> Result<Response, Failure> {
    let id = body.installation_id.value();
    let id = id.ok_or_else(|| Failure::invalid_field("installationId", "must be a number"))?;
    let linked = state
        .authority
        .activate_github_installation(&ctx, user.id, id)
        .await?;
    Ok(private(StatusCode::OK, &InstallationBody::from(linked)))
}

/// Ask GitHub again which repositories the active installation reaches.
///
/// Answers 409 when no installation is active, and 503 when GitHub is not available.
#[utoipa::path(post, path = "/github-app/sync-repos", tag = "console", operation_id = "console_sync_repositories",
    security(("bearer" = [])), responses((status = 200, body = SyncedBody)))]
pub async fn sync(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Signed { user, .. }: Signed,
) -> Result<Response, Failure> {
    let synced = state.authority.sync_github_repositories(&ctx, user.id).await?;
    Ok(private(StatusCode::OK, &SyncedBody { synced }))
}

/// End the installation, at GitHub and here.
///
/// It must be one of the caller's own.
#[utoipa::path(delete, path = "/github-app/installations/{installationId}", tag = "console",
    operation_id = "console_uninstall_github_app", params(("installationId" = String, Path)),
    security(("bearer" = [])), responses((status = 200, body = StatusBody)))]
pub async fn uninstall(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(installation_id): Path<String>,
    Signed { user, .. }: Signed,
) -> Result<Response, Failure> {
    let id = installation_id
        .parse()
        .map_err(|_| Failure::from(GithubAppError::NotFound))?;
    state.authority.uninstall_github_app(&ctx, user.id, id).await?;
    Ok(private(StatusCode::OK, &StatusBody::OK))
}

impl From<GithubAppError> for Failure {
    fn from(error: GithubAppError) -> Self {
        let code = crate::redirects::github_app_code(&error);
        match error {
            GithubAppError::NotConfigured => {
                Self::new(StatusCode::NOT_FOUND, code, "No GitHub App is configured here.")
            }
            GithubAppError::NotFound => {
                Self::new(StatusCode::NOT_FOUND, code, "There is no such installation.")
            }
            GithubAppError::StateInvalid => Self::new(
                StatusCode::BAD_REQUEST,
                code,
                "This visit did not begin here, or took too long.",
            ),
            GithubAppError::SignInFirst => Self::unauthorized(),
            GithubAppError::NoGithubAccount => Self::conflict(code, "Link a GitHub account first."),
            GithubAppError::AccountEnded => Self::conflict(
                code,
                "GitHub does not stand by the linked account any more. Please link it again.",
            ),
            GithubAppError::NoneActive => Self::conflict(code, "No installation is active."),
            GithubAppError::Suspended => Self::conflict(code, "The installation is suspended at GitHub."),
            GithubAppError::NotAllowed => Self::forbidden(
                code,
                "Only the account itself, or who installed it, can end the installation.",
            ),
            GithubAppError::Limited { retry_after } => Self::too_many(retry_after),
            GithubAppError::Unavailable(words) => {
                tracing::warn!(words, "GitHub did not do what was asked");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    code,
                    "GitHub is not available. Please try again later.",
                )
            }
            GithubAppError::Fault(fault) => fault.into(),
        }
    }
}
