//! `GET /auth/team/invite/info` and `POST /auth/team/accept`: from the side of whoever is invited.
//! Refuses to tell the holder of a link more than they need, and others anything at all.

use axum::extract::{Extension, Query, State};
use axum::response::Response;
use domain::teams::AcceptError;
use http::StatusCode;
use model::Ctx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::AppState;
use crate::surfaces::answer::private;
use crate::surfaces::body::Body;
use crate::surfaces::caller::Signed;
use crate::surfaces::{Failure, time};

const NO_INVITATION: &str = "There is no such invitation.";

#[derive(Deserialize)]
pub struct InfoQuery {
    #[serde(default)]
    token: String,
}

/// What a link invites to.
#[derive(Serialize, ToSchema)]
pub struct InfoBody {
    /// What the account is called; typed by its owners.
    #[schema(example = "Acme")]
    account_name: String,
    /// Who invites; typed by themselves.
    #[schema(example = "Ada")]
    inviter_name: String,
    /// Enough for its owner to recognise the address.
    #[schema(example = "g…@example.com")]
    email_hint: String,
    #[schema(example = "member")]
    role: &'static str,
    expires_at: String,
}

#[derive(Deserialize, ToSchema)]
pub struct AcceptBody {
    /// From the link of the mail.
    #[schema(example = "az_iv_0123456789abcdefghijkl")]
    token: String,
}

/// Where the caller works from now on.
#[derive(Serialize, ToSchema)]
pub struct MembershipBody {
    /// Of the membership.
    #[schema(example = "mem_0123456789abcdefghjkmnpqrs")]
    id: String,
    /// For the header `X-Account-Id`.
    #[schema(example = "123456789012")]
    account_id: String,
    /// Its name, or its root user's.
    #[schema(example = "Acme")]
    account_name: String,
    #[schema(example = "member")]
    role: &'static str,
    created_at: String,
}

/// What an invitation is about, for whoever has its link. Changes nothing.
///
/// A link that was never sent, was used, taken back, replaced or has expired: one 404 for all of them.
#[utoipa::path(get, path = "/team/invite/info", tag = "platform", operation_id = "team_invite_info",
    params(("token" = String, Query, description = "From the link of the mail.", example = "az_iv_0123456789abcdefghijkl")),
    responses((status = 200, body = InfoBody)))]
pub async fn info(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Query(InfoQuery { token }): Query<InfoQuery>,
) -> Result<Response, Failure> {
    let found = state.authority.look_at_invitation(&ctx, &token).await?;
    let info = found.ok_or_else(|| Failure::not_found(NO_INVITATION))?;
    let body = InfoBody {
        expires_at: time::rfc3339(info.expires_at),
        role: info.role.as_str(),
        account_name: info.account_name,
        inviter_name: info.inviter_name,
        email_hint: info.email_hint,
    };
    Ok(private(StatusCode::OK, &body))
}

/// Accept an invitation: signed in, with the confirmed address that it was sent to.
///
/// For another address, and for a token that never was: 404. Where the caller's address is not confirmed yet: 403
/// `email_not_verified`. Used, taken back, replaced or expired: 410. A member of the account already: 409.
#[utoipa::path(post, path = "/team/accept", tag = "platform", operation_id = "team_accept",
    request_body = AcceptBody, security(("bearer" = [])), responses((status = 200, body = MembershipBody)))]
pub async fn accept(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Signed { user, .. }: Signed,
    Body(body): Body<AcceptBody>,
) -> Result<Response, Failure> {
    let joined = state
        .authority
        .accept_invitation(&ctx, &user, &body.token)
        .await?;
    let body = MembershipBody {
        id: joined.membership.id.to_string(),
        account_id: joined.account.id.to_string(),
        account_name: joined.account.title,
        role: joined.membership.role.as_str(),
        created_at: time::rfc3339(joined.membership.created_at),
    };
    Ok(private(StatusCode::OK, &body))
}

impl From<AcceptError> for Failure {
    fn from(error: AcceptError) -> Self {
        match error {
            AcceptError::NotFound => Self::not_found(NO_INVITATION),
            AcceptError::EmailNotVerified => Self::forbidden(
                "email_not_verified",
                "Confirm your email address first; the invitation waits.",
            ),
            AcceptError::Gone => Self::gone("This invitation was used, taken back or has expired."),
            AcceptError::AlreadyMember => {
                Self::conflict("already_member", "You are a member of this account already.")
            }
            AcceptError::Exceeded(exceeded) => exceeded.into(),
            AcceptError::Fault(fault) => fault.into(),
        }
    }
}
