//! The request that a forward-auth call is about, as the gateway in front names it.
//! It refuses to believe a stranger, and two readings.

use super::Call;
use crate::forwarded::{HOST, PROTO};
use crate::host;
use crate::path;
use crate::refusal::Refusal;
use http::{HeaderMap, Method, header};
use std::borrow::Cow;

/// The headers that name the original method, by age of the habit.
const METHOD_NAMES: [&str; 2] = ["x-original-method", "x-forwarded-method"];
/// The headers that name the original URI.
const URI_NAMES: [&str; 3] = ["x-original-uri", "x-original-url", "x-forwarded-uri"];

/// The request that headers name.
pub(super) struct Original<'a> {
    pub host: Cow<'a, str>,
    pub path: Cow<'a, str>,
    pub method: Method,
    /// Empty when its scheme or host are not known.
    pub url: String,
}

/// The request that is meant, when headers name one.
pub(super) fn original(call: Call<'_>) -> Result<Option<Original<'_>>, Refusal> {
    let method = single(call.headers, &METHOD_NAMES)?;
    let uri = single(call.headers, &URI_NAMES)?;
    if method.is_none() && uri.is_none() {
        return Ok(None);
    }
    if !call.peer.trusted {
        return Err(Refusal::UntrustedPeer);
    }
    let uri = uri.ok_or(Refusal::BadCheck("the original URI is missing"))?;
    let (authority, target) = split(uri)?;
    let method = Method::from_bytes(method.unwrap_or("GET").as_bytes())
        .map_err(|_| Refusal::BadCheck("the original method is not a method"))?;
    let forwarded = single(call.headers, &[HOST.as_str(), "x-original-host"])?;
    let host = match authority.or(forwarded) {
        Some(authority) => host::name_of(authority.as_bytes()).ok_or(Refusal::AmbiguousHost)?,
        None => Cow::Borrowed(call.host),
    };
    let raw = target.split('?').next().unwrap_or(target);
    let path = path::normalize(raw).map_err(Refusal::AmbiguousPath)?;
    let url = url(call, (uri, &path), forwarded)?;
    Ok(Some(Original {
        host,
        path,
        method,
        url,
    }))
}

/// The URL that the client used, for its proof.
fn url(call: Call<'_>, (uri, path): (&str, &str), forwarded: Option<&str>) -> Result<String, Refusal> {
    if !uri.starts_with('/') {
        return Ok(uri.to_owned());
    }
    let scheme = single(call.headers, &[PROTO.as_str()])?;
    let host = match forwarded {
        Some(host) => Some(host),
        None => single(call.headers, &[header::HOST.as_str()])?,
    };
    let whole = scheme.zip(host);
    Ok(whole.map_or_else(String::new, |(scheme, host)| format!("{scheme}://{host}{path}")))
}

/// Authority and target of a path or of a whole URL.
fn split(uri: &str) -> Result<(Option<&str>, &str), Refusal> {
    if uri.starts_with('/') {
        return Ok((None, uri));
    }
    let rest = uri
        .strip_prefix("https://")
        .or_else(|| uri.strip_prefix("http://"));
    let rest = rest.ok_or(Refusal::BadCheck("the original URI is neither a path nor a URL"))?;
    let slash = rest
        .find('/')
        .ok_or(Refusal::BadCheck("the original URI has no path"))?;
    Ok((Some(&rest[..slash]), &rest[slash..]))
}

/// The value of the first of these headers that is there; twice, or two that differ, is no value.
fn single<'a>(headers: &'a HeaderMap, names: &[&str]) -> Result<Option<&'a str>, Refusal> {
    let mut found = None;
    for value in names.iter().flat_map(|name| headers.get_all(*name)) {
        let value = value
            .to_str()
            .map_err(|_| Refusal::BadCheck("a header is not readable"))?;
        if found.is_some_and(|known| known != value) {
            return Err(Refusal::BadCheck("the original request is named twice"));
        }
        found = Some(value);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forwarded::Peer;
    use crate::proof::Place;
    use http::{HeaderName, HeaderValue};

    fn call(headers: &HeaderMap, trusted: bool) -> Call<'_> {
        let address = "127.0.0.1".parse().unwrap();
        Call {
            host: "own",
            query: None,
            headers,
            peer: Peer {
                socket: address,
                trusted,
                client: address,
                certificate: None,
            },
            place: Place::Elsewhere(""),
        }
    }

    fn named(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn a_trusted_peer_names_the_original_request() {
        let headers = named(&[("x-original-uri", "/orders?x=1"), ("x-original-method", "POST")]);
        let found = original(call(&headers, true)).unwrap().unwrap();
        assert_eq!(
            (&*found.host, &*found.path, found.method),
            ("own", "/orders", Method::POST)
        );
        let headers = named(&[
            ("x-forwarded-uri", "/a"),
            ("x-forwarded-host", "API.example.com:443"),
        ]);
        assert_eq!(
            original(call(&headers, true)).unwrap().unwrap().host,
            "api.example.com"
        );
        let headers = named(&[("x-original-url", "https://b.example/c?d")]);
        let found = original(call(&headers, true)).unwrap().unwrap();
        assert_eq!((&*found.host, &*found.path), ("b.example", "/c"));
    }

    /// X09
    #[test]
    fn a_stranger_cannot_name_the_original_request() {
        let headers = named(&[("x-original-uri", "/public")]);
        assert_eq!(
            original(call(&headers, false)).err(),
            Some(Refusal::UntrustedPeer)
        );
        assert!(
            original(call(&named(&[("x-forwarded-for", "192.0.2.1")]), false))
                .unwrap()
                .is_none()
        );
    }

    #[test]
    fn contradictions_are_refused() {
        for pairs in [
            &[("x-original-uri", "/a"), ("x-forwarded-uri", "/b")][..],
            &[("x-original-method", "GET")],
            &[("x-original-uri", "/a/../b")],
            &[("x-original-uri", "ftp://a/b")],
            &[("x-original-uri", "https://u@a/b")],
        ] {
            assert!(original(call(&named(pairs), true)).is_err(), "{pairs:?}");
        }
    }
}
