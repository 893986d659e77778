//! Where a request goes: its one host, its path and its query.
//! It refuses a request that names two hosts, or another one than its TLS connection, and one that is too large.

use super::tls;
use crate::front_filter::HeadLimits;
use crate::host;
use crate::path;
use crate::refusal::Refusal;
use http::header;
use pingora::proxy::Session;
use std::borrow::Cow;

/// Host, raw path and query of a request.
pub(super) type Target = (Cow<'static, str>, String, Option<String>);

pub(super) fn target(session: &Session, limits: &HeadLimits) -> Result<Target, Refusal> {
    let request = session.req_header();
    if request.raw_path().len() > limits.url {
        return Err(Refusal::UrlTooLong);
    }
    if request.headers.len() > limits.fields {
        return Err(Refusal::HeadTooLarge);
    }
    let mut hosts = request.headers.get_all(header::HOST).iter();
    let named = hosts.next().map(http::HeaderValue::as_bytes);
    let authority = request
        .uri
        .authority()
        .map(|authority| authority.as_str().as_bytes());
    // RFC 9113 §8.3.1: Host, when sent besides :authority, must say the same.
    let host = match (authority, named, hosts.next()) {
        (Some(one), None, None) | (None, Some(one), None) => host::name_of(one),
        (Some(one), Some(other), None) if one == other => host::name_of(one),
        (None, None, None) => Some(Cow::Borrowed("")),
        _ => None,
    };
    let host = host.ok_or(Refusal::AmbiguousHost)?;
    if tls::server_name(session).is_some_and(|name| name.trim_end_matches('.').to_ascii_lowercase() != host) {
        return Err(Refusal::Misdirected);
    }
    let raw = std::str::from_utf8(request.raw_path())
        .map_err(|_| Refusal::AmbiguousPath(path::PathError::Encoding))?;
    let (path, query) = raw
        .split_once('?')
        .map_or((raw, None), |(path, query)| (path, Some(query)));
    Ok((
        Cow::Owned(host.into_owned()),
        path.to_owned(),
        query.map(str::to_owned),
    ))
}

/// The upstream sees the path that was judged.
pub(super) fn rewrite_target(session: &mut Session, path: &str, query: Option<&str>) {
    let target = query.map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    if session.req_header_mut().set_raw_path(target.as_bytes()).is_err() {
        tracing::error!("a normalised path was refused by the HTTP library");
    }
}
