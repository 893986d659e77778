//! The HTTP client that the foreign OAuth crates are given.
//! It follows no redirect.

use openidconnect::{HttpRequest, HttpResponse};

/// Why a request of a foreign crate got no answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// It could not be sent or read.
    #[error(transparent)]
    Request(#[from] reqwest::Error),
    /// The answer could not be rebuilt.
    #[error(transparent)]
    Answer(#[from] openidconnect::http::Error),
}

/// Sends one request.
pub async fn http(request: HttpRequest) -> Result<HttpResponse, HttpError> {
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    let answer = client.execute(request.try_into()?).await?;
    let mut response = openidconnect::http::Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        response = response.header(name, value);
    }
    Ok(response.body(answer.bytes().await?.to_vec())?)
}
