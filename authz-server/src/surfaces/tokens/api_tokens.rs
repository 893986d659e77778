//! `/api/tokens`: tokens of a person for their programs.
//! Refuses to show a token twice, and to say more of one to strangers than whether it stands.

use std::collections::BTreeMap;

use axum::extract::{Extension, OriginalUri, Path, State};
use axum::response::Response;
use domain::api_keys::{CreateKeyError, NewApiKey};
use http::StatusCode;
use model::api_key::{ApiKey, KeyKind, KeyLife, KeyName};
use model::{Ctx, Timestamp};
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
use crate::surfaces::{Failure, api_keys};

const UNKNOWN: &str = "There is no such token.";

#[derive(Deserialize, ToSchema)]
#[schema(as = tokens::NewToken)]
pub struct NewToken {
    /// To tell tokens apart: 1 to 64 characters.
    #[schema(example = "ci-deploy", max_length = 64)]
    name: String,
    /// From `<service>.<user_id>[.<resource>[.<id>]]` to the actions allowed there and below.
    #[schema(example = json!({"compute.usr_0123456789abcdefghjkmnpqrs.containers": ["read", "create"]}))]
    scopes: BTreeMap<String, Vec<String>>,
    /// For how long it lives.
    #[serde(default)]
    expires_in: Life,
}

/// For how long a token is made.
#[derive(Deserialize, Default, Clone, Copy, ToSchema)]
#[schema(as = tokens::Life)]
pub enum Life {
    #[serde(rename = "30d")]
    Month,
    #[serde(rename = "90d")]
    Quarter,
    #[serde(rename = "365d")]
    Year,
    #[default]
    #[serde(rename = "never")]
    Never,
}

#[derive(Serialize, ToSchema)]
#[schema(as = tokens::Token)]
pub struct TokenBody {
    #[schema(example = "tok_0123456789abcdefghjkmnpqrs")]
    id: String,
    /// To tell tokens apart.
    #[schema(example = "ci-deploy")]
    name: String,
    /// From a service, a user and perhaps a resource to the actions allowed there and below.
    #[schema(example = json!({"compute.usr_0123456789abcdefghjkmnpqrs.containers": ["create", "read"]}))]
    scopes: BTreeMap<String, Vec<String>>,
    /// Seconds since 1970; 0 for never.
    #[schema(example = 1_720_000_000)]
    expires_at: i64,
    /// Seconds since 1970.
    #[schema(example = 1_712_224_000)]
    created_at: i64,
    /// Seconds since 1970; 0 for never.
    #[schema(example = 0)]
    last_used_at: i64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = tokens::CreatedToken)]
pub struct CreatedToken {
    #[serde(flatten)]
    key: TokenBody,
    /// Shown this one time.
    #[schema(example = "ecloud_eyJhbGci...")]
    token: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = tokens::RotatedToken)]
pub struct RotatedToken {
    #[serde(flatten)]
    created: CreatedToken,
    replaces: ReplacedToken,
}

/// The old token, and until when it goes on.
#[derive(Serialize, ToSchema)]
#[schema(as = tokens::ReplacedToken)]
pub struct ReplacedToken {
    #[schema(example = "tok_0123456789abcdefghjkmnpqrs")]
    id: String,
    #[schema(example = 1_712_310_400)]
    expires_at: i64,
}

impl From<Life> for KeyLife {
    fn from(life: Life) -> Self {
        match life {
            Life::Month => Self::days(30),
            Life::Quarter => Self::days(90),
            Life::Year => Self::days(365),
            Life::Never => Self::Never,
        }
    }
}

impl From<&ApiKey> for TokenBody {
    fn from(key: &ApiKey) -> Self {
        let owned = |actions: Vec<&str>| actions.into_iter().map(str::to_owned).collect();
        let scopes = key.permissions.to_map().into_iter();
        Self {
            id: key.id.to_string(),
            name: key.name.to_string(),
            scopes: scopes
                .map(|(path, actions)| (path.to_owned(), owned(actions)))
                .collect(),
            expires_at: key.expiry().map_or(0, Timestamp::as_seconds),
            created_at: key.created_at.as_seconds(),
            last_used_at: key.last_used_at.map_or(0, Timestamp::as_seconds),
        }
    }
}

fn wish(body: &NewToken) -> Result<NewApiKey, CreateKeyError> {
    let name = KeyName::parse(&body.name)?;
    let entries = body.scopes.iter();
    let entries =
        entries.map(|(path, actions)| (path.as_str(), actions.iter().map(String::as_str).collect()));
    let permissions = PermissionSet::from_map(entries)?;
    let mut new = NewApiKey::new(KeyKind::Token, name, permissions);
    new.life = body.expires_in.into();
    Ok(new)
}

/// Make a token for a program.
///
/// The token is shown this one time. Each key of `scopes` names a service and the caller's own id, unless an
/// administrator asks; it grants what is below it, too. A name that another live token of the caller has is 409
/// `duplicate_name`.
#[utoipa::path(post, path = "/tokens", tag = "tokens", operation_id = "tokens_create", security(("bearer" = [])),
    request_body = NewToken, responses((status = 201, body = CreatedToken)))]
pub async fn create(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Signed { user, .. }: Signed,
    Body(body): Body<NewToken>,
) -> Result<Response, Failure> {
    let (key, text) = state.authority.create_api_key(&ctx, &user, wish(&body)?).await?;
    let body = CreatedToken {
        key: TokenBody::from(&key),
        token: text.expose().to_owned(),
    };
    Ok(private(StatusCode::CREATED, &body))
}

/// The caller's tokens, newest first.
///
/// The tokens themselves are not shown again. At most 100 on a page.
#[utoipa::path(get, path = "/tokens", tag = "tokens", operation_id = "tokens_list", security(("bearer" = [])),
    params(Page), responses((status = 200, body = Vec<TokenBody>)))]
pub async fn list(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Signed { user, .. }: Signed,
    page: Page,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Failure> {
    let kinds = [KeyKind::Token];
    let (keys, total) = api_keys::on_page(&state, &ctx, (user.id, &kinds), page).await?;
    let tokens: Vec<TokenBody> = keys.iter().map(TokenBody::from).collect();
    Ok(page.describe(private(StatusCode::OK, &tokens), &uri, total))
}

/// End a token, everywhere at once.
///
/// It is dead here, at the proxies and at `/check` before this is answered.
#[utoipa::path(delete, path = "/tokens/{id}", tag = "tokens", operation_id = "tokens_revoke",
    security(("bearer" = [])), params(("id" = String, Path)), responses((status = 200, body = StatusBody)))]
pub async fn revoke(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Signed { user, .. }: Signed,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    api_keys::end(&state, &ctx, (user.id, &id), UNKNOWN).await?;
    Ok(private(StatusCode::OK, &StatusBody::OK))
}

/// Make a token in the place of another.
///
/// It has the name, the scopes and the length of life of the old one, which goes on for `overlap`, so that programs can be
/// told. A token is replaced once: again is 409 `key_replaced`.
#[utoipa::path(post, path = "/tokens/{id}/rotate", tag = "tokens", operation_id = "tokens_rotate",
    security(("bearer" = [])), params(("id" = String, Path)), request_body = RotationWish,
    responses((status = 201, body = RotatedToken)))]
pub async fn rotate(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Signed { user, .. }: Signed,
    Path(id): Path<String>,
    OptionalBody(wish): OptionalBody<RotationWish>,
) -> Result<Response, Failure> {
    let which = (&user, id.as_str(), [KeyKind::Token].as_slice());
    let new = api_keys::rotate(&state, &ctx, which, (wish, UNKNOWN)).await?;
    let body = RotatedToken {
        created: CreatedToken {
            key: TokenBody::from(&new.key),
            token: new.text.expose().to_owned(),
        },
        replaces: ReplacedToken {
            id,
            expires_at: new.old_ends_at.as_seconds(),
        },
    };
    Ok(private(StatusCode::CREATED, &body))
}

/// Whether a token stands: not unknown, revoked or expired. For services, which need no credential for it.
#[utoipa::path(get, path = "/tokens/{id}/check", tag = "tokens", operation_id = "tokens_check",
    params(("id" = String, Path)), responses((status = 200, body = StatusBody)))]
pub async fn check(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    match state.authority.api_key_stands(&ctx, &id).await? {
        true => Ok(private(StatusCode::OK, &StatusBody { status: "valid" })),
        false => Err(Failure::not_found(UNKNOWN)),
    }
}
