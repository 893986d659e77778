//! Turns a filled view into a response that cannot leave without its security headers.
//! Chooses no status and reads no request.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;

use super::layout::Layout;
use super::security_headers::{ContentPolicy, security_headers};

/// A view that is a whole page.
pub trait Page: Template {
    /// The frame it is shown in.
    fn layout(&self) -> &Layout;

    /// What it may load and where its forms may lead.
    fn content_policy(&self) -> ContentPolicy {
        self.layout().content_policy_for(None)
    }
}

/// Renders `page` with `status` and every header of [`security_headers`].
pub fn respond<P: Page>(status: StatusCode, page: &P) -> Response {
    let headers = security_headers(&page.content_policy(), page.layout().https);
    match page.render() {
        Ok(body) => (status, headers, Html(body)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            (
                StatusCode::INTERNAL_SERVER_ERROR,
                headers,
                "The page could not be shown.",
            )
                .into_response()
        }
    }
}
