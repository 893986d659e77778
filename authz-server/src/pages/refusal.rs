//! Answers that several page handlers give.
//! Carries fixed words only.

use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;

use super::respond;
use super::view::ErrorPage;
use super::visitor::Visitor;

/// A form that did not come from a page of ours in this browser.
pub fn forged(visitor: &Visitor) -> Response {
    let words = "This form is too old or was not opened in this browser. Please go back, reload the page and try again.";
    page(visitor, StatusCode::FORBIDDEN, "That did not work", words)
}

/// An error page in the visitor's brand.
pub fn page(visitor: &Visitor, status: StatusCode, title: &str, message: &str) -> Response {
    let page = ErrorPage {
        layout: visitor.layout(),
        title: title.to_owned(),
        message: message.to_owned(),
        code: None,
        description: None,
        request_id: visitor.ctx.origin.request_id.clone().unwrap_or_default(),
    };
    respond(status, &page)
}

/// 303, so that the browser never repeats the form (O38).
pub fn see_other(location: &str) -> Response {
    let mut response = Redirect::to(location).into_response();
    let headers = response.headers_mut();
    headers.insert(
        http::header::REFERRER_POLICY,
        http::HeaderValue::from_static("no-referrer"),
    );
    headers.insert(
        http::header::CACHE_CONTROL,
        http::HeaderValue::from_static("no-store"),
    );
    response
}
