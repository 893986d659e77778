//! The account that somebody picks when they sign in.
//! Refuses two that differ; whether they work there is not decided here.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderName, HeaderValue};
use model::iam::AccountId;

use crate::surfaces::Failure;

const HEADER: HeaderName = HeaderName::from_static("x-account-id");

/// The header, as it was sent.
pub struct ChosenAccount(pub Option<HeaderValue>);

impl<S: Sync> FromRequestParts<S> for ChosenAccount {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.headers.get(HEADER).cloned()))
    }
}

/// The one account that header and body name, if either does.
///
/// # Errors
/// 400 for what is no number of an account; 403 when they differ (T05).
pub fn chosen_account(
    header: Option<&HeaderValue>,
    body: Option<&str>,
) -> Result<Option<AccountId>, Failure> {
    let read = |text: Option<&str>| {
        let parsed = text.map(|text| text.trim().parse::<AccountId>()).transpose();
        parsed.map_err(|error| Failure::invalid_field("account_id", error.to_string()))
    };
    let header = header.map(|value| value.to_str().unwrap_or_default());
    match (read(header)?, read(body)?) {
        (Some(header), Some(body)) if header != body => Err(Failure::forbidden(
            "account_mismatch",
            "The header X-Account-Id names another account than the body.",
        )),
        (header, body) => Ok(header.or(body)),
    }
}
