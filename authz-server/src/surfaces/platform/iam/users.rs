//! `/auth/iam/users`: those who sign in inside the account.
//! Refuses to show a password or a key.

use axum::extract::{Extension, OriginalUri, Path, State};
use axum::response::Response;
use domain::iam::{NewIamUser, PasswordChange, UserCard};
use http::StatusCode;
use model::iam::IamUser;
use model::{Ctx, PlainSecret};
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
pub struct NewIamUserBody {
    /// 1 to 64 letters, digits and characters of `+=,.@_-`; unique in the account, whatever the case.
    #[schema(example = "deploy.bot", max_length = 64)]
    username: String,
    /// By the account's password rules; without one, the user is for programs only.
    #[schema(example = "vexing plum orbit", format = Password)]
    password: Option<String>,
    /// The names of groups to be in.
    #[serde(default)]
    #[schema(example = json!(["developers"]))]
    groups: Vec<String>,
    /// The ids of policies to have.
    #[serde(default)]
    #[schema(example = json!(["ReadOnlyAccess"]))]
    policies: Vec<String>,
    /// Whether the password signs in; if there is one, unless this says otherwise.
    #[schema(example = true)]
    console_access: Option<bool>,
    /// Whether the password has to be changed at the first sign-in.
    #[serde(default)]
    #[schema(example = false)]
    require_change: bool,
}

#[derive(Serialize, ToSchema)]
pub struct IamUserBody {
    #[schema(example = "usr_0123456789abcdefghjkmnpqrs")]
    id: String,
    /// As it was given.
    #[schema(example = "deploy.bot")]
    username: String,
    /// The user's name in policies.
    #[schema(example = "arn:authz:iam::123456789012:user/deploy.bot")]
    arn: String,
    /// Twelve digits.
    #[schema(example = "123456789012")]
    account_id: String,
    /// Whether a password signs in.
    #[schema(example = true)]
    console_access: bool,
    /// Since when the user has the password.
    #[schema(example = "2026-11-21T12:29:10Z")]
    password_set_at: Option<String>,
    /// Whether the password has to be changed at the next sign-in.
    #[schema(example = false)]
    change_required: bool,
    created_at: String,
}

#[derive(Serialize, ToSchema)]
pub struct IamUserCard {
    #[serde(flatten)]
    user: IamUserBody,
    /// The names of the groups that the user is in.
    #[schema(example = json!(["developers"]))]
    groups: Vec<String>,
    /// Whether a code is asked for at sign-in.
    #[schema(example = false)]
    two_factor_enabled: bool,
}

#[derive(Deserialize, ToSchema)]
pub struct IamPasswordBody {
    /// The new one, by the account's password rules.
    #[schema(example = "another plum orbit", format = Password)]
    password: Option<String>,
    /// Whether it has to be changed at the next sign-in.
    #[serde(default)]
    #[schema(example = true)]
    require_change: bool,
    /// `true` in the place of a password: none signs in any more, and what one has signed in ends.
    #[serde(default)]
    #[schema(example = false)]
    disabled: bool,
}

impl From<&IamUser> for IamUserBody {
    fn from(user: &IamUser) -> Self {
        Self {
            id: user.id.to_string(),
            username: user.name.to_string(),
            arn: user.arn(),
            account_id: user.account_id.to_string(),
            console_access: user.console_since.is_some(),
            password_set_at: user.password_set_at.map(time::rfc3339),
            change_required: user.change_required_at.is_some(),
            created_at: time::rfc3339(user.created_at),
        }
    }
}

impl From<UserCard> for IamUserCard {
    fn from(card: UserCard) -> Self {
        Self {
            user: IamUserBody::from(&card.user),
            groups: card.groups,
            two_factor_enabled: card.second_factor,
        }
    }
}

/// The users of the account, by name.
///
/// Action `iam:ListUsers` on `user/*`. At most 100 on a page.
#[utoipa::path(get, path = "/iam/users", tag = "platform", operation_id = "iam_list_users",
    params(Page), security(("bearer" = [])), responses((status = 200, body = Vec<IamUserBody>)))]
pub async fn list(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    acting: Acting,
    page: Page,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Failure> {
    let permit = acting.permit(&state, &ctx, "iam:ListUsers", "iam:user/*").await?;
    let part = (page.limit, page.offset());
    let users = state.authority.list_iam_users(&permit, part).await?;
    let body: Vec<IamUserBody> = users.items.iter().map(IamUserBody::from).collect();
    Ok(page.describe(private(StatusCode::OK, &body), &uri, users.total))
}

/// Make a user of the account.
///
/// Action `iam:CreateUser` on `user/<name>`. Groups and policies must give no more than the caller has, or it is 403
/// `beyond_own_rights`; all of it is made, or nothing. A name that another user has, whatever the case, is 409 `name_taken`.
#[utoipa::path(post, path = "/iam/users", tag = "platform", operation_id = "iam_create_user",
    security(("bearer" = [])), request_body = NewIamUserBody, responses((status = 201, body = IamUserCard)))]
pub async fn create(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    acting: Acting,
    Body(body): Body<NewIamUserBody>,
) -> Result<Response, Failure> {
    let resource = format!("iam:user/{}", body.username);
    let permit = acting.permit(&state, &ctx, "iam:CreateUser", &resource).await?;
    let new = NewIamUser {
        username: body.username,
        console_access: body.console_access.unwrap_or(body.password.is_some()),
        password: body.password.as_deref().map(PlainSecret::new),
        require_change: body.require_change,
        groups: body.groups,
        policies: body.policies,
    };
    let card = state.authority.create_iam_user(&ctx, &permit, new).await?;
    Ok(private(StatusCode::CREATED, &IamUserCard::from(card)))
}

/// Show a user.
///
/// Action `iam:GetUser` on `user/<name>`.
#[utoipa::path(get, path = "/iam/users/{username}", tag = "platform", operation_id = "iam_read_user",
    params(("username" = String, Path)), security(("bearer" = [])), responses((status = 200, body = IamUserCard)))]
pub async fn read(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(username): Path<String>,
    acting: Acting,
) -> Result<Response, Failure> {
    let resource = format!("iam:user/{username}");
    let permit = acting.permit(&state, &ctx, "iam:GetUser", &resource).await?;
    let card = state.authority.read_iam_user(&permit, &username).await?;
    Ok(private(StatusCode::OK, &IamUserCard::from(card)))
}

/// End a user: policies, keys, sessions and tokens die at once.
///
/// Action `iam:DeleteUser` on `user/<name>`. Only owners end a user who administers the account.
#[utoipa::path(delete, path = "/iam/users/{username}", tag = "platform", operation_id = "iam_delete_user",
    params(("username" = String, Path)), security(("bearer" = [])), responses((status = 200, body = StatusBody)))]
pub async fn delete(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(username): Path<String>,
    acting: Acting,
) -> Result<Response, Failure> {
    let resource = format!("iam:user/{username}");
    let permit = acting.permit(&state, &ctx, "iam:DeleteUser", &resource).await?;
    state.authority.delete_iam_user(&ctx, &permit, &username).await?;
    Ok(private(StatusCode::OK, &StatusBody::OK))
}

/// Set a user's password, or let none sign in.
///
/// Action `iam:UpdatePassword` on `user/<name>`; by somebody signed in. Sessions of the user end. The user must have no more
/// rights than the caller, or it is 403 `beyond_own_rights`.
#[utoipa::path(patch, path = "/iam/users/{username}/password", tag = "platform", operation_id = "iam_set_password",
    params(("username" = String, Path)), security(("bearer" = [])), request_body = IamPasswordBody,
    responses((status = 200, body = StatusBody)))]
pub async fn set_password(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(username): Path<String>,
    acting: Acting,
    Body(body): Body<IamPasswordBody>,
) -> Result<Response, Failure> {
    let change = match (body.password.as_deref(), body.disabled) {
        (Some(password), false) => PasswordChange::Set {
            password: PlainSecret::new(password),
            require_change: body.require_change,
        },
        (None, true) => PasswordChange::Disable,
        _ => {
            let told = "is required, or `disabled` in its place";
            return Err(Failure::invalid_field("password", told));
        }
    };
    let resource = format!("iam:user/{username}");
    let permit = acting
        .permit(&state, &ctx, "iam:UpdatePassword", &resource)
        .await?;
    state
        .authority
        .set_iam_password(&ctx, &permit, (&username, change))
        .await?;
    Ok(private(StatusCode::OK, &StatusBody::OK))
}
