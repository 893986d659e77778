//! `/api/auth/cli-tokens`: keys of the command line, for repositories.

use axum::extract::{Extension, OriginalUri, Path, State};
use axum::response::Response;
use domain::api_keys::{CreateKeyError, NewApiKey};
use http::StatusCode;
use model::Ctx;
use model::api_key::{ApiKey, KeyKind, KeyLife, KeyName, Repositories};
use oauth::permission::PermissionSet;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::wire::StatusBody;
use crate::app::AppState;
use crate::surfaces::answer::private;
use crate::surfaces::api_keys::RotationWish;
use crate::surfaces::body::{Body, OptionalBody};
use crate::surfaces::caller::Signed;
use crate::surfaces::page::Page;
use crate::surfaces::{Failure, api_keys, time};

const UNKNOWN: &str = "There is no such token.";

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewCliToken {
    /// To tell tokens apart: 1 to 64 characters.
    #[schema(example = "CI Pipeline", max_length = 64)]
    name: String,
    /// `resource:action` each; no more than the caller may do.
    #[schema(example = json!(["repos:read", "scans:trigger"]))]
    scopes: Vec<String>,
    /// Good for every repository; `repositories` says nothing then.
    #[serde(default)]
    #[schema(example = false)]
    all_repositories: bool,
    /// Ids of repositories: at most 200, of 128 characters each.
    #[serde(default)]
    #[schema(example = json!(["octo-org/octo-repo"]))]
    repositories: Vec<String>,
    /// `30d`, any number of days up to 3650, or `never`, which is the default.
    #[schema(example = "30d")]
    expires_in: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CliToken {
    #[schema(example = "tok_0123456789abcdefghjkmnpqrs")]
    id: String,
    /// To tell tokens apart.
    #[schema(example = "CI Pipeline")]
    name: String,
    #[schema(example = json!(["repos:read", "scans:trigger"]))]
    scopes: Vec<String>,
    /// Good for every repository.
    all_repositories: bool,
    /// Those it is good for, otherwise.
    #[schema(example = json!(["octo-org/octo-repo"]))]
    repositories: Vec<String>,
    /// The first characters, to tell tokens apart.
    #[schema(example = "ci_Mz7KudIB")]
    prefix: String,
    last_used_at: Option<String>,
    expires_at: Option<String>,
    created_at: String,
}

#[derive(Serialize, ToSchema)]
pub struct CreatedCliToken {
    /// Shown this one time.
    #[schema(example = "ci_abc123...")]
    token: String,
    #[serde(flatten)]
    key: CliToken,
}

#[derive(Serialize, ToSchema)]
pub struct RotatedCliToken {
    #[serde(flatten)]
    created: CreatedCliToken,
    replaces: ReplacedCliToken,
}

/// The old token, and until when it goes on.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReplacedCliToken {
    #[schema(example = "tok_0123456789abcdefghjkmnpqrs")]
    id: String,
    expires_at: String,
}

impl From<&ApiKey> for CliToken {
    fn from(key: &ApiKey) -> Self {
        let scopes = key.permissions.to_list();
        Self {
            id: key.id.to_string(),
            name: key.name.to_string(),
            scopes: scopes.into_iter().map(str::to_owned).collect(),
            all_repositories: key.repositories.are_all(),
            repositories: key.repositories.named().to_vec(),
            prefix: key.prefix.clone(),
            last_used_at: key.last_used_at.map(time::rfc3339),
            expires_at: key.expiry().map(time::rfc3339),
            created_at: time::rfc3339(key.created_at),
        }
    }
}

fn wish(body: &NewCliToken) -> Result<NewApiKey, CreateKeyError> {
    let name = KeyName::parse(&body.name)?;
    let permissions = PermissionSet::from_list(body.scopes.iter().map(String::as_str))?;
    let mut new = NewApiKey::new(KeyKind::Cli, name, permissions);
    new.repositories = match body.all_repositories {
        true => Repositories::All,
        false => Repositories::only(body.repositories.iter().map(String::as_str))?,
    };
    if let Some(life) = &body.expires_in {
        new.life = KeyLife::parse(life)?;
    }
    Ok(new)
}

/// The caller's tokens, newest first.
///
/// The tokens themselves are not shown again. At most 100 on a page.
#[utoipa::path(get, path = "/cli-tokens", tag = "console", operation_id = "console_cli_tokens",
    params(Page), security(("bearer" = [])), responses((status = 200, body = Vec<CliToken>)))]
pub async fn list(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Signed { user, .. }: Signed,
    page: Page,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Failure> {
    let kinds = [KeyKind::Cli];
    let (keys, total) = api_keys::on_page(&state, &ctx, (user.id, &kinds), page).await?;
    let tokens: Vec<CliToken> = keys.iter().map(CliToken::from).collect();
    Ok(page.describe(private(StatusCode::OK, &tokens), &uri, total))
}

/// Make a token for a command line or a pipeline.
///
/// The token is shown this one time. It can do no more than its maker may. A name that another live token of the caller
/// has is 409 `duplicate_name`.
#[utoipa::path(post, path = "/cli-tokens", tag = "console", operation_id = "console_create_cli_token",
    security(("bearer" = [])), request_body = NewCliToken, responses((status = 201, body = CreatedCliToken)))]
pub async fn create(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Signed { user, .. }: Signed,
    Body(body): Body<NewCliToken>,
) -> Result<Response, Failure> {
    let new = wish(&body).map_err(refused)?;
    let made = state.authority.create_api_key(&ctx, &user, new).await;
    let (key, text) = made.map_err(refused)?;
    let body = CreatedCliToken {
        token: text.expose().to_owned(),
        key: CliToken::from(&key),
    };
    Ok(private(StatusCode::CREATED, &body))
}

/// End a token, everywhere at once.
///
/// It is dead here, at the proxies and at `/check` before this is answered.
#[utoipa::path(delete, path = "/cli-tokens/{tokenId}", tag = "console", operation_id = "console_revoke_cli_token",
    params(("tokenId" = String, Path)), security(("bearer" = [])), responses((status = 200, body = StatusBody)))]
pub async fn revoke(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(token_id): Path<String>,
    Signed { user, .. }: Signed,
) -> Result<Response, Failure> {
    api_keys::end(&state, &ctx, (user.id, &token_id), UNKNOWN).await?;
    Ok(private(StatusCode::OK, &StatusBody::OK))
}

/// Make a token in the place of another.
///
/// It has the name, the scopes and the length of life of the old one, which goes on for `overlap`, so that programs can be
/// told. A token is replaced once: again is 409 `key_replaced`.
#[utoipa::path(post, path = "/cli-tokens/{tokenId}/rotate", tag = "console", operation_id = "console_rotate_cli_token",
    params(("tokenId" = String, Path)), security(("bearer" = [])), request_body = RotationWish,
    responses((status = 201, body = RotatedCliToken)))]
pub async fn rotate(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(id): Path<String>,
    Signed { user, .. }: Signed,
    OptionalBody(wish): OptionalBody<RotationWish>,
) -> Result<Response, Failure> {
    let which = (&user, id.as_str(), [KeyKind::Cli].as_slice());
    let new = api_keys::rotate(&state, &ctx, which, (wish, UNKNOWN)).await?;
    let body = RotatedCliToken {
        created: CreatedCliToken {
            token: new.text.expose().to_owned(),
            key: CliToken::from(&new.key),
        },
        replaces: ReplacedCliToken {
            id,
            expires_at: time::rfc3339(new.old_ends_at),
        },
    };
    Ok(private(StatusCode::CREATED, &body))
}

/// The member is spelt otherwise here than at the other surfaces.
fn refused(error: CreateKeyError) -> Failure {
    match error {
        CreateKeyError::Life(_) | CreateKeyError::TooLong => {
            Failure::invalid_field("expiresIn", error.to_string())
        }
        other => other.into(),
    }
}
