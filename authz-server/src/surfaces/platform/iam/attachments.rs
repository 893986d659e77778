//! `/auth/iam/users/{username}/policies` and `/auth/iam/groups/{name}/policies`: which policies somebody has.

use axum::extract::{Extension, Path, State};
use axum::response::Response;
use domain::iam::{Attachment, Whom};
use http::StatusCode;
use model::Ctx;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::surfaces::acting::Acting;
use crate::surfaces::answer::private;
use crate::surfaces::platform::wire::StatusBody;
use crate::surfaces::{Failure, time};

#[derive(Serialize, ToSchema)]
pub struct AttachedPolicy {
    /// Of a managed policy, its name.
    #[schema(example = "pol_0123456789abcdefghjkmnpqrs")]
    id: String,
    /// As it was given.
    #[schema(example = "compute-read")]
    name: String,
    /// `managed` ones come with the server; `custom` ones are the account's own.
    #[schema(example = "custom")]
    r#type: &'static str,
    /// Since when it counts, in UTC.
    #[schema(example = "2026-11-21T12:29:10Z")]
    attached_at: String,
}

impl From<Attachment> for AttachedPolicy {
    fn from(attached: Attachment) -> Self {
        Self {
            id: attached.policy_id,
            name: attached.name,
            r#type: if attached.managed { "managed" } else { "custom" },
            attached_at: time::rfc3339(attached.attached_at),
        }
    }
}

/// What to do with one policy of somebody.
struct Step<'a> {
    acting: &'a Acting,
    action: &'static str,
    resource: String,
    whom: Whom,
}

impl Step<'_> {
    async fn list(self, state: &AppState, ctx: &Ctx) -> Result<Response, Failure> {
        let permit = self
            .acting
            .permit(state, ctx, self.action, &self.resource)
            .await?;
        let attached = state.authority.list_attachments(&permit, &self.whom).await?;
        let body: Vec<AttachedPolicy> = attached.into_iter().map(AttachedPolicy::from).collect();
        Ok(private(StatusCode::OK, &body))
    }

    async fn attach(self, state: &AppState, ctx: &Ctx, id: &str) -> Result<Response, Failure> {
        let permit = self
            .acting
            .permit(state, ctx, self.action, &self.resource)
            .await?;
        state
            .authority
            .attach_policy(ctx, &permit, (self.whom, id))
            .await?;
        Ok(private(StatusCode::OK, &StatusBody::OK))
    }

    async fn detach(self, state: &AppState, ctx: &Ctx, id: &str) -> Result<Response, Failure> {
        let permit = self
            .acting
            .permit(state, ctx, self.action, &self.resource)
            .await?;
        state
            .authority
            .detach_policy(ctx, &permit, (self.whom, id))
            .await?;
        Ok(private(StatusCode::OK, &StatusBody::OK))
    }
}

fn user<'a>(acting: &'a Acting, action: &'static str, name: String) -> Step<'a> {
    Step {
        acting,
        action,
        resource: format!("iam:user/{name}"),
        whom: Whom::User(name),
    }
}

fn group<'a>(acting: &'a Acting, action: &'static str, name: String) -> Step<'a> {
    Step {
        acting,
        action,
        resource: format!("iam:group/{name}"),
        whom: Whom::Group(name),
    }
}

/// The policies that a user has of their own.
///
/// Action `iam:GetUser` on `user/<name>`. What groups give is told by the groups.
#[utoipa::path(get, path = "/iam/users/{username}/policies", tag = "platform", operation_id = "iam_list_user_policies",
    params(("username" = String, Path)), security(("bearer" = [])), responses((status = 200, body = Vec<AttachedPolicy>)))]
pub async fn of_user(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(username): Path<String>,
    acting: Acting,
) -> Result<Response, Failure> {
    user(&acting, "iam:GetUser", username).list(&state, &ctx).await
}

/// Attach a policy to a user. It counts from the user's next request on.
///
/// Action `iam:AttachUserPolicy` on `user/<name>`. The policy must give no more than the caller has, or it is 403
/// `beyond_own_rights`. What is attached already stays.
#[utoipa::path(put, path = "/iam/users/{username}/policies/{id}", tag = "platform", operation_id = "iam_attach_user_policy",
    params(("username" = String, Path), ("id" = String, Path)), security(("bearer" = [])),
    responses((status = 200, body = StatusBody)))]
pub async fn to_user(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path((username, id)): Path<(String, String)>,
    acting: Acting,
) -> Result<Response, Failure> {
    let step = user(&acting, "iam:AttachUserPolicy", username);
    step.attach(&state, &ctx, &id).await
}

/// Detach a policy from a user. It counts from the user's next request on.
///
/// Action `iam:DetachUserPolicy` on `user/<name>`. What is not attached is 404.
#[utoipa::path(delete, path = "/iam/users/{username}/policies/{id}", tag = "platform", operation_id = "iam_detach_user_policy",
    params(("username" = String, Path), ("id" = String, Path)), security(("bearer" = [])),
    responses((status = 200, body = StatusBody)))]
pub async fn from_user(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path((username, id)): Path<(String, String)>,
    acting: Acting,
) -> Result<Response, Failure> {
    let step = user(&acting, "iam:DetachUserPolicy", username);
    step.detach(&state, &ctx, &id).await
}

/// The policies that a group has.
///
/// Action `iam:ListGroups` on `group/<name>`.
#[utoipa::path(get, path = "/iam/groups/{name}/policies", tag = "platform", operation_id = "iam_list_group_policies",
    params(("name" = String, Path)), security(("bearer" = [])), responses((status = 200, body = Vec<AttachedPolicy>)))]
pub async fn of_group(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(name): Path<String>,
    acting: Acting,
) -> Result<Response, Failure> {
    group(&acting, "iam:ListGroups", name).list(&state, &ctx).await
}

/// Attach a policy to a group. It counts from its users' next requests on.
///
/// Action `iam:AttachGroupPolicy` on `group/<name>`. The policy must give no more than the caller has, or it is 403
/// `beyond_own_rights`. What is attached already stays.
#[utoipa::path(put, path = "/iam/groups/{name}/policies/{id}", tag = "platform", operation_id = "iam_attach_group_policy",
    params(("name" = String, Path), ("id" = String, Path)), security(("bearer" = [])),
    responses((status = 200, body = StatusBody)))]
pub async fn to_group(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path((name, id)): Path<(String, String)>,
    acting: Acting,
) -> Result<Response, Failure> {
    let step = group(&acting, "iam:AttachGroupPolicy", name);
    step.attach(&state, &ctx, &id).await
}

/// Detach a policy from a group. It counts from its users' next requests on.
///
/// Action `iam:DetachGroupPolicy` on `group/<name>`. What is not attached is 404.
#[utoipa::path(delete, path = "/iam/groups/{name}/policies/{id}", tag = "platform", operation_id = "iam_detach_group_policy",
    params(("name" = String, Path), ("id" = String, Path)), security(("bearer" = [])),
    responses((status = 200, body = StatusBody)))]
pub async fn from_group(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path((name, id)): Path<(String, String)>,
    acting: Acting,
) -> Result<Response, Failure> {
    let step = group(&acting, "iam:DetachGroupPolicy", name);
    step.detach(&state, &ctx, &id).await
}
