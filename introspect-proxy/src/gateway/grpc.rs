//! How a refusal is told to a gRPC client: as a status of its own protocol, in a response that is all trailers.
//! It refuses to send a body, which such a client would take for a message.

use crate::refusal::Form;
use crate::respond::Answer;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode, header};

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

/// The same answer in the words of gRPC.
#[must_use]
pub fn translated(answer: Answer, form: &Form) -> Answer {
    let own = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/grpc")),
        (
            HeaderName::from_static("grpc-status"),
            HeaderValue::from(u16::from(code(form.status))),
        ),
    ];
    // The details are our own sentences in plain ASCII; only `%` would have to be escaped.
    let message = HeaderValue::from_str(&form.detail.replace('%', "%25")).ok();
    let message = message.map(|message| (HeaderName::from_static("grpc-message"), message));
    let kept = answer.headers.into_iter();
    let kept = kept.filter(|(name, _)| *name != header::CONTENT_TYPE);
    Answer {
        status: StatusCode::OK,
        headers: kept.chain(own).chain(message).collect(),
        body: Bytes::new(),
    }
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
