//! `POST /auth/iam/me/password`
//! Refuses people, access keys, and a password that breaks the account's rules.

use axum::extract::{Extension, State};
use axum::response::Response;
use http::StatusCode;
use model::{Ctx, PlainSecret};
use serde::Deserialize;
use utoipa::ToSchema;

use super::wire::StatusBody;
use crate::app::AppState;
use crate::surfaces::Failure;
use crate::surfaces::answer::private;
use crate::surfaces::body::Body;
use crate::surfaces::caller::SignedIam;

#[derive(Deserialize, ToSchema)]
pub struct ChangeIamPasswordBody {
    /// The one in use.
    #[schema(example = "vexing plum orbit", format = Password)]
    current_password: String,
    /// It has to keep the account's rules; what it breaks is named in `details.rules`.
    #[schema(example = "quilt tangent marrow", format = Password)]
    new_password: String,
}

/// Change one's own password as an IAM user.
///
/// Everything that is signed in elsewhere is signed out.
#[utoipa::path(post, path = "/iam/me/password", tag = "platform", operation_id = "platform_iam_change_password",
    security(("bearer" = [])), request_body = ChangeIamPasswordBody, responses((status = 200, body = StatusBody)))]
pub async fn change(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    SignedIam { user, session }: SignedIam,
    Body(body): Body<ChangeIamPasswordBody>,
) -> Result<Response, Failure> {
    let (old, new) = (
        PlainSecret::new(&body.current_password),
        PlainSecret::new(&body.new_password),
    );
    let changed = state
        .authority
        .change_iam_password(&ctx, (&user, &session), (&old, &new))
        .await;
    changed.map_err(|error| Failure::of_new_password("new_password", error))?;
    Ok(private(StatusCode::OK, &StatusBody::OK))
}
