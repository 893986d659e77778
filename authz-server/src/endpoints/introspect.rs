//! `POST /oauth2/introspect` (RFC 7662), signed on request (RFC 9701).
//! Refuses public clients: introspection callers are authenticated.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::Fault;
use domain::oauth::introspect::Introspection;
use http::{HeaderMap, HeaderName, header};
use oauth::error::OAuthError;
use oauth::introspection::{IntrospectionRequest, REVOCATION_POSITION, SIGNED_MEDIA_TYPE};
use serde_json::json;

use super::answer::{faulty, not_stored, to_client, uncached, with_header};
use super::client_request::ClientRequest;
use crate::app::AppState;

pub async fn introspect(State(state): State<AppState>, request: ClientRequest) -> Response {
    if request.client.is_public() {
        return to_client(&OAuthError::invalid_client());
    }
    let asked = match IntrospectionRequest::from_params(&request.params) {
        Ok(asked) => asked,
        Err(error) => return to_client(&error.into()),
    };
    let found = match state
        .authority
        .introspect(&request.ctx, &request.client, asked.token.expose())
        .await
    {
        Ok(found) => found,
        Err(fault) => return faulty(&fault),
    };
    let answer = match wants_signed(&request.headers) {
        true => signed(&state, &request, &found),
        false => Ok(uncached(&found.response)),
    };
    let answer = answer.unwrap_or_else(|fault| faulty(&fault));
    with_header(
        answer,
        HeaderName::from_static(REVOCATION_POSITION),
        &found.position.to_string(),
    )
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
