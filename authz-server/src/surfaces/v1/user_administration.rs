//! `POST /v1/admin/users`, and `GET`, `PATCH`, `DELETE /v1/admin/users/{id}`.
//! Refuses to change passwords and addresses: they are their owners'.

use axum::extract::{Extension, Path, State};
use axum::response::Response;
use domain::people::{AccountForm, AdministrationError, UserChange};
use http::StatusCode;
use model::audit::Actor;
use model::user::{Role, User};
use model::{Ctx, PlainSecret, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::administrator::{May, ReadUsers, WriteUsers, not_administrator};
use super::envelope::{Enveloped, enveloped};
use super::user_list::AdminUser;
use crate::app::AppState;
use crate::surfaces::body::Body;
use crate::surfaces::{Failure, time};

#[derive(Deserialize, ToSchema)]
#[schema(as = v1::NewUser)]
pub struct NewUser {
    #[schema(example = "ada@example.com")]
    email: String,
    username: Option<String>,
    name: Option<String>,
    company: Option<String>,
    /// Without one a mail asks the user to choose it.
    #[schema(format = Password)]
    password: Option<String>,
    /// `user` or `admin`; `user` when left out.
    role: Option<String>,
}

/// What is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[schema(as = v1::ChangedUser)]
pub struct ChangedUser {
    /// Empty takes it away.
    name: Option<String>,
    /// Empty takes it away.
    username: Option<String>,
    /// `user` or `admin`. The user signs in again afterwards.
    role: Option<String>,
    /// `true` ends every session, key and token; `false` also takes back a deletion by an administrator.
    #[schema(example = false)]
    disabled: Option<bool>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = v1::Deleted)]
pub struct Deleted {
    /// That nobody gets in any more.
    deleted: bool,
    /// When the account is erased unless it is enabled before, in UTC.
    #[schema(example = "2026-12-05T12:29:10Z")]
    scheduled_for: String,
}

/// Make an account.
///
/// For administrators, and keys with `admin:users:write`. Without `password` a mail asks the user to choose one;
/// its link works for seven days.
#[utoipa::path(post, path = "/admin/users", tag = "v1", operation_id = "v1_admin_create_user",
    security(("bearer" = []), ("apiKey" = [])), request_body = NewUser, responses((status = 201, body = Enveloped<AdminUser>)))]
pub async fn create(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    May { by, .. }: May<WriteUsers>,
    Body(body): Body<NewUser>,
) -> Result<Response, Failure> {
    let role = body.role.as_deref().map_or(Ok(Role::User), parse_role)?;
    let password = body.password.filter(|text| !text.is_empty());
    let form = AccountForm {
        username: body.username.unwrap_or_default(),
        email: body.email,
        name: body.name.unwrap_or_default(),
        company: body.company.unwrap_or_default(),
        password: PlainSecret::new(password.as_deref().unwrap_or_default()),
    };
    let user = match password {
        Some(_) => state.authority.create_user(&ctx, form, role, by).await?,
        None => state.authority.invite_user(&ctx, &form, role, by).await?,
    };
    Ok(enveloped(&ctx, StatusCode::CREATED, AdminUser::from(user)))
}

/// Show one account.
///
/// For administrators, and keys with `admin:users:read`.
#[utoipa::path(get, path = "/admin/users/{id}", tag = "v1", operation_id = "v1_admin_read_user", params(("id" = String, Path)),
    security(("bearer" = []), ("apiKey" = [])), responses((status = 200, body = Enveloped<AdminUser>)))]
pub async fn read(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(id): Path<String>,
    May { by, .. }: May<ReadUsers>,
) -> Result<Response, Failure> {
    let user = state.authority.read_user(parse_id(&id)?, &by).await?;
    Ok(enveloped(&ctx, StatusCode::OK, AdminUser::from(user)))
}

/// Rename, disable or enable, change the role.
///
/// For administrators, and keys with `admin:users:write`. Disabling ends every session, grant and token at once;
/// another role does, too. Enabling takes back a deletion by an administrator.
#[utoipa::path(patch, path = "/admin/users/{id}", tag = "v1", operation_id = "v1_admin_change_user", params(("id" = String, Path)),
    security(("bearer" = []), ("apiKey" = [])), request_body = ChangedUser, responses((status = 200, body = Enveloped<AdminUser>)))]
pub async fn change(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(id): Path<String>,
    May { by, .. }: May<WriteUsers>,
    Body(body): Body<ChangedUser>,
) -> Result<Response, Failure> {
    let id = parse_id(&id)?;
    let role = body.role.as_deref().map(parse_role).transpose()?;
    let names = UserChange {
        name: body.name,
        username: body.username,
    };
    // The names first: of all changes they alone can be refused for what was sent.
    state.authority.update_user(&ctx, id, names, by.clone()).await?;
    let user = change_standing(&state, &ctx, (id, by), (role, body.disabled)).await?;
    Ok(enveloped(&ctx, StatusCode::OK, AdminUser::from(user)))
}

async fn change_standing(
    state: &AppState,
    ctx: &Ctx,
    (id, by): (UserId, Actor),
    (role, disabled): (Option<Role>, Option<bool>),
) -> Result<User, Failure> {
    let authority = &state.authority;
    if let Some(role) = role {
        authority.change_role(ctx, id, role, by.clone()).await?;
    }
    match disabled {
        Some(true) => drop(authority.disable_user(ctx, id, by.clone()).await?),
        Some(false) => drop(authority.enable_user(ctx, id, by.clone()).await?),
        None => {}
    }
    Ok(authority.read_user(id, &by).await?)
}

/// Shut an account at once and erase it after the time of grace.
///
/// For administrators, and keys with `admin:users:write`. Everything of it ends at once; until `scheduled_for`
/// `PATCH` with `{"disabled": false}` keeps the account. An earlier date that its owner has asked for stays.
#[utoipa::path(delete, path = "/admin/users/{id}", tag = "v1", operation_id = "v1_admin_delete_user", params(("id" = String, Path)),
    security(("bearer" = []), ("apiKey" = [])), responses((status = 200, body = Enveloped<Deleted>)))]
pub async fn delete(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(id): Path<String>,
    May { by, .. }: May<WriteUsers>,
) -> Result<Response, Failure> {
    let scheduled_for = state.authority.delete_user(&ctx, parse_id(&id)?, by).await?;
    let deleted = Deleted {
        deleted: true,
        scheduled_for: time::rfc3339(scheduled_for),
    };
    Ok(enveloped(&ctx, StatusCode::OK, deleted))
}

fn parse_id(text: &str) -> Result<UserId, Failure> {
    text.parse().map_err(|_| unknown_user())
}

fn parse_role(text: &str) -> Result<Role, Failure> {
    Role::parse(text).ok_or_else(|| Failure::invalid_field("role", "must be user or admin"))
}

fn unknown_user() -> Failure {
    Failure::not_found("There is no such user.")
}

impl From<AdministrationError> for Failure {
    fn from(error: AdministrationError) -> Self {
        match error {
            AdministrationError::NotAdministrator => not_administrator(),
            AdministrationError::UnknownUser => unknown_user(),
            AdministrationError::Oneself => {
                Self::forbidden("not_on_oneself", "Administrators can't do this to themselves.")
            }
            AdministrationError::OnlyAdministrator => {
                Self::conflict("last_administrator", "Nobody else administers this server.")
            }
            AdministrationError::Invalid(problems) => (*problems).into(),
            AdministrationError::Fault(fault) => fault.into(),
        }
    }
}
