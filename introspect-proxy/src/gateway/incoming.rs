//! The head of an answer on its way to the client: what is between the service and us alone stays here.
//! It refuses to touch what frames the body, and an answer that switches protocols.

use http::header::{self, HeaderMap, HeaderName};
use http::{StatusCode, Version};
use pingora::http::ResponseHeader;
use pingora::proxy::Session;

/// As many names as a service may nominate.
const NOMINATIONS: usize = 32;

/// Takes out the fields of the connection (RFC 9110 §7.6.1). `Connection` itself is written anew behind this.
pub(super) fn edit(response: &mut ResponseHeader) {
    if response.status == StatusCode::SWITCHING_PROTOCOLS {
        return;
    }
    let known = response
        .headers
        .keys()
        .filter(|name| is_of_connection(name))
        .cloned();
    let unwanted: Vec<HeaderName> = known.chain(nominated(&response.headers)).collect();
    for name in unwanted {
        response.remove_header(&name);
    }
    // RFC 9112 §2.3: a version is of one connection; this is the version of ours.
    if response.version < Version::HTTP_11 {
        response.set_version(Version::HTTP_11);
    }
}

/// RFC 9110 §15.2: a client of HTTP/1.0 knows no interim answers, so it is sent none and §10.1.1 asks for none in its name.
pub(super) fn spare_old_client(session: &mut Session) {
    if is_old(session) {
        session.as_downstream_mut().set_ignore_info_resp(true);
        session.req_header_mut().remove_header(&header::EXPECT);
    }
}

/// RFC 9112 §6.1: nor does it know chunks, so a body of unknown length ends with the connection.
pub(super) fn spare_old_client_chunks(session: &mut Session, response: &mut ResponseHeader) {
    if is_old(session) && response.remove_header(&header::TRANSFER_ENCODING).is_some() {
        session.as_downstream_mut().set_keepalive(None);
    }
}

fn is_old(session: &Session) -> bool {
    session.req_header().version == Version::HTTP_10
}

/// Whether it is a head that another one follows.
pub(super) fn is_interim(status: StatusCode) -> bool {
    status.is_informational() && status != StatusCode::SWITCHING_PROTOCOLS
}

fn is_of_connection(name: &HeaderName) -> bool {
    *name == header::UPGRADE
        || *name == header::TE
        || matches!(name.as_str(), "keep-alive" | "proxy-connection")
}

/// What the service says is for this connection only.
fn nominated(headers: &HeaderMap) -> impl Iterator<Item = HeaderName> {
    let options = headers.get_all(header::CONNECTION).iter();
    let options = options.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    let names = options.filter_map(|option| HeaderName::from_bytes(option.trim_ascii()).ok());
    names.take(NOMINATIONS).filter(|name| !is_framing(name))
}

fn is_framing(name: &HeaderName) -> bool {
    *name == header::CONTENT_LENGTH || *name == header::TRANSFER_ENCODING || *name == header::CONNECTION
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(status: u16, fields: &[(&'static str, &'static str)]) -> Vec<String> {
        let mut response = ResponseHeader::build(status, None).unwrap();
        for (name, value) in fields {
            response.append_header(*name, *value).unwrap();
        }
        edit(&mut response);
        let mut names: Vec<_> = response.headers.keys().map(ToString::to_string).collect();
        names.sort();
        names
    }

    /// X08
    #[test]
    fn fields_of_the_connection_to_the_service_stay_here() {
        let left = edited(
            200,
            &[
                ("Connection", "close, X-Debug, Content-Length"),
                ("Keep-Alive", "timeout=5"),
                ("Upgrade", "h2c"),
                ("X-Debug", "1"),
                ("Content-Length", "2"),
                ("X-Kept", "1"),
            ],
        );
        assert_eq!(left, ["connection", "content-length", "x-kept"]);
    }

    #[test]
    fn a_switch_of_protocols_is_left_as_it_is() {
        let left = edited(101, &[("Connection", "Upgrade"), ("Upgrade", "websocket")]);
        assert_eq!(left, ["connection", "upgrade"]);
    }
}
