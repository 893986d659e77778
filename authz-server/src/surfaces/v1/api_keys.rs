//! `/v1/auth/api-keys`: keys of a person for their programs.
//! Refuses API keys as callers, and to show a key twice.

use axum::extract::{Extension, OriginalUri, Path, State};
use axum::response::Response;
use domain::api_keys::{CreateKeyError, NewApiKey};
use http::StatusCode;
use model::Ctx;
use model::api_key::{ApiKey, KeyKind, KeyLife, KeyName};
use oauth::permission::PermissionSet;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::AppState;
use crate::surfaces::answer::private;
use crate::surfaces::api_keys::RotationWish;
use crate::surfaces::body::{Body, OptionalBody};
use crate::surfaces::caller::Signed;
use crate::surfaces::page::Page;
use crate::surfaces::{Failure, api_keys, time};

const KINDS: [KeyKind; 2] = [KeyKind::Api, KeyKind::Admin];
const UNKNOWN: &str = "There is no such key.";

#[derive(Deserialize, ToSchema)]
#[schema(as = v1::NewApiKey)]
pub struct NewKeyBody {
    /// To tell keys apart: 1 to 64 characters.
    #[schema(example = "Production Key", max_length = 64)]
    name: String,
    /// `resource:action` each; no more than the caller may do.
    #[schema(example = json!(["databases:read", "databases:write"]))]
    scopes: Vec<String>,
    /// `365d`, any number of days up to 3650, or `never`, which is the default.
    #[schema(example = "365d")]
    expires_in: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = v1::CreatedApiKey)]
pub struct CreatedKeyBody {
    /// Shown this one time.
    #[schema(example = "ch_live_abc123...")]
    api_key: String,
    #[serde(flatten)]
    key: KeyBody,
}

#[derive(Serialize, ToSchema)]
#[schema(as = v1::RotatedApiKey)]
pub struct RotatedKeyBody {
    #[serde(flatten)]
    created: CreatedKeyBody,
    replaces: ReplacedKeyBody,
}

/// The old key, and until when it goes on.
#[derive(Serialize, ToSchema)]
#[schema(as = v1::ReplacedApiKey)]
pub struct ReplacedKeyBody {
    #[schema(example = "tok_0123456789abcdefghjkmnpqrs")]
    id: String,
    expires_at: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = v1::ApiKey)]
pub struct KeyBody {
    #[schema(example = "tok_0123456789abcdefghjkmnpqrs")]
    id: String,
    /// To tell keys apart.
    #[schema(example = "Production Key")]
    name: String,
    /// The first characters, to tell keys apart.
    #[schema(example = "ch_live_abc")]
    prefix: String,
    scopes: Vec<String>,
    last_used_at: Option<String>,
    expires_at: Option<String>,
    created_at: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = v1::ApiKeys)]
pub struct KeysBody {
    /// The part of them that was asked for.
    api_keys: Vec<KeyBody>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = v1::RevokedApiKey)]
pub struct RevokedKeyBody {
    #[schema(example = "api_key_revoked")]
    message_code: &'static str,
}

impl From<&ApiKey> for KeyBody {
    fn from(key: &ApiKey) -> Self {
        let scopes = key.permissions.to_list();
        Self {
            id: key.id.to_string(),
            name: key.name.to_string(),
            prefix: key.prefix.clone(),
            scopes: scopes.into_iter().map(str::to_owned).collect(),
            last_used_at: key.last_used_at.map(time::rfc3339),
            expires_at: key.expiry().map(time::rfc3339),
            created_at: time::rfc3339(key.created_at),
        }
    }
}

fn wish(body: &NewKeyBody) -> Result<NewApiKey, CreateKeyError> {
    let name = KeyName::parse(&body.name)?;
    let permissions = PermissionSet::from_list(body.scopes.iter().map(String::as_str))?;
    let mut new = NewApiKey::new(KeyKind::Api, name, permissions);
    if let Some(life) = &body.expires_in {
        new.life = KeyLife::parse(life)?;
    }
    Ok(new)
}

/// Make a key for a program.
///
/// `api_key` is shown this one time. A key can do no more than its maker may. Scopes are `resource:action`. A name that
/// another live key of the caller has is 409 `DUPLICATE_NAME`.
#[utoipa::path(post, path = "/auth/api-keys", tag = "v1", operation_id = "v1_create_api_key",
    security(("bearer" = [])), request_body = NewKeyBody, responses((status = 201, body = CreatedKeyBody)))]
pub async fn create(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Signed { user, .. }: Signed,
    Body(body): Body<NewKeyBody>,
) -> Result<Response, Failure> {
    let (key, text) = state.authority.create_api_key(&ctx, &user, wish(&body)?).await?;
    let body = CreatedKeyBody {
        api_key: text.expose().to_owned(),
        key: KeyBody::from(&key),
    };
    Ok(private(StatusCode::CREATED, &body))
}

/// The caller's keys, newest first.
///
/// The keys themselves are not shown again. At most 100 on a page.
#[utoipa::path(get, path = "/auth/api-keys", tag = "v1", operation_id = "v1_list_api_keys",
    security(("bearer" = [])), params(Page), responses((status = 200, body = KeysBody)))]
pub async fn list(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Signed { user, .. }: Signed,
    page: Page,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Failure> {
    let (keys, total) = api_keys::on_page(&state, &ctx, (user.id, &KINDS), page).await?;
    let api_keys = keys.iter().map(KeyBody::from).collect();
    let response = private(StatusCode::OK, &KeysBody { api_keys });
    Ok(page.describe(response, &uri, total))
}

/// End a key, everywhere at once.
///
/// It is dead here, at the proxies and at `/check` before this is answered.
#[utoipa::path(delete, path = "/auth/api-keys/{id}", tag = "v1", operation_id = "v1_revoke_api_key",
    security(("bearer" = [])), params(("id" = String, Path)), responses((status = 200, body = RevokedKeyBody)))]
pub async fn revoke(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Signed { user, .. }: Signed,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    api_keys::end(&state, &ctx, (user.id, &id), UNKNOWN).await?;
    let message_code = "api_key_revoked";
    Ok(private(StatusCode::OK, &RevokedKeyBody { message_code }))
}

/// Make a key in the place of another.
///
/// It has the name, the scopes and the length of life of the old one, which goes on for `overlap`, so that programs can be
/// told. A key is replaced once: again is 409 `key_replaced`.
#[utoipa::path(post, path = "/auth/api-keys/{id}/rotate", tag = "v1", operation_id = "v1_rotate_api_key",
    security(("bearer" = [])), params(("id" = String, Path)), request_body = RotationWish,
    responses((status = 201, body = RotatedKeyBody)))]
pub async fn rotate(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Signed { user, .. }: Signed,
    Path(id): Path<String>,
    OptionalBody(wish): OptionalBody<RotationWish>,
) -> Result<Response, Failure> {
    let which = (&user, id.as_str(), KINDS.as_slice());
    let new = api_keys::rotate(&state, &ctx, which, (wish, UNKNOWN)).await?;
    let body = RotatedKeyBody {
        created: CreatedKeyBody {
            api_key: new.text.expose().to_owned(),
            key: KeyBody::from(&new.key),
        },
        replaces: ReplacedKeyBody {
            id,
            expires_at: time::rfc3339(new.old_ends_at),
        },
    };
    Ok(private(StatusCode::CREATED, &body))
}
