//! `GET /v1/users` and `GET /v1/admin/users`: all users in pages, or those that a few letters find.
//! Shows no credential, and none of what people keep to themselves.

use axum::extract::{Extension, Query, State};
use axum::response::Response;
use domain::people::UserQuery;
use model::Ctx;
use model::audit::Actor;
use model::user::User;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::administrator::{May, ReadUsers};
use super::envelope::{Listed, listed};
use crate::app::AppState;
use crate::surfaces::page::Page;
use crate::surfaces::{Failure, time};

/// A user as administrators see one.
#[derive(Serialize, ToSchema)]
#[schema(as = v1::AdminUser)]
pub struct AdminUser {
    id: String,
    #[schema(example = "ada@example.com")]
    email: String,
    username: Option<String>,
    name: Option<String>,
    avatar: Option<String>,
    company: Option<String>,
    /// `user` or `admin`.
    #[schema(example = "user")]
    role: &'static str,
    /// Whether the account is shut.
    #[schema(example = false)]
    disabled: bool,
    disabled_at: Option<String>,
    email_verified_at: Option<String>,
    created_at: String,
    updated_at: String,
}

impl From<User> for AdminUser {
    fn from(user: User) -> Self {
        Self {
            id: user.id.to_string(),
            email: user.email.to_string(),
            username: user.username.map(|name| name.to_string()),
            name: user.profile.name,
            avatar: user.profile.picture,
            company: user.profile.company,
            role: user.role.as_str(),
            disabled: user.disabled_at.is_some(),
            disabled_at: user.disabled_at.map(time::rfc3339),
            email_verified_at: user.email_verified_at.map(time::rfc3339),
            created_at: time::rfc3339(user.created_at),
            updated_at: time::rfc3339(user.updated_at),
        }
    }
}

/// What is searched for; anything else in the query is somebody else's.
#[derive(Deserialize)]
pub struct Search {
    #[serde(default)]
    q: String,
}

/// All users, newest first; with `q` those it finds, at most 1000.
///
/// For administrators, and keys with `admin:users:read`. At most 100 on a page.
#[utoipa::path(get, path = "/users", tag = "v1", operation_id = "v1_list_users", security(("bearer" = []), ("apiKey" = [])),
    params(("page" = Option<u32>, Query), ("limit" = Option<u32>, Query), ("q" = Option<String>, Query,
        description = "An id, or how a word of the address, the user name or the name begins", example = "love")),
    responses((status = 200, body = Listed<AdminUser>)))]
pub async fn list(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    May { by, .. }: May<ReadUsers>,
    page: Page,
    Query(search): Query<Search>,
) -> Result<Response, Failure> {
    users(&state, &ctx, &by, (page, search)).await
}

/// All users, newest first; the same list at the path for administrators.
///
/// For administrators, and keys with `admin:users:read`. At most 100 on a page.
#[utoipa::path(get, path = "/admin/users", tag = "v1", operation_id = "v1_admin_list_users",
    security(("bearer" = []), ("apiKey" = [])),
    params(("page" = Option<u32>, Query), ("limit" = Option<u32>, Query), ("q" = Option<String>, Query,
        description = "An id, or how a word of the address, the user name or the name begins", example = "love")),
    responses((status = 200, body = Listed<AdminUser>)))]
pub async fn list_as_admin(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    May { by, .. }: May<ReadUsers>,
    page: Page,
    Query(search): Query<Search>,
) -> Result<Response, Failure> {
    users(&state, &ctx, &by, (page, search)).await
}

async fn users(
    state: &AppState,
    ctx: &Ctx,
    by: &Actor,
    (page, search): (Page, Search),
) -> Result<Response, Failure> {
    let query = UserQuery {
        q: search.q,
        page: page.page.into(),
        limit: u16::try_from(page.limit).unwrap_or(u16::MAX),
    };
    let found = state.authority.list_users(&query, by).await?;
    let users: Vec<AdminUser> = found.users.into_iter().map(AdminUser::from).collect();
    Ok(listed(ctx, users, (page, found.total)))
}
