//! `GET /api/session`
//! Refuses API keys: it tells of a sign-in.

use axum::response::Response;
use http::StatusCode;

use super::wire::PersonBody;
use crate::surfaces::Failure;
use crate::surfaces::answer::private;
use crate::surfaces::caller::Signed;

/// Who is signed in.
///
/// Needs a token of a sign-in, at whatever surface.
#[utoipa::path(get, path = "/session", tag = "tokens", operation_id = "tokens_session",
    security(("bearer" = [])), responses((status = 200, body = PersonBody)))]
pub async fn session(Signed { user, .. }: Signed) -> Result<Response, Failure> {
    Ok(private(StatusCode::OK, &PersonBody::from(&user)))
}
