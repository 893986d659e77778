//! Answers that several page handlers give.
//! Carries fixed words only.

use std::time::Duration;

use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderValue, StatusCode, header};

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

/// What somebody reads who has tried too often.
pub fn too_many_attempts(retry_after: Duration) -> String {
    let wait = match retry_after.as_secs().max(1) {
        1 => "1 second".to_owned(),
        seconds @ 2..=90 => format!("{seconds} seconds"),
        seconds => format!("{} minutes", seconds.div_ceil(60)),
    };
    format!("Too many attempts. Please try again in {wait}.")
}

/// `response`, telling programs too when to come back.
pub fn wait(mut response: Response, retry_after: Duration) -> Response {
    let seconds = HeaderValue::from(retry_after.as_secs().max(1));
    response.headers_mut().insert(header::RETRY_AFTER, seconds);
    response
}

/// The same where there is something to wait for.
pub fn wait_if(response: Response, retry_after: Option<Duration>) -> Response {
    match retry_after {
        Some(retry_after) => wait(response, retry_after),
        None => response,
    }
}

/// 303, so that the browser never repeats the form (O38).
pub fn see_other(location: &str) -> Response {
    let mut response = Redirect::to(location).into_response();
    let headers = response.headers_mut();
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
