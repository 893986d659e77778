//! `/oauth2/register`: clients register themselves (RFC 7591) and look after it (RFC 7592).
//! Refuses bodies that are not one JSON object with a single reading, and tells nobody which clients exist.

use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::response::{IntoResponse, Response};
use domain::clients::{LookAfterError, RegisterClientError};
use http::{HeaderMap, StatusCode, header};
use model::Ctx;
use model::client::Client;
use oauth::bearer::Scheme;
use oauth::client_cert::ExpectedName;
use oauth::error::{ErrorCode, OAuthError};
use oauth::response::ResponseType;
use serde_json::{Map, Value, json};

use super::answer::{at_resource, faulty, no_credential, not_stored, to_client, uncached, with_header};
use super::bearer_token::from_header;
use crate::app::AppState;

pub async fn register(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (token, said) = match (bearer(&headers), object(&headers, &body)) {
        (Ok(token), Ok(said)) => (token, said),
        (Err(refusal), _) | (_, Err(refusal)) => return refusal,
    };
    match state.authority.register_client(&ctx, token, &said).await {
        Ok(made) => {
            let mut answer = metadata(&made.client);
            if let Some(secret) = &made.secret {
                answer.insert("client_secret".to_owned(), secret.expose().into());
                answer.insert("client_secret_expires_at".to_owned(), 0.into());
            }
            looked_after(
                &state,
                &mut answer,
                &made.client,
                made.registration_token.expose(),
            );
            let mut response = uncached(&answer);
            *response.status_mut() = StatusCode::CREATED;
            response
        }
        Err(error) => refused(error),
    }
}

pub async fn read(State(state): State<AppState>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let token = match bearer(&headers) {
        Ok(Some(token)) => token,
        Ok(None) => return no_credential(),
        Err(refusal) => return refusal,
    };
    match state.authority.read_registration(&id, token).await {
        Ok(client) => {
            let mut answer = metadata(&client);
            looked_after(&state, &mut answer, &client, token);
            uncached(&answer)
        }
        Err(error) => not_looked_after(error),
    }
}

pub async fn update(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (token, said) = match (bearer(&headers), object(&headers, &body)) {
        (Ok(Some(token)), Ok(said)) => (token, said),
        (Ok(None), _) => return no_credential(),
        (Err(refusal), _) | (_, Err(refusal)) => return refusal,
    };
    match state
        .authority
        .update_registration(&ctx, (&id, token), &said)
        .await
    {
        Ok(updated) => {
            let mut answer = metadata(&updated.client);
            looked_after(
                &state,
                &mut answer,
                &updated.client,
                updated.registration_token.expose(),
            );
            uncached(&answer)
        }
        Err(error) => not_looked_after(error),
    }
}

pub async fn delete(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let token = match bearer(&headers) {
        Ok(Some(token)) => token,
        Ok(None) => return no_credential(),
        Err(refusal) => return refusal,
    };
    match state.authority.delete_registration(&ctx, &id, token).await {
        // RFC 7592 §2.3
        Ok(()) => not_stored(StatusCode::NO_CONTENT.into_response()),
        Err(error) => not_looked_after(error),
    }
}

/// RFC 7591 §3, RFC 7592 §2: these tokens are bearer tokens.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Response> {
    match from_header(headers)? {
        None => Ok(None),
        Some((Scheme::Bearer, token)) => Ok(Some(token)),
        Some((Scheme::DPoP, _)) => Err(no_credential()),
    }
}

fn object(headers: &HeaderMap, body: &[u8]) -> Result<Map<String, Value>, Response> {
    let media = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let media = media.unwrap_or_default().split(';').next().unwrap_or_default();
    if !media.trim().eq_ignore_ascii_case("application/json") {
        return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response());
    }
    match jose::parse_strict(body) {
        Some(Value::Object(said)) => Ok(said),
        _ => Err(to_client(&OAuthError::new(
            ErrorCode::InvalidClientMetadata,
            "The body must be one JSON object without repeated members",
        ))),
    }
}

/// RFC 7591 §3.2.1: what is registered now, which may be less than was asked for.
fn metadata(client: &Client) -> Map<String, Value> {
    let settings = &client.settings;
    let mut told = Map::new();
    let mut tell = |name: &str, value: Value| {
        if !value.is_null() {
            told.insert(name.to_owned(), value);
        }
    };
    tell("client_id", client.id.as_str().into());
    tell("client_id_issued_at", client.created_at.as_seconds().into());
    tell("client_name", client.name.as_str().into());
    tell("application_type", settings.application_type.as_str().into());
    tell("redirect_uris", settings.redirect_uris.clone().into());
    if !settings.post_logout_redirect_uris.is_empty() {
        tell(
            "post_logout_redirect_uris",
            settings.post_logout_redirect_uris.clone().into(),
        );
    }
    tell("token_endpoint_auth_method", settings.auth_method.as_str().into());
    let grants: Vec<_> = settings.grant_types.iter().map(|grant| grant.as_str()).collect();
    tell("grant_types", grants.into());
    tell("response_types", json!([ResponseType::Code]));
    tell("scope", settings.scopes.to_string().into());
    tell("jwks", settings.jwks.clone().unwrap_or_default());
    if let Some((member, value)) = settings.certificate_name.as_ref().map(ExpectedName::told) {
        tell(member, value.into());
    }
    if settings.dpop_bound_access_tokens {
        tell("dpop_bound_access_tokens", true.into());
    }
    if settings.tls_client_certificate_bound_access_tokens {
        tell("tls_client_certificate_bound_access_tokens", true.into());
    }
    tell("client_uri", json!(settings.client_uri));
    tell("policy_uri", json!(settings.policy_uri));
    tell("tos_uri", json!(settings.tos_uri));
    told
}

/// RFC 7592 §3: with what, and where.
fn looked_after(state: &AppState, answer: &mut Map<String, Value>, client: &Client, token: &str) {
    let uri = format!(
        "{}/oauth2/register/{}",
        state.authority.settings.issuer, client.id
    );
    answer.insert("registration_client_uri".to_owned(), uri.into());
    answer.insert("registration_access_token".to_owned(), token.into());
}

fn refused(error: RegisterClientError) -> Response {
    match error {
        RegisterClientError::Closed => {
            let words = "Clients do not register themselves here";
            at_resource(&OAuthError::new(ErrorCode::AccessDenied, words), None)
        }
        RegisterClientError::NoToken => no_credential(),
        RegisterClientError::BadToken => bad_token(),
        RegisterClientError::Invalid(error) => to_client(&error),
        RegisterClientError::TooMany { retry_after } => {
            let response = to_client(&OAuthError::temporarily_unavailable());
            let wait = retry_after.as_secs().max(1).to_string();
            let mut response = with_header(response, header::RETRY_AFTER, &wait);
            *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            response
        }
        RegisterClientError::Fault(fault) => faulty(&fault),
    }
}

fn not_looked_after(error: LookAfterError) -> Response {
    match error {
        LookAfterError::BadToken => bad_token(),
        LookAfterError::Invalid(error) => to_client(&error),
        LookAfterError::Fault(fault) => faulty(&fault),
    }
}

/// RFC 7592 §2: also for clients that are not there.
fn bad_token() -> Response {
    at_resource(
        &OAuthError::new(ErrorCode::InvalidToken, "The token is not good here"),
        None,
    )
}
