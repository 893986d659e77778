//! How a refusal is told to a gRPC client: as a status of its own protocol, in a response that is all trailers.
//! It refuses to send a body, which such a client would take for a message.

use crate::refusal::Form;
use crate::respond::Answer;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

/// The codes of gRPC that stand for answers of a proxy.
const fn code(status: u16) -> u8 {
    match status {
        401 => 16,
        403 | 421 | 431 => 7,
        404 | 405 => 12,
        429 => 8,
        502..=504 => 14,
        400..=499 => 3,
        _ => 13,
    }
}

/// The status of gRPC for a refusal, and its words.
fn status(form: &Form) -> impl Iterator<Item = (HeaderName, HeaderValue)> + use<> {
    // The details are our own sentences in plain ASCII; only `%` would have to be escaped.
    let message = HeaderValue::from_str(&form.detail.replace('%', "%25")).ok();
    let message = message.map(|message| (HeaderName::from_static("grpc-message"), message));
    let status = HeaderValue::from(u16::from(code(form.status)));
    [(HeaderName::from_static("grpc-status"), status)]
        .into_iter()
        .chain(message)
}

/// The same answer in the words of gRPC.
#[must_use]
pub fn translated(answer: Answer, form: &Form) -> Answer {
    let media = (header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    let kept = answer.headers.into_iter();
    let kept = kept.filter(|(name, _)| *name != header::CONTENT_TYPE);
    Answer {
        status: StatusCode::OK,
        headers: kept.chain([media]).chain(status(form)).collect(),
        body: Bytes::new(),
    }
}

/// What ends a call whose answer has begun: the status of an answer that comes too late to be one.
#[must_use]
pub fn trailers(answer: &Answer) -> HeaderMap {
    let told = answer.headers.iter();
    let told = told.filter(|(name, _)| name.as_str().starts_with("grpc-"));
    told.cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::Refusal;
    use std::time::Duration;

    #[test]
    fn each_refusal_has_its_code() {
        for (refusal, code) in [
            (Refusal::NoCredential, "16"),
            (Refusal::InvalidToken("the token was revoked"), "16"),
            (Refusal::WrongAudience, "7"),
            (Refusal::NoRoute, "12"),
            (Refusal::RateLimited(Duration::ZERO), "8"),
            (Refusal::Unavailable("no answer"), "14"),
            (Refusal::UpstreamFailed(502), "14"),
            (Refusal::AmbiguousCredential, "3"),
            (Refusal::UpstreamFailed(500), "13"),
        ] {
            let answer = Answer {
                status: StatusCode::IM_A_TEAPOT,
                headers: vec![(
                    header::CONTENT_TYPE,
                    HeaderValue::from_static("application/problem+json"),
                )],
                body: Bytes::from_static(b"{}"),
            };
            let told = translated(answer, &refusal.form());
            let value = |name: &str| {
                told.headers
                    .iter()
                    .find(|(own, _)| own == name)
                    .unwrap()
                    .1
                    .clone()
            };
            assert_eq!((told.status, told.body.len()), (StatusCode::OK, 0));
            assert_eq!(value("grpc-status"), code, "{refusal:?}");
            assert_eq!(value("content-type"), "application/grpc");
            assert_eq!(value("grpc-message"), refusal.form().detail);
        }
    }
}
