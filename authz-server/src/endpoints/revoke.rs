//! `POST /oauth2/revoke` (RFC 7009).

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use oauth::revocation::RevocationRequest;

use super::answer::{faulty, not_stored, to_client};
use super::client_request::ClientRequest;
use crate::app::AppState;

pub async fn revoke(State(state): State<AppState>, request: ClientRequest) -> Response {
    let asked = match RevocationRequest::from_params(&request.params) {
        Ok(asked) => asked,
        Err(error) => return to_client(&error.into()),
    };
    match state
        .authority
        .revoke_token(&request.ctx, &request.client, asked.token.expose())
        .await
    {
        // RFC 7009 §2.2: 200, also for what was never a token.
        Ok(()) => not_stored(StatusCode::OK.into_response()),
        Err(fault) => faulty(&fault),
    }
}
