//! What kind of exchange lasts, told from the head of its response.
//! It refuses to guess from paths or from the request.

use http::{HeaderMap, Method, StatusCode, header};

/// Kinds of lasting exchanges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// A WebSocket.
    Tunnel,
    /// Server-sent events.
    Events,
    /// A gRPC call.
    Call,
    /// A body that takes its time, in either direction.
    Body,
}

impl Nature {
    /// Its name in logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tunnel => "websocket",
            Self::Events => "events",
            Self::Call => "call",
            Self::Body => "body",
        }
    }

    /// Whether it has no end of its own.
    #[must_use]
    pub const fn is_endless(self) -> bool {
        matches!(self, Self::Tunnel | Self::Events)
    }
}

/// The kind of exchange whose response begins like this; none when it will soon be over, as far as one can tell.
#[must_use]
pub fn of_response(method: &Method, status: StatusCode, headers: &HeaderMap) -> Option<Nature> {
    if status == StatusCode::SWITCHING_PROTOCOLS {
        return Some(Nature::Tunnel);
    }
    let empty = *method == Method::HEAD
        || status.is_informational()
        || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    if empty {
        return None;
    }
    let kind = headers
        .get(header::CONTENT_TYPE)
        .map_or(&b""[..], http::HeaderValue::as_bytes);
    if names(kind, b"text/event-stream") {
        Some(Nature::Events)
    } else if is_grpc(kind) {
        Some(Nature::Call)
    } else {
        // RFC 9112 §6.3: without a length it lasts until it ends.
        (!headers.contains_key(header::CONTENT_LENGTH)).then_some(Nature::Body)
    }
}

/// Whether a content type is that of gRPC, in whichever encoding of messages.
#[must_use]
pub fn is_grpc(kind: &[u8]) -> bool {
    const GRPC: &[u8] = b"application/grpc";
    names(kind, GRPC) || (kind.get(GRPC.len()) == Some(&b'+') && names(&kind[..GRPC.len()], GRPC))
}

/// RFC 9110 §8.3.1: type and subtype in any case, parameters behind a semicolon.
fn names(kind: &[u8], wanted: &[u8]) -> bool {
    let essence = kind.split(|byte| *byte == b';').next().unwrap_or_default();
    essence.trim_ascii().eq_ignore_ascii_case(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn nature(status: u16, pairs: &[(header::HeaderName, &'static str)]) -> Option<Nature> {
        let headers = pairs
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)))
            .collect();
        of_response(&Method::GET, StatusCode::from_u16(status).unwrap(), &headers)
    }

    #[test]
    fn what_lasts_is_told_from_the_head() {
        let kind = header::CONTENT_TYPE;
        assert_eq!(nature(101, &[]), Some(Nature::Tunnel));
        let events = "Text/Event-Stream; charset=utf-8";
        assert_eq!(nature(200, &[(kind.clone(), events)]), Some(Nature::Events));
        for grpc in [
            "application/grpc",
            "application/grpc+proto",
            "application/grpc;x=1",
        ] {
            assert_eq!(nature(200, &[(kind.clone(), grpc)]), Some(Nature::Call), "{grpc}");
        }
        for other in ["application/grpc-web", "application/json"] {
            assert_eq!(
                nature(200, &[(kind.clone(), other)]),
                Some(Nature::Body),
                "{other}"
            );
        }
        assert_eq!(nature(200, &[(header::CONTENT_LENGTH, "5")]), None);
        assert_eq!(nature(204, &[]), None);
        assert_eq!(
            of_response(&Method::HEAD, StatusCode::OK, &HeaderMap::new()),
            None
        );
    }
}
