//! `/auth/iam/groups/{name}/users/{username}`: who is in a group.

use axum::extract::{Extension, Path, State};
use axum::response::Response;
use http::StatusCode;
use model::Ctx;

use crate::app::AppState;
use crate::surfaces::Failure;
use crate::surfaces::acting::Acting;
use crate::surfaces::answer::private;
use crate::surfaces::platform::wire::StatusBody;

/// Put a user into a group.
///
/// Action `iam:AddUserToGroup` on `group/<name>`. Who is in it already stays. The group's policies must give no more than the
/// caller has, or it is 403 `beyond_own_rights`.
#[utoipa::path(put, path = "/iam/groups/{name}/users/{username}", tag = "platform", operation_id = "iam_add_user_to_group",
    params(("name" = String, Path), ("username" = String, Path)), security(("bearer" = [])),
    responses((status = 200, body = StatusBody)))]
pub async fn add(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path((name, username)): Path<(String, String)>,
    acting: Acting,
) -> Result<Response, Failure> {
    let resource = format!("iam:group/{name}");
    let permit = acting
        .permit(&state, &ctx, "iam:AddUserToGroup", &resource)
        .await?;
    state
        .authority
        .add_to_group(&ctx, &permit, (&name, &username))
        .await?;
    Ok(private(StatusCode::OK, &StatusBody::OK))
}

/// Take a user out of a group.
///
/// Action `iam:RemoveUserFromGroup` on `group/<name>`. Counts from the user's next request on.
#[utoipa::path(delete, path = "/iam/groups/{name}/users/{username}", tag = "platform",
    operation_id = "iam_remove_user_from_group", params(("name" = String, Path), ("username" = String, Path)),
    security(("bearer" = [])), responses((status = 200, body = StatusBody)))]
pub async fn remove(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path((name, username)): Path<(String, String)>,
    acting: Acting,
) -> Result<Response, Failure> {
    let resource = format!("iam:group/{name}");
    let permit = acting
        .permit(&state, &ctx, "iam:RemoveUserFromGroup", &resource)
        .await?;
    state
        .authority
        .remove_from_group(&ctx, &permit, (&name, &username))
        .await?;
    Ok(private(StatusCode::OK, &StatusBody::OK))
}
