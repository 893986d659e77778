//! The last hand on every answer: request id, and words for errors that have none.
//! Leaves alone what a handler has written itself.

use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, HeaderValue, Method, Request, header};
use serde_json::json;

use super::{Inner, problem::Problem, request_id};
use crate::{
    pages::{Layout, Nonce, respond, view::ErrorPage},
    surfaces::{Failure, Surface},
};

/// Headers that stay when words take the place of a bare answer; without the last three a script of another origin could
/// not read why it was refused.
const KEPT: [header::HeaderName; 6] = [
    header::ALLOW,
    header::WWW_AUTHENTICATE,
    header::CONNECTION,
    header::VARY,
    header::ACCESS_CONTROL_ALLOW_ORIGIN,
    header::ACCESS_CONTROL_EXPOSE_HEADERS,
];

/// What of the request the answer depends on.
pub(super) struct Asked {
    pub(super) request_id: String,
    pub(super) method: Method,
    for_people: bool,
    surface: Option<Surface>,
}

impl Asked {
    pub(super) fn of<B>(request: &Request<B>, request_id: String) -> Self {
        Self {
            request_id,
            method: request.method().clone(),
            for_people: wants_html(request.headers()),
            surface: Surface::of_path(request.uri().path()),
        }
    }
}

pub(super) fn finish(mut response: Response, asked: &Asked, shared: &Inner) -> Response {
    if is_wordless(&response) {
        response = match asked.surface {
            Some(surface) => at_surface(surface, response, asked),
            None => with_words(&response, asked, shared),
        };
    }
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::try_from(&asked.request_id) {
        headers.insert(request_id::HEADER, id);
    }
    headers
        .entry(header::X_CONTENT_TYPE_OPTIONS)
        .or_insert(HeaderValue::from_static("nosniff"));
    response
}

/// An error that nobody phrased: a bare status, or the plain text of a failed extraction, which may quote its input.
fn is_wordless(response: &Response) -> bool {
    let kind = response
        .headers()
        .get(header::CONTENT_TYPE)
        .map(HeaderValue::as_bytes);
    let failed = response.status().is_client_error() || response.status().is_server_error();
    failed && kind.is_none_or(|kind| kind.starts_with(b"text/plain"))
}

fn at_surface(surface: Surface, bare: Response, asked: &Asked) -> Response {
    let stated = bare.extensions().get::<Failure>().cloned();
    let failure = stated.unwrap_or_else(|| {
        let problem = bare.extensions().get::<Problem>().copied();
        problem
            .unwrap_or_else(|| Problem::of_status(bare.status()))
            .into()
    });
    surface.explain(&failure, bare, &asked.request_id)
}

fn with_words(bare: &Response, asked: &Asked, shared: &Inner) -> Response {
    let stated = bare.extensions().get::<Problem>().copied();
    let problem = stated.unwrap_or_else(|| Problem::of_status(bare.status()));
    let mut response = if asked.for_people {
        page(problem, asked, shared)
    } else {
        document(problem, asked)
    };
    if let Some(seconds) = problem.retry_after {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    for name in KEPT {
        for value in bare.headers().get_all(&name) {
            response.headers_mut().append(&name, value.clone());
        }
    }
    response
}

/// RFC 9457.
fn document(problem: Problem, asked: &Asked) -> Response {
    let body = json!({
        "type": "about:blank",
        "title": problem.status.canonical_reason().unwrap_or("Error"),
        "status": problem.status.as_u16(),
        "detail": problem.message,
        "code": problem.code,
        "request_id": asked.request_id,
    });
    let headers = [
        (header::CONTENT_TYPE, "application/problem+json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (problem.status, headers, body.to_string()).into_response()
}

fn page(problem: Problem, asked: &Asked, shared: &Inner) -> Response {
    let mut bytes = [0; 16];
    shared.random.fill(&mut bytes);
    let page = ErrorPage {
        layout: Layout::new(shared.brand.clone(), Nonce::from_bytes(bytes), shared.https),
        title: problem.status.canonical_reason().unwrap_or("Error").to_owned(),
        message: problem.message.to_owned(),
        code: Some(problem.code.to_owned()),
        description: None,
        request_id: asked.request_id.clone(),
    };
    respond(problem.status, &page)
}

/// Browsers name HTML; programs do not.
fn wants_html(headers: &HeaderMap) -> bool {
    let lines = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split(','))
        .any(|kind| kind.trim_start().starts_with("text/html"))
}
