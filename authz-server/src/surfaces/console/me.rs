//! `GET /api/auth/me`

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::github_accounts::GITHUB;
use crate::app::AppState;
use crate::surfaces::Failure;
use crate::surfaces::answer::private;
use crate::surfaces::caller::Signed;

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConsoleMe {
    /// The user's id.
    #[schema(example = "usr_0123456789abcdefghjkmnpqrs")]
    id: String,
    #[schema(example = "user@example.com")]
    email: String,
    name: Option<String>,
    #[schema(example = "user")]
    role: &'static str,
    /// Of the active GitHub account.
    #[schema(example = "12345")]
    github_id: Option<String>,
    avatar: Option<String>,
    /// Whether they have been through the onboarding.
    onboarding_completed: bool,
    /// Whether they have taken the tour.
    tour_completed: bool,
    two_factor_enabled: bool,
}

/// Who is signed in.
///
/// The account behind the token, with the active GitHub account.
#[utoipa::path(get, path = "/me", tag = "console", operation_id = "console_me", security(("bearer" = [])),
    responses((status = 200, body = ConsoleMe)))]
pub async fn me(State(state): State<AppState>, Signed { user, .. }: Signed) -> Result<Response, Failure> {
    let linked = state.authority.linked_accounts(user.id).await?;
    let github = linked
        .into_iter()
        .find(|account| account.provider == GITHUB && account.is_active());
    let introduced = state.authority.milestones(user.id).await?;
    let factors = state.authority.second_factor_state(user.id).await?;
    let body = ConsoleMe {
        id: user.id.to_string(),
        email: user.email.to_string(),
        name: user.profile.name,
        role: user.role.as_str(),
        avatar: user
            .profile
            .picture
            .or_else(|| github.as_ref().and_then(|account| account.avatar.clone())),
        github_id: github.map(|account| account.subject),
        onboarding_completed: introduced.onboarding,
        tour_completed: introduced.tour,
        two_factor_enabled: factors.is_on(),
    };
    Ok(private(StatusCode::OK, &body))
}
