//! `POST /oauth2/introspect` (RFC 7662), signed on request (RFC 9701).
//! Refuses public clients: introspection callers are authenticated.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::Fault;
use domain::oauth::introspect::Introspection;
use http::{HeaderMap, HeaderName, header};
use oauth::error::OAuthError;
use oauth::introspection::{IntrospectionRequest, REVOCATION_POSITION, SIGNED_MEDIA_TYPE};
use serde_json::json;

use super::answer::{faulty, not_stored, to_client, uncached};
use super::client_request::ClientRequest;
use crate::app::AppState;

const POSITION: HeaderName = HeaderName::from_static(REVOCATION_POSITION);

pub async fn introspect(State(state): State<AppState>, request: ClientRequest) -> Response {
    if request.client.is_public() {
        return to_client(&OAuthError::invalid_client());
    }
    let asked = match IntrospectionRequest::from_params(&request.params) {
        Ok(asked) => asked,
        Err(error) => return to_client(&error.into()),
    };
    let mut found = match state
        .authority
        .introspect(&request.ctx, &request.client, asked.token)
        .await
    {
        Ok(found) => found,
        Err(fault) => return faulty(&fault),
    };
    let answer = match wants_signed(&request.headers) {
        true => signed(&state, &request, &found),
        false => Ok(found
            .json
            .take()
            .map_or_else(|| uncached(&found.response), written)),
    };
    let mut answer = answer.unwrap_or_else(|fault| faulty(&fault));
    answer.headers_mut().insert(POSITION, found.position.into());
    answer
}

/// What was written as JSON before.
fn written(json: Bytes) -> Response {
    not_stored(([(header::CONTENT_TYPE, "application/json")], json).into_response())
}

fn wants_signed(headers: &HeaderMap) -> bool {
    let lines = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split(','))
        .any(|kind| kind.trim().eq_ignore_ascii_case(SIGNED_MEDIA_TYPE))
}

/// RFC 9701 §5.
fn signed(state: &AppState, request: &ClientRequest, found: &Introspection) -> Result<Response, Fault> {
    let authority = &state.authority;
    let claims = json!({
        "iss": authority.settings.issuer,
        "aud": request.client.id,
        "iat": request.ctx.now.as_seconds(),
        "token_introspection": found.response,
    });
    let signer = authority.keys.snapshot();
    let signer = signer.signer(authority.id_token_algorithm(&request.client))?;
    let token = signer.sign("token-introspection+jwt", &claims)?;
    Ok(not_stored(
        ([(header::CONTENT_TYPE, SIGNED_MEDIA_TYPE)], token).into_response(),
    ))
}
