//! `POST /api/auth/complete-onboarding` and `complete-tour`

use axum::extract::{Extension, State};
use axum::response::Response;
use http::StatusCode;
use model::Ctx;
use model::milestone::Milestone;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::surfaces::Failure;
use crate::surfaces::answer::private;
use crate::surfaces::caller::Signed;

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OnboardingBody {
    /// From now on.
    #[schema(example = true)]
    onboarding_completed: bool,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TourBody {
    /// From now on.
    #[schema(example = true)]
    tour_completed: bool,
}

/// Note that the user has been through the onboarding. Again changes nothing.
#[utoipa::path(post, path = "/complete-onboarding", tag = "console", operation_id = "console_complete_onboarding",
    security(("bearer" = [])), responses((status = 200, body = OnboardingBody)))]
pub async fn complete_onboarding(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Signed { user, .. }: Signed,
) -> Result<Response, Failure> {
    let authority = &state.authority;
    authority
        .reach_milestone(&ctx, user.id, Milestone::Onboarding)
        .await?;
    let body = OnboardingBody {
        onboarding_completed: true,
    };
    Ok(private(StatusCode::OK, &body))
}

/// Note that the user has taken the tour. Again changes nothing.
#[utoipa::path(post, path = "/complete-tour", tag = "console", operation_id = "console_complete_tour",
    security(("bearer" = [])), responses((status = 200, body = TourBody)))]
pub async fn complete_tour(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Signed { user, .. }: Signed,
) -> Result<Response, Failure> {
    let authority = &state.authority;
    authority.reach_milestone(&ctx, user.id, Milestone::Tour).await?;
    Ok(private(StatusCode::OK, &TourBody { tour_completed: true }))
}
