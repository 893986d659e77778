//! `/auth/iam/groups`: users who are given the same policies.

use axum::extract::{Extension, OriginalUri, Path, State};
use axum::response::Response;
use http::StatusCode;
use model::Ctx;
use model::iam_policy::Group;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::AppState;
use crate::surfaces::acting::Acting;
use crate::surfaces::answer::private;
use crate::surfaces::body::Body;
use crate::surfaces::page::Page;
use crate::surfaces::platform::wire::StatusBody;
use crate::surfaces::{Failure, time};

#[derive(Deserialize, ToSchema)]
pub struct NewGroup {
    /// 1 to 64 letters, digits and characters of `+=,.@_-`; unique in the account, whatever the case.
    #[schema(example = "developers", max_length = 64)]
    name: String,
}

#[derive(Serialize, ToSchema)]
pub struct GroupBody {
    #[schema(example = "grp_0123456789abcdefghjkmnpqrs")]
    id: String,
    /// As it was given.
    #[schema(example = "developers")]
    name: String,
    /// The group's name in policies.
    #[schema(example = "arn:authz:iam::123456789012:group/developers")]
    arn: String,
    created_at: String,
}

#[derive(Serialize, ToSchema)]
pub struct GroupWithMembers {
    #[serde(flatten)]
    group: GroupBody,
    /// The names of those who are in it.
    #[schema(example = json!(["deploy.bot"]))]
    users: Vec<String>,
}

impl From<&Group> for GroupBody {
    fn from(group: &Group) -> Self {
        Self {
            id: group.id.to_string(),
            name: group.name.to_string(),
            arn: group.arn(),
            created_at: time::rfc3339(group.created_at),
        }
    }
}

/// The groups of the account, by name.
///
/// Action `iam:ListGroups` on `group/*`. At most 100 on a page.
#[utoipa::path(get, path = "/iam/groups", tag = "platform", operation_id = "iam_list_groups",
    params(Page), security(("bearer" = [])), responses((status = 200, body = Vec<GroupBody>)))]
pub async fn list(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    acting: Acting,
    page: Page,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Failure> {
    let permit = acting
        .permit(&state, &ctx, "iam:ListGroups", "iam:group/*")
        .await?;
    let part = (page.limit, page.offset());
    let groups = state.authority.list_groups(&permit, part).await?;
    let body: Vec<GroupBody> = groups.items.iter().map(GroupBody::from).collect();
    Ok(page.describe(private(StatusCode::OK, &body), &uri, groups.total))
}

/// Make a group.
///
/// Action `iam:CreateGroup` on `group/<name>`. A name that another group has, whatever the case, is 409 `name_taken`.
#[utoipa::path(post, path = "/iam/groups", tag = "platform", operation_id = "iam_create_group",
    security(("bearer" = [])), request_body = NewGroup, responses((status = 201, body = GroupBody)))]
pub async fn create(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    acting: Acting,
    Body(body): Body<NewGroup>,
) -> Result<Response, Failure> {
    let resource = format!("iam:group/{}", body.name);
    let permit = acting.permit(&state, &ctx, "iam:CreateGroup", &resource).await?;
    let group = state.authority.create_group(&ctx, &permit, &body.name).await?;
    Ok(private(StatusCode::CREATED, &GroupBody::from(&group)))
}

/// Show a group and who is in it.
///
/// Action `iam:ListGroups` on `group/<name>`.
#[utoipa::path(get, path = "/iam/groups/{name}", tag = "platform", operation_id = "iam_read_group",
    params(("name" = String, Path)), security(("bearer" = [])), responses((status = 200, body = GroupWithMembers)))]
pub async fn read(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(name): Path<String>,
    acting: Acting,
) -> Result<Response, Failure> {
    let resource = format!("iam:group/{name}");
    let permit = acting.permit(&state, &ctx, "iam:ListGroups", &resource).await?;
    let (group, users) = state.authority.read_group(&permit, &name).await?;
    let group = GroupBody::from(&group);
    Ok(private(StatusCode::OK, &GroupWithMembers { group, users }))
}

/// End a group: everybody in it loses what it gave them, at once.
///
/// Action `iam:DeleteGroup` on `group/<name>`.
#[utoipa::path(delete, path = "/iam/groups/{name}", tag = "platform", operation_id = "iam_delete_group",
    params(("name" = String, Path)), security(("bearer" = [])), responses((status = 200, body = StatusBody)))]
pub async fn delete(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(name): Path<String>,
    acting: Acting,
) -> Result<Response, Failure> {
    let resource = format!("iam:group/{name}");
    let permit = acting.permit(&state, &ctx, "iam:DeleteGroup", &resource).await?;
    state.authority.delete_group(&ctx, &permit, &name).await?;
    Ok(private(StatusCode::OK, &StatusBody::OK))
}
