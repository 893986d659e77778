//! How large a request may be, in each of its parts.
//! Refuses compressed bodies: their true size is unknown until they are read.

use axum::{
    BoxError, Error,
    body::{Body, Bytes, HttpBody},
    response::{IntoResponse as _, Response},
};
use domain::people::LONGEST_UPLOAD;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use super::problem::Problem;

const BODY_BYTES: usize = 64 * 1024;
/// Routes that take a picture, by their templates, and what a form may put around it.
const PICTURE_ROUTES: [&str; 2] = ["/account/profile/picture", "/api/auth/avatar"];
const AROUND_PICTURE_BYTES: usize = 16 * 1024;
/// Where GitHub tells of many repositories at once.
const EVENT_ROUTE: &str = "/api/auth/github-app/webhook";
const EVENT_BYTES: usize = 1024 * 1024;
const TARGET_BYTES: usize = 8 * 1024;
const HEADER_BYTES: usize = 32 * 1024;
const HEADER_FIELDS: usize = 100;

/// The request with a body that ends with an error beyond what its route takes, or the limit that it broke.
pub(super) fn bounded<B>(request: Request<B>, route: &str) -> Result<Request<Body>, Problem>
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let target = request
        .uri()
        .path_and_query()
        .map_or(0, |target| target.as_str().len());
    if target > TARGET_BYTES {
        return Err(Problem::URI_TOO_LONG);
    }
    let headers = request.headers();
    let header_bytes: usize = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 4)
        .sum();
    if headers.len() > HEADER_FIELDS || header_bytes > HEADER_BYTES {
        return Err(Problem::HEADERS_TOO_LARGE);
    }
    if headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .any(|coding| coding != "identity")
    {
        return Err(Problem::UNSUPPORTED_MEDIA_TYPE);
    }
    let most = body_bytes(route);
    if declared_bytes(headers).is_some_and(|declared| declared > most as u64) {
        return Err(Problem::TOO_LARGE);
    }
    Ok(request.map(|body| Body::new(Limited::new(body, most))))
}

/// All of a bounded body, or what to say of one that is too long or breaks off.
pub async fn whole(body: Body) -> Result<Bytes, Response> {
    match body.collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) => Err(match is_too_long(error) {
            true => Problem::TOO_LARGE.bare(),
            false => StatusCode::BAD_REQUEST.into_response(),
        }),
    }
}

/// A body within another wraps the error once more.
fn is_too_long(error: Error) -> bool {
    let inner = error.into_inner();
    let inner = inner
        .downcast()
        .map_or_else(|inner| inner, |error: Box<Error>| error.into_inner());
    inner.is::<LengthLimitError>()
}

fn body_bytes(route: &str) -> usize {
    match route {
        route if PICTURE_ROUTES.contains(&route) => LONGEST_UPLOAD + AROUND_PICTURE_BYTES,
        EVENT_ROUTE => EVENT_BYTES,
        _ => BODY_BYTES,
    }
}

fn declared_bytes(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
