//! `GET`, `PUT /api/auth/preferences`

use axum::extract::{Extension, State};
use axum::response::Response;
use domain::people::{Preferences, PreferencesError};
use http::StatusCode;
use model::Ctx;

use crate::app::AppState;
use crate::surfaces::Failure;
use crate::surfaces::answer::private;
use crate::surfaces::body::Body;
use crate::surfaces::caller::Signed;

/// The known members; others are kept as they are.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes a document that is kept as it was sent")]
pub struct PreferencesBody {
    /// `light`, `dark` or `system`.
    #[schema(example = "dark")]
    theme: Option<String>,
    /// BCP 47.
    #[schema(example = "en-GB")]
    language: Option<String>,
    /// Of the IANA database.
    #[schema(example = "Asia/Kolkata")]
    timezone: Option<String>,
    /// What to be told of, as the console names it.
    #[schema(value_type = Option<Object>)]
    notifications: Option<Preferences>,
}

/// The preferences as they were saved last.
///
/// An empty object before the first time.
#[utoipa::path(get, path = "/preferences", tag = "console", operation_id = "console_preferences",
    security(("bearer" = [])), responses((status = 200, body = PreferencesBody)))]
pub async fn show(State(state): State<AppState>, Signed { user, .. }: Signed) -> Result<Response, Failure> {
    let preferences = state.authority.preferences(user.id).await?;
    Ok(private(StatusCode::OK, &preferences))
}

/// Replace the preferences: at most 16 KiB.
///
/// Members besides the known ones are kept as they are.
#[utoipa::path(put, path = "/preferences", tag = "console", operation_id = "console_replace_preferences",
    security(("bearer" = [])), request_body = PreferencesBody, responses((status = 200, body = PreferencesBody)))]
pub async fn replace(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Signed { user, .. }: Signed,
    Body(body): Body<Preferences>,
) -> Result<Response, Failure> {
    let kept = state.authority.replace_preferences(&ctx, user.id, body).await?;
    Ok(private(StatusCode::OK, &kept))
}

impl From<PreferencesError> for Failure {
    fn from(error: PreferencesError) -> Self {
        match error {
            PreferencesError::Invalid(problem) => Self::invalid_field(problem.member, problem.reason),
            PreferencesError::TooLarge => Self::invalid("Preferences have at most 16 KiB."),
            PreferencesError::TooDeep => Self::invalid("Preferences are at most 8 levels deep."),
            PreferencesError::NoAccount => Self::dead_credential(),
            PreferencesError::Fault(fault) => fault.into(),
        }
    }
}
