//! What the OAuth library says of a token request, in the words of the port.
//! Quotes nothing of an answer but the name of its error.

use std::time::Duration;

use domain::federation::{UpstreamError, UpstreamTokens};
use model::{PlainSecret, Timestamp};
use oauth2::{RequestTokenError, StandardErrorResponse, TokenResponse, basic::BasicErrorResponseType};

use super::outside::OutsideError;

type Failed = RequestTokenError<OutsideError, StandardErrorResponse<BasicErrorResponseType>>;

/// Longest life of a token that is believed.
const FOR_EVER: Duration = Duration::from_secs(10 * 365 * 86_400);

pub(super) fn refused(error: Failed) -> UpstreamError {
    match error {
        RequestTokenError::ServerResponse(answer) => by_name(answer.error().as_ref()),
        RequestTokenError::Request(error) => error.into(),
        RequestTokenError::Parse(_, body) => match error_name(&body) {
            Some(name) => by_name(&name),
            None => {
                UpstreamError::Unavailable("the token endpoint's answer is no JSON of its kind".to_owned())
            }
        },
        RequestTokenError::Other(words) => UpstreamError::Unavailable(words),
    }
}

/// RFC 6749 §5.2; what our own registration there lacks is out of order, not a no to the person.
fn by_name(name: &str) -> UpstreamError {
    let ours = [
        "invalid_client",
        "unauthorized_client",
        "incorrect_client_credentials",
        "redirect_uri_mismatch",
        "temporarily_unavailable",
        "server_error",
    ];
    let words: String = name.chars().filter(char::is_ascii_graphic).take(64).collect();
    if ours.contains(&name) {
        UpstreamError::Unavailable(words)
    } else {
        UpstreamError::Refused(words)
    }
}

/// GitHub answers errors with 200.
fn error_name(body: &[u8]) -> Option<String> {
    let value: serde_json::Value = serde_json::from_slice(body).ok()?;
    Some(value.get("error")?.as_str()?.to_owned())
}

/// `before`: the refresh token that stays when there comes no other (RFC 6749 §6).
pub(super) fn tokens(
    answer: &impl TokenResponse,
    now: Timestamp,
    before: Option<&PlainSecret>,
) -> UpstreamTokens {
    let fresh = answer
        .refresh_token()
        .map(|refresh| PlainSecret::new(refresh.secret()));
    UpstreamTokens {
        access: PlainSecret::new(answer.access_token().secret()),
        refresh: fresh.or_else(|| before.cloned()),
        expires_at: answer.expires_in().map(|life| now.plus(life.min(FOR_EVER))),
    }
}
