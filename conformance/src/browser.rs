//! A browser as far as redirects need one: it keeps cookies and follows nothing by itself.
//! It runs no scripts and reads no pages but their forms' answers.

use std::time::Duration;

use reqwest::redirect::Policy;

use crate::http::Http;
use crate::trouble::{Outcome, Trouble};

/// The server as one browser reaches it.
///
/// # Errors
/// `NotTried` when no client can be built.
pub fn open(http: &Http) -> Outcome<Http> {
    let client = reqwest::Client::builder()
        .cookie_store(true)
        .redirect(Policy::none())
        .no_proxy()
        .timeout(Duration::from_secs(30))
        .build();
    client
        .map(|client| http.through(client))
        .map_err(|error| Trouble::NotTried(error.to_string()))
}
