//! `/auth/team/members`: who works in an account, their roles, and the end of it.
//! Refuses to touch the root user, who stays its owner.

use axum::extract::{Extension, OriginalUri, Path, State};
use axum::response::Response;
use http::StatusCode;
use model::Ctx;
use model::team::{Member, MembershipId, TeamRole};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::team::{ABSENT, part, seated};
use super::wire::StatusBody;
use crate::app::AppState;
use crate::surfaces::acting::Acting;
use crate::surfaces::answer::private;
use crate::surfaces::body::Body;
use crate::surfaces::page::Page;
use crate::surfaces::{Failure, time};

/// Somebody who works in the account.
#[derive(Serialize, ToSchema)]
pub struct MemberBody {
    /// Of the membership, for the other operations.
    #[schema(example = "mem_0123456789abcdefghjkmnpqrs")]
    id: String,
    #[schema(example = "usr_0123456789abcdefghjkmnpqrs")]
    user_id: String,
    #[schema(example = "grace@example.com")]
    email: String,
    #[schema(example = "Grace")]
    name: Option<String>,
    /// `owner`, `admin`, `member`, `billing` or `viewer`.
    #[schema(example = "member")]
    role: &'static str,
    created_at: String,
}

#[derive(Deserialize, ToSchema)]
pub struct RoleBody {
    /// `owner`, `admin`, `member`, `billing` or `viewer`; none above the caller's own.
    #[schema(example = "admin", required = true)]
    #[serde(default)]
    role: String,
}

impl From<Member> for MemberBody {
    fn from(member: Member) -> Self {
        let membership = member.membership;
        Self {
            id: membership.id.to_string(),
            user_id: membership.user_id.to_string(),
            email: member.email.to_string(),
            name: member.name,
            role: membership.role.as_str(),
            created_at: time::rfc3339(membership.created_at),
        }
    }
}

/// Everybody who works in the account, the first ones first: for its members.
///
/// Action `team:ListMembers` on `member/*`. The root user is among them, as an owner.
#[utoipa::path(get, path = "/team/members", tag = "platform", operation_id = "team_list_members",
    params(Page), security(("bearer" = [])), responses((status = 200, body = Vec<MemberBody>)))]
pub async fn list(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    acting: Acting,
    page: Page,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Failure> {
    let seated = seated(&acting, &state, &ctx, ("team:ListMembers", "team:member/*")).await?;
    let (members, total) = state.authority.list_members(&seated, part(page)).await?;
    let body: Vec<MemberBody> = members.into_iter().map(MemberBody::from).collect();
    let total = u64::try_from(total).unwrap_or(0);
    Ok(page.describe(private(StatusCode::OK, &body), &uri, total))
}

/// Remove a member; or leave, with one's own id, which needs nobody's permission.
///
/// Action `team:RemoveMember` on `member/<id>`. What they were given in the account ends at once, and so do invitations
/// they have made. The root user stays: 409 `last_owner`.
#[utoipa::path(delete, path = "/team/members/{id}", tag = "platform", operation_id = "team_remove_member",
    params(("id" = String, Path)), security(("bearer" = [])), responses((status = 200, body = StatusBody)))]
pub async fn remove(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(id): Path<String>,
    acting: Acting,
) -> Result<Response, Failure> {
    let id: MembershipId = id.parse().map_err(|_| Failure::not_found(ABSENT))?;
    if let Some(user) = acting.caller().user() {
        let account = acting.account(&state, &ctx).await?;
        if state.authority.leave(&ctx, (&account, user.id), id).await? {
            return Ok(private(StatusCode::OK, &StatusBody::OK));
        }
    }
    let resource = format!("team:member/{id}");
    let seated = seated(&acting, &state, &ctx, ("team:RemoveMember", &resource)).await?;
    state.authority.remove_member(&ctx, &seated, id).await?;
    Ok(private(StatusCode::OK, &StatusBody::OK))
}

/// Give a member another role: owners and admins, none above their own. Owners make owners.
///
/// Action `team:UpdateMember` on `member/<id>`. Invitations that the member could not make any more are taken back.
#[utoipa::path(patch, path = "/team/members/{id}", tag = "platform", operation_id = "team_update_member",
    params(("id" = String, Path)), request_body = RoleBody, security(("bearer" = [])),
    responses((status = 200, body = MemberBody)))]
pub async fn change_role(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(id): Path<String>,
    acting: Acting,
    Body(body): Body<RoleBody>,
) -> Result<Response, Failure> {
    let id: MembershipId = id.parse().map_err(|_| Failure::not_found(ABSENT))?;
    let resource = format!("team:member/{id}");
    let seated = seated(&acting, &state, &ctx, ("team:UpdateMember", &resource)).await?;
    let authority = &state.authority;
    if authority.find_member(seated.account(), id).await?.is_none() {
        return Err(Failure::not_found(ABSENT));
    }
    let role = TeamRole::parse(&body.role).ok_or_else(|| {
        Failure::invalid_field("role", "must be one of owner, admin, member, billing and viewer")
    })?;
    authority.change_member_role(&ctx, &seated, (id, role)).await?;
    let member = authority.find_member(seated.account(), id).await?;
    let member = member.ok_or_else(|| Failure::not_found(ABSENT))?;
    Ok(private(StatusCode::OK, &MemberBody::from(member)))
}
