//! `POST /api/auth/avatar`

use axum::extract::{Extension, State};
use axum::response::Response;
use domain::people::AvatarError;
use http::StatusCode;
use model::Ctx;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::http::{Problem, Upload, UploadError};
use crate::surfaces::Failure;
use crate::surfaces::answer::private;
use crate::surfaces::caller::Signed;

const FIELD: &str = "avatar";

#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a form")]
pub struct AvatarForm {
    /// PNG, JPEG, WebP or GIF, at most 5 MiB.
    #[schema(example = "avatar.png", format = Binary, content_media_type = "application/octet-stream")]
    avatar: String,
}

#[derive(Serialize, ToSchema)]
pub struct AvatarBody {
    /// Where the picture is shown.
    #[schema(example = "https://id.example.com/avatars/2f6c", format = "uri")]
    avatar: String,
}

/// Upload a picture of the user. It is made anew from its pixels; nothing else of the file is kept.
#[utoipa::path(post, path = "/avatar", tag = "console", operation_id = "console_upload_avatar",
    security(("bearer" = [])), request_body(content = AvatarForm, content_type = "multipart/form-data"),
    responses((status = 200, body = AvatarBody)))]
pub async fn upload(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Signed { user, .. }: Signed,
    form: Result<Upload, Response>,
) -> Result<Response, Failure> {
    let form = form.map_err(|refused| Failure::from(Problem::of_status(refused.status())))?;
    let broken = |error: UploadError| Failure::from(Problem::of_status(error.status()));
    let picture = form.picture(FIELD, |_| true).await.map_err(broken)?;
    let picture = picture.ok_or_else(|| Failure::invalid_field(FIELD, "is required"))?;
    let avatar = state.authority.set_avatar(&ctx, user.id, picture).await?;
    Ok(private(StatusCode::OK, &AvatarBody { avatar }))
}

impl From<AvatarError> for Failure {
    fn from(error: AvatarError) -> Self {
        let said = error.to_string();
        match error {
            AvatarError::TooLarge => Self::new(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", said),
            AvatarError::UnknownFormat | AvatarError::TooManyPixels | AvatarError::Damaged => {
                Self::invalid_field(FIELD, said)
            }
            AvatarError::NoAccount => Self::dead_credential(),
            AvatarError::Fault(fault) => fault.into(),
        }
    }
}
