//! The head of a request on its way to the service: what no client may say is taken out, what is known here is put in.
//! It refuses to pass on a credential, unless the route wants it.

use super::spelling::Spelling;
use super::{Context, Origin, cookies};
use crate::bearer;
use crate::config::Identity;
use crate::forwarded::{self, Peer};
use crate::identity;
use crate::respond::REQUEST_ID;
use crate::routes::Route;
use http::header;
use http::header::{HeaderMap, HeaderName, InvalidHeaderValue};
use http::request::Parts;
use oauth::client_cert;
use pingora::http::RequestHeader;
use pingora::upstreams::peer::{HttpPeer, HttpUpstreamRequestPolicy};
use pingora::{Error, ErrorType, OrErr};

/// As many headers as are put in, at most.
const ADDED: usize = 10;

/// Edits the head.
///
/// # Errors
/// When nobody decided about the request, or a value cannot stand in a header.
pub(super) fn edit(request: &mut RequestHeader, ctx: &Context, origin: &Origin) -> pingora::Result<()> {
    let (Some(route), Some(peer)) = (&ctx.route, &ctx.peer) else {
        return Err(Error::explain(
            ErrorType::InternalError,
            "a request without a decision",
        ));
    };
    as_plain_map(request, |headers| {
        let way = Way { route, peer, origin };
        way.take_out(headers);
        headers.reserve(ADDED);
        forwarded::write(headers, peer, origin.tls, &ctx.host)?;
        headers.insert(REQUEST_ID, ctx.request_id.value());
        if let (Identity::Headers, Some(permit)) = (route.identity, &ctx.permit) {
            for (name, value) in identity::headers(permit) {
                headers.insert(name, value);
            }
        }
        Ok(())
    })
}

/// From whom to whom.
struct Way<'a> {
    route: &'a Route,
    peer: &'a Peer,
    origin: &'a Origin,
}

impl Way<'_> {
    /// Removes what may not pass, after one look at each name: nearly always that is the credential alone.
    fn take_out(&self, headers: &mut HeaderMap) {
        let unwanted: Vec<HeaderName> = headers
            .keys()
            .filter(|name| self.is_unwanted(name))
            .cloned()
            .collect();
        for name in unwanted {
            headers.remove(name);
        }
        cookies::write(headers, self.route.forward_credential);
    }

    /// Also what some services would take for such a name, or for one that is written here.
    fn is_unwanted(&self, name: &HeaderName) -> bool {
        match Spelling::of(name) {
            Spelling::Plain => self.may_not_pass(name),
            Spelling::Dotted(other) => self.may_not_pass(&other) || is_judged_or_written(&other),
            Spelling::Odd => true,
        }
    }

    fn may_not_pass(&self, name: &HeaderName) -> bool {
        identity::is_reserved(name)
            || forwarded::is_removed(name)
            || (!self.peer.trusted && forwarded::is_for_trusted(name))
            || *name == header::PROXY_AUTHORIZATION
            || (!self.route.forward_credential && is_credential(name))
            || (!self.knows_certificates()
                && (*name == client_cert::HEADER || *name == client_cert::CHAIN_HEADER))
    }

    /// Whether the peer may speak of the certificates of its clients.
    const fn knows_certificates(&self) -> bool {
        self.peer.trusted && self.origin.client_cert_header
    }
}

/// Lets pingora skip its look-ups for headers that are between the client and us alone, where every name is known to be
/// for the service: then there is nothing to take out. What is not known here it judges as ever.
pub(super) fn spare(request: &RequestHeader, peer: &mut HttpPeer) {
    if request.headers.keys().all(is_end_to_end) {
        peer.options.http_upstream_request_policy = HttpUpstreamRequestPolicy::preserve();
    }
}

/// Whether a header is surely none of a connection (RFC 9110 §7.6.1).
fn is_end_to_end(name: &HeaderName) -> bool {
    let text = name.as_str();
    text.starts_with("x-")
        || text.starts_with("sec-fetch-")
        || text.starts_with("sec-ch-")
        || matches!(
            *name,
            header::ACCEPT
                | header::ACCEPT_ENCODING
                | header::ACCEPT_LANGUAGE
                | header::AUTHORIZATION
                | header::CACHE_CONTROL
                | header::CONTENT_LENGTH
                | header::CONTENT_TYPE
                | header::COOKIE
                | header::HOST
                | header::IF_MODIFIED_SINCE
                | header::IF_NONE_MATCH
                | header::ORIGIN
                | header::RANGE
                | header::REFERER
                | header::UPGRADE_INSECURE_REQUESTS
                | header::USER_AGENT
        )
}

/// Whether a header was read here before the request passed, or says what only the proxy says.
fn is_judged_or_written(name: &HeaderName) -> bool {
    forwarded::is_written(name)
        || *name == REQUEST_ID
        || [
            header::HOST,
            header::COOKIE,
            header::CONTENT_LENGTH,
            header::TRANSFER_ENCODING,
        ]
        .contains(name)
}

/// Whether a header has a credential, or the proof that goes with one.
fn is_credential(name: &HeaderName) -> bool {
    *name == header::AUTHORIZATION || *name == bearer::API_KEY || *name == oauth::dpop::HEADER
}

/// Edits the headers as a plain map. Pingora keeps the spelling of every name beside it and parses each name that is
/// inserted; without the spelling a name is a constant that is inserted as it is.
fn as_plain_map(
    request: &mut RequestHeader,
    edit: impl FnOnce(&mut HeaderMap) -> Result<(), InvalidHeaderValue>,
) -> pingora::Result<()> {
    let ends_stream = request.send_end_stream();
    let (nothing, ()) = http::Request::new(()).into_parts();
    let mut parts = Parts::from(std::mem::replace(request, nothing.into()));
    let edited = edit(&mut parts.headers);
    *request = parts.into();
    if let Some(ends_stream) = ends_stream {
        request.set_send_end_stream(ends_stream);
    }
    edited.or_err(ErrorType::InvalidHTTPHeader, "a header toward the service")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// X08
    #[test]
    fn no_header_of_a_connection_passes_for_one_of_the_service() {
        for name in [
            "connection",
            "keep-alive",
            "proxy-connection",
            "proxy-authenticate",
            "proxy-authorization",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "http2-settings",
            "expect",
        ] {
            assert!(!is_end_to_end(&HeaderName::from_static(name)), "{name}");
        }
    }
}
