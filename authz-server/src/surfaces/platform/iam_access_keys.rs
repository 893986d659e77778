//! `/auth/iam/users/{username}/access-keys`: what the programs of an IAM user sign with.
//! Refuses to show a secret again.

use axum::extract::{Extension, Path, State};
use axum::response::Response;
use domain::access_keys::{CreateAccessKeyError, NewAccessKey};
use http::StatusCode;
use model::Ctx;
use model::access_key::AccessKey;
use serde::Serialize;
use utoipa::ToSchema;

use super::wire::StatusBody;
use crate::app::AppState;
use crate::surfaces::acting::Acting;
use crate::surfaces::answer::private;
use crate::surfaces::{Failure, time};

#[derive(Serialize, ToSchema)]
pub struct AccessKeyBody {
    #[schema(example = "AKIAIOSFODNN7EXAMPLE")]
    access_key_id: String,
    created_at: String,
    /// When it was last exchanged.
    last_used_at: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct NewAccessKeyBody {
    #[schema(example = "AKIAIOSFODNN7EXAMPLE")]
    access_key_id: String,
    /// 40 characters, shown this once.
    #[schema(example = "wJalrXUtnFEMI-K7MDENG_bPxRfiCYEXAMPLEKEY")]
    secret_access_key: String,
    created_at: String,
}

impl From<&AccessKey> for AccessKeyBody {
    fn from(key: &AccessKey) -> Self {
        Self {
            access_key_id: key.id.to_string(),
            created_at: time::rfc3339(key.created_at),
            last_used_at: key.last_used_at.map(time::rfc3339),
        }
    }
}

impl From<&NewAccessKey> for NewAccessKeyBody {
    fn from(made: &NewAccessKey) -> Self {
        Self {
            access_key_id: made.key.id.to_string(),
            secret_access_key: made.secret.expose().to_owned(),
            created_at: time::rfc3339(made.key.created_at),
        }
    }
}

impl From<CreateAccessKeyError> for Failure {
    fn from(error: CreateAccessKeyError) -> Self {
        match error {
            CreateAccessKeyError::TooMany => Self::conflict(
                "too_many_keys",
                "The user has two access keys already. Delete one first.",
            ),
            CreateAccessKeyError::Beyond(error) => error.into(),
            CreateAccessKeyError::NotNow => {
                Self::conflict("account_suspended", "The user can't have new keys now.")
            }
            CreateAccessKeyError::Fault(fault) => fault.into(),
        }
    }
}

/// The access keys of an IAM user, oldest first.
///
/// Action `iam:ListAccessKeys` on `user/<name>`. Without their secrets: those were shown once.
#[utoipa::path(get, path = "/iam/users/{username}/access-keys", tag = "platform", operation_id = "iam_list_access_keys",
    params(("username" = String, Path)), security(("bearer" = [])),
    responses((status = 200, body = Vec<AccessKeyBody>)))]
pub async fn list(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(username): Path<String>,
    acting: Acting,
) -> Result<Response, Failure> {
    let resource = format!("iam:user/{username}");
    let permit = acting
        .permit(&state, &ctx, "iam:ListAccessKeys", &resource)
        .await?;
    let user = state.authority.iam_user_named(&permit, &username).await?;
    let keys = state.authority.list_access_keys(&permit, &user).await?;
    let body: Vec<AccessKeyBody> = keys.iter().map(AccessKeyBody::from).collect();
    Ok(private(StatusCode::OK, &body))
}

/// Make an access key.
///
/// Action `iam:CreateAccessKey` on `user/<name>`. The secret is shown this once. A user has two keys at most, so that one
/// can take the place of the other; a third is 409 `too_many_keys`.
#[utoipa::path(post, path = "/iam/users/{username}/access-keys", tag = "platform", operation_id = "iam_create_access_key",
    params(("username" = String, Path)), security(("bearer" = [])),
    responses((status = 201, body = NewAccessKeyBody)))]
pub async fn create(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(username): Path<String>,
    acting: Acting,
) -> Result<Response, Failure> {
    let resource = format!("iam:user/{username}");
    let permit = acting
        .permit(&state, &ctx, "iam:CreateAccessKey", &resource)
        .await?;
    let user = state.authority.iam_user_named(&permit, &username).await?;
    let made = state.authority.create_access_key(&ctx, &permit, &user).await?;
    Ok(private(StatusCode::CREATED, &NewAccessKeyBody::from(&made)))
}

/// Delete an access key.
///
/// Action `iam:DeleteAccessKey` on `user/<name>`. Every token that it was exchanged for ends at once.
#[utoipa::path(delete, path = "/iam/users/{username}/access-keys/{id}", tag = "platform",
    operation_id = "iam_delete_access_key", params(("username" = String, Path), ("id" = String, Path)),
    security(("bearer" = [])), responses((status = 200, body = StatusBody)))]
pub async fn delete(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path((username, id)): Path<(String, String)>,
    acting: Acting,
) -> Result<Response, Failure> {
    let resource = format!("iam:user/{username}");
    let permit = acting
        .permit(&state, &ctx, "iam:DeleteAccessKey", &resource)
        .await?;
    let user = state.authority.iam_user_named(&permit, &username).await?;
    let unknown = || Failure::not_found("The user has no such access key.");
    let id = id.parse().map_err(|_| unknown())?;
    if !state
        .authority
        .delete_access_key(&ctx, &permit, (&user, id))
        .await?
    {
        return Err(unknown());
    }
    Ok(private(StatusCode::OK, &StatusBody::OK))
}
