//! Requests for a WebSocket: where their credential stands, and which pages may make them.
//! It refuses to leave a credential among the protocols, where the upstream or an answer could repeat it.

use crate::refusal::Refusal;
use crate::routes::Route;
use http::header::{AUTHORIZATION, HOST, ORIGIN, SEC_WEBSOCKET_PROTOCOL, UPGRADE};
use http::{HeaderValue, Method, Version};
use pingora::http::RequestHeader;

/// The protocol that stands for none: browsers want one of those they named.
pub const MARKER: &str = "authz.bearer";
const PREFIX: &str = "authz.bearer.";
/// As many protocols as are read.
const MOST_PROTOCOLS: usize = 32;

/// Whether a request asks for another protocol; the connection is of no more use after it.
pub fn asks_for_upgrade(request: &RequestHeader) -> bool {
    request.version == Version::HTTP_11 && request.headers.contains_key(UPGRADE)
}

/// Whether a request asks for a WebSocket.
pub fn asks_for_websocket(request: &RequestHeader) -> bool {
    // RFC 6455 §4.1
    request.version == Version::HTTP_11
        && request.method == Method::GET
        && request
            .headers
            .get(UPGRADE)
            .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// Moves a token from `Sec-WebSocket-Protocol: authz.bearer.<token>` to `Authorization`, and takes the marker
/// away. `true` when the marker was there. A browser can set no other header.
///
/// # Errors
/// When there is more than one such token, or it is none.
pub fn lift_credential(request: &mut RequestHeader) -> Result<bool, Refusal> {
    let refused = |_| Refusal::AmbiguousCredential;
    let named = request.headers.get_all(SEC_WEBSOCKET_PROTOCOL);
    let mut kept = Vec::new();
    let (mut token, mut marker) = (None, false);
    for (number, protocol) in named
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
        .enumerate()
    {
        if number == MOST_PROTOCOLS {
            return Err(Refusal::AmbiguousCredential);
        }
        match protocol.strip_prefix(PREFIX.as_bytes()) {
            Some(_) if token.is_some() => return Err(Refusal::AmbiguousCredential),
            Some(found) => token = Some([b"Bearer ", found].concat()),
            None if protocol == MARKER.as_bytes() => marker = true,
            None => kept.push(protocol),
        }
    }
    if token.is_none() && !marker {
        return Ok(false);
    }
    let kept = HeaderValue::from_bytes(&kept.join(&b", "[..])).map_err(|_| Refusal::AmbiguousCredential)?;
    request.remove_header(&SEC_WEBSOCKET_PROTOCOL);
    if !kept.is_empty() {
        request
            .insert_header(SEC_WEBSOCKET_PROTOCOL, kept)
            .map_err(refused)?;
    }
    if let Some(token) = token {
        let mut value = HeaderValue::from_bytes(&token).map_err(|_| Refusal::AmbiguousCredential)?;
        value.set_sensitive(true);
        // Beside an Authorization that was there already: two credentials are refused like everywhere.
        request.append_header(AUTHORIZATION, value).map_err(refused)?;
    }
    Ok(marker)
}

/// Judges the page that asks.
///
/// # Errors
/// When it is not one of the route's.
pub fn judge_origin(route: &Route, request: &RequestHeader) -> Result<(), Refusal> {
    let mut origins = request.headers.get_all(ORIGIN).iter();
    let authority = request.headers.get(HOST).map_or(&b""[..], HeaderValue::as_bytes);
    // RFC 6454 §7.3: one at most.
    let admitted = route.terms.admits(origins.next(), authority) && origins.next().is_none();
    if admitted {
        Ok(())
    } else {
        Err(Refusal::ForeignOrigin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lifted(protocols: &[&str]) -> (Result<bool, Refusal>, RequestHeader) {
        let mut request = RequestHeader::build("GET", b"/", None).unwrap();
        for value in protocols {
            request
                .append_header(SEC_WEBSOCKET_PROTOCOL, value.to_string())
                .unwrap();
        }
        (lift_credential(&mut request), request)
    }

    fn kept(request: &RequestHeader) -> Option<&str> {
        let value = request.headers.get(SEC_WEBSOCKET_PROTOCOL)?;
        value.to_str().ok()
    }

    #[test]
    fn a_token_among_the_protocols_becomes_the_credential() {
        let (marker, request) = lifted(&["chat, authz.bearer.abc.def", "v2"]);
        assert_eq!(marker, Ok(false));
        assert_eq!(kept(&request), Some("chat, v2"));
        assert_eq!(request.headers[AUTHORIZATION], "Bearer abc.def");
    }

    #[test]
    fn the_marker_goes_with_it() {
        let (marker, request) = lifted(&["authz.bearer, authz.bearer.abc"]);
        assert_eq!((marker, kept(&request)), (Ok(true), None));
    }

    #[test]
    fn other_protocols_stay_as_they_are() {
        let (marker, request) = lifted(&["chat,authz.bear"]);
        assert_eq!((marker, kept(&request)), (Ok(false), Some("chat,authz.bear")));
        assert!(!request.headers.contains_key(AUTHORIZATION));
    }

    /// X07
    #[test]
    fn two_tokens_are_refused() {
        assert_eq!(
            lifted(&["authz.bearer.a, authz.bearer.b"]).0,
            Err(Refusal::AmbiguousCredential)
        );
        let many = ["x"; MOST_PROTOCOLS + 1].join(",");
        assert_eq!(lifted(&[&many]).0, Err(Refusal::AmbiguousCredential));
    }
}
