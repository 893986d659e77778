//! `/auth/team`: invitations into an account, by those who look after it.
//! Refuses to tell anybody but the mailbox what the link of an invitation is.

use axum::extract::{Extension, OriginalUri, Path, State};
use axum::response::Response;
use domain::teams::{InviteError, Invited, Seated, TeamError};
use http::StatusCode;
use model::Ctx;
use model::team::{Invitation, InvitationId, TeamRole};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::wire::StatusBody;
use super::{team_join, team_members};
use crate::app::AppState;
use crate::surfaces::acting::Acting;
use crate::surfaces::answer::private;
use crate::surfaces::body::Body;
use crate::surfaces::page::Page;
use crate::surfaces::{Failure, time};

pub(super) const ABSENT: &str = "There is no such thing in this account.";

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(invite))
        .routes(routes!(list))
        .routes(routes!(revoke))
        .routes(routes!(team_join::info))
        .routes(routes!(team_join::accept))
        .routes(routes!(team_members::list))
        .routes(routes!(team_members::remove, team_members::change_role))
}

#[derive(Deserialize, ToSchema)]
pub struct InviteBody {
    #[schema(example = "grace@example.com")]
    email: String,
    /// `admin`, `member`, `billing` or `viewer`; none above the caller's own.
    #[schema(example = "member")]
    role: String,
}

/// An invitation that can be accepted. Its link is in the mail and nowhere else.
#[derive(Serialize, ToSchema)]
pub struct InvitationBody {
    #[schema(example = "inv_0123456789abcdefghjkmnpqrs")]
    id: String,
    #[schema(example = "grace@example.com")]
    email: String,
    #[schema(example = "member")]
    role: &'static str,
    /// Whoever has invited.
    #[schema(example = "usr_0123456789abcdefghjkmnpqrs")]
    invited_by: String,
    created_at: String,
    expires_at: String,
}

#[derive(Serialize, ToSchema)]
pub struct InvitedBody {
    #[serde(flatten)]
    invitation: InvitationBody,
    /// Whether an earlier invitation of the same address has stopped working.
    #[schema(example = false)]
    replaced: bool,
}

impl From<&Invitation> for InvitationBody {
    fn from(invitation: &Invitation) -> Self {
        Self {
            id: invitation.id.to_string(),
            email: invitation.email.to_string(),
            role: invitation.role.as_str(),
            invited_by: invitation.invited_by.to_string(),
            created_at: time::rfc3339(invitation.created_at),
            expires_at: time::rfc3339(invitation.expires_at),
        }
    }
}

/// Who is permitted, as teams know them.
pub(super) async fn seated(
    acting: &Acting,
    state: &AppState,
    ctx: &Ctx,
    (action, resource): (&'static str, &str),
) -> Result<Seated, Failure> {
    let permit = acting.permit(state, ctx, action, resource).await?;
    Seated::permitted(&permit).ok_or_else(members_only)
}

/// Invite somebody into the account: owners and admins.
///
/// Action `team:Invite` on `invite/*`. A mail with a link goes to the address; who accepts must have it, confirmed. An
/// earlier invitation of the same address stops working, and the answer says so in `replaced`. A member's address is 409
/// `already_member`; a role above the caller's own 403 `role_above_own`.
#[utoipa::path(post, path = "/team/invite", tag = "platform", operation_id = "team_invite",
    request_body = InviteBody, security(("bearer" = [])), responses((status = 201, body = InvitedBody)))]
pub async fn invite(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    acting: Acting,
    Body(body): Body<InviteBody>,
) -> Result<Response, Failure> {
    let seated = seated(&acting, &state, &ctx, ("team:Invite", "team:invite/*")).await?;
    let role = TeamRole::parse(&body.role).ok_or(InviteError::NoSuchRole)?;
    let wish = (body.email.as_str(), role);
    let Invited { invitation, replaced } = state.authority.invite(&ctx, &seated, wish).await?;
    let body = InvitedBody {
        invitation: InvitationBody::from(&invitation),
        replaced,
    };
    Ok(private(StatusCode::CREATED, &body))
}

/// Invitations that can still be accepted, newest first: owners and admins.
///
/// Action `team:ListInvites` on `invite/*`.
#[utoipa::path(get, path = "/team/invites", tag = "platform", operation_id = "team_list_invites",
    params(Page), security(("bearer" = [])), responses((status = 200, body = Vec<InvitationBody>)))]
pub async fn list(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    acting: Acting,
    page: Page,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Failure> {
    let seated = seated(&acting, &state, &ctx, ("team:ListInvites", "team:invite/*")).await?;
    let (open, total) = state
        .authority
        .list_invitations(&ctx, &seated, part(page))
        .await?;
    let body: Vec<InvitationBody> = open.iter().map(InvitationBody::from).collect();
    Ok(page.describe(
        private(StatusCode::OK, &body),
        &uri,
        u64::try_from(total).unwrap_or(0),
    ))
}

/// Take an invitation back: its link stops working. Owners and admins.
///
/// Action `team:RevokeInvite` on `invite/<id>`.
#[utoipa::path(delete, path = "/team/invites/{id}", tag = "platform", operation_id = "team_revoke_invite",
    params(("id" = String, Path)), security(("bearer" = [])), responses((status = 200, body = StatusBody)))]
pub async fn revoke(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(id): Path<String>,
    acting: Acting,
) -> Result<Response, Failure> {
    let id: InvitationId = id.parse().map_err(|_| Failure::not_found(ABSENT))?;
    let resource = format!("team:invite/{id}");
    let seated = seated(&acting, &state, &ctx, ("team:RevokeInvite", &resource)).await?;
    state.authority.revoke_invitation(&ctx, &seated, id).await?;
    Ok(private(StatusCode::OK, &StatusBody::OK))
}

/// The rows that a page of a list has.
pub(super) fn part(page: Page) -> (i64, i64) {
    (
        i64::from(page.limit),
        i64::try_from(page.offset()).unwrap_or(i64::MAX),
    )
}

fn members_only() -> Failure {
    Failure::forbidden(
        "person_required",
        "Only people who are members of the account do this.",
    )
}

fn above_own() -> Failure {
    Failure::forbidden(
        "role_above_own",
        "Nobody gives, changes or takes away a role above their own.",
    )
}

impl From<InviteError> for Failure {
    fn from(error: InviteError) -> Self {
        match error {
            InviteError::Malformed => Self::invalid_field("email", "is not an email address"),
            InviteError::NoSuchRole => {
                Self::invalid_field("role", "must be one of admin, member, billing and viewer")
            }
            InviteError::AboveOwn => above_own(),
            InviteError::MembersOnly => members_only(),
            InviteError::AlreadyMember => Self::conflict(
                "already_member",
                "This address belongs to a member of the account.",
            ),
            InviteError::TooManyOpen => Self::conflict(
                "too_many_invitations",
                "Too many invitations are open. Take some of them back first.",
            ),
            InviteError::Exceeded(exceeded) => exceeded.into(),
            InviteError::TooManyMails { retry_after } => Self::too_many(retry_after),
            InviteError::Fault(fault) => fault.into(),
        }
    }
}

impl From<TeamError> for Failure {
    fn from(error: TeamError) -> Self {
        match error {
            TeamError::NotFound => Self::not_found(ABSENT),
            TeamError::LastOwner => Self::conflict(
                "last_owner",
                "The account's root user is its first and last owner: they can't be removed, leave or get another role.",
            ),
            TeamError::AboveOwn => above_own(),
            TeamError::MembersOnly => members_only(),
            TeamError::Fault(fault) => fault.into(),
        }
    }
}
