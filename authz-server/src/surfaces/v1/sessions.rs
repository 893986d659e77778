//! `/v1/sessions`: where one is signed in.
//! Refuses to know a session of somebody else.

use axum::extract::{Extension, Path, Query, State};
use axum::response::Response;
use http::StatusCode;
use model::session::Session;
use model::{Ctx, SessionId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::envelope::{Enveloped, Listed, enveloped, listed};
use super::logout::RevokedBody;
use crate::app::AppState;
use crate::surfaces::caller::Signed;
use crate::surfaces::page::Page;
use crate::surfaces::{Failure, time};

#[derive(Serialize, ToSchema)]
#[schema(as = v1::Session)]
pub struct SessionBody {
    #[schema(example = "ses_0123456789abcdefghjkmnpqrs")]
    id: String,
    /// Whether it is the one that asks.
    current: bool,
    created_at: String,
    last_seen_at: String,
    /// The address it was used from last; `null` where it is not known.
    #[schema(example = "192.0.2.1")]
    ip: Option<String>,
    user_agent: Option<String>,
    /// How they signed in (RFC 8176).
    #[schema(example = json!(["pwd"]))]
    amr: Vec<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = v1::RevokedCount)]
pub struct RevokedCountBody {
    /// How many sessions have ended.
    #[schema(example = 2)]
    revoked: usize,
}

#[derive(Deserialize, utoipa::IntoParams)]
pub struct Exception {
    /// `current` keeps the session that asks.
    #[param(example = "current")]
    except: Option<String>,
}

impl SessionBody {
    fn of(session: &Session, current: SessionId) -> Self {
        Self {
            id: session.id.to_string(),
            current: session.id == current,
            created_at: time::rfc3339(session.created_at),
            last_seen_at: time::rfc3339(session.last_seen_at),
            ip: session.address.clone(),
            user_agent: session.user_agent.clone(),
            amr: session.authentication.amr.clone(),
        }
    }
}

/// The live sessions, newest first.
///
/// One for every browser or program that is signed in. At most 100 on a page.
#[utoipa::path(get, path = "/sessions", tag = "v1", operation_id = "v1_list_sessions", security(("bearer" = [])),
    params(Page), responses((status = 200, body = Listed<SessionBody>)))]
pub async fn list(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Signed { user, session }: Signed,
    page: Page,
) -> Result<Response, Failure> {
    let sessions = state.authority.list_sessions(&ctx, &user).await?;
    let total = u64::try_from(sessions.len()).unwrap_or(u64::MAX);
    let part = page.cut(&sessions).iter();
    let part = part.map(|one| SessionBody::of(one, session.id)).collect();
    Ok(listed(&ctx, part, (page, total)))
}

/// End a session of the caller. Every token of it is dead at once.
#[utoipa::path(delete, path = "/sessions/{id}", tag = "v1", operation_id = "v1_end_session",
    security(("bearer" = [])), params(("id" = String, Path)),
    responses((status = 200, body = Enveloped<RevokedBody>)))]
pub async fn end(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Signed { user, .. }: Signed,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let unknown = || Failure::not_found("There is no such session.");
    let id = id.parse().map_err(|_| unknown())?;
    if !state.authority.end_own_session(&ctx, &user, id).await? {
        return Err(unknown());
    }
    Ok(enveloped(&ctx, StatusCode::OK, RevokedBody { revoked: true }))
}

/// End all, or all but this one.
///
/// Every token of them is dead at once.
#[utoipa::path(delete, path = "/sessions", tag = "v1", operation_id = "v1_end_sessions", security(("bearer" = [])),
    params(Exception), responses((status = 200, body = Enveloped<RevokedCountBody>)))]
pub async fn end_all(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Signed { user, session }: Signed,
    Query(query): Query<Exception>,
) -> Result<Response, Failure> {
    let keep = match query.except.as_deref() {
        None => None,
        Some("current") => Some(session.id),
        Some(_) => return Err(Failure::invalid_field("except", "must be `current`")),
    };
    let revoked = state.authority.end_own_sessions(&ctx, &user, keep).await?;
    Ok(enveloped(&ctx, StatusCode::OK, RevokedCountBody { revoked }))
}
