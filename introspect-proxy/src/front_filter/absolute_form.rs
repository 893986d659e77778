//! Requests whose target is a whole URL (RFC 9112 §3.2.2), rewritten to the path of that URL.
//! It refuses a URL that is for another host than `Host` says, or for another scheme than the connection's.

use super::{HeadError, Lines};
use crate::host;
use bytes::BytesMut;

/// What a connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Plain text.
    Http,
    /// TLS.
    Https,
}

impl Scheme {
    const fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    const fn other(self) -> Self {
        match self {
            Self::Http => Self::Https,
            Self::Https => Self::Http,
        }
    }

    const fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// The same head with path and query in place of the URL, and with a `Host` if it had none. `head` has passed
/// [`super::judge`], and nobody has acted on it yet: what follows sees one reading only.
///
/// # Errors
/// When the target is not a URL, or not one for this connection and this `Host`.
pub fn to_origin_form(head: &[u8], scheme: Scheme) -> Result<BytesMut, HeadError> {
    let line_end = head
        .windows(2)
        .position(|pair| pair == b"\r\n")
        .ok_or(HeadError::Malformed("the head has no end"))?;
    let (line, fields) = (&head[..line_end], &head[line_end + 2..]);
    let line = std::str::from_utf8(line).map_err(|_| NO_URL)?;
    let mut parts = line.split(' ');
    let (Some(method), Some(target), Some(version)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(HeadError::Malformed("the request line has not three parts"));
    };
    let (authority, path) = split(target, scheme)?;
    let own = host::name_and_port(authority.as_bytes()).ok_or(NO_URL)?;
    let named = host_field(fields);
    // RFC 9112 §3.2.2 would let the URL win; two hosts in one request are two readings.
    let is_same = |named: &[u8]| host::name_and_port(named).is_some_and(|other| same(&own, &other, scheme));
    if named.is_some_and(|named| !is_same(named)) {
        return Err(HeadError::Malformed(
            "the request target is for another host than Host",
        ));
    }
    // RFC 9112 §3.2.4: a URL without path and query is what OPTIONS calls `*`.
    let origin = match path.as_bytes().first() {
        Some(b'/') => path.to_owned(),
        None if method == "OPTIONS" => "*".to_owned(),
        _ => format!("/{path}"),
    };
    let mut rewritten = BytesMut::with_capacity(head.len() + 16);
    rewritten.extend_from_slice(format!("{method} {origin} {version}\r\n").as_bytes());
    if named.is_none() {
        rewritten.extend_from_slice(format!("Host: {authority}\r\n").as_bytes());
    }
    rewritten.extend_from_slice(fields);
    Ok(rewritten)
}

const NO_URL: HeadError = HeadError::Malformed("the request target is neither a path nor a URL");

/// Authority and the rest of a URL of this scheme.
fn split(target: &str, scheme: Scheme) -> Result<(&str, &str), HeadError> {
    let (name, rest) = target.split_once("://").ok_or(NO_URL)?;
    if name.eq_ignore_ascii_case(scheme.other().name()) {
        // RFC 9110 §7.4: an https URL is answered on secured connections only.
        return Err(HeadError::Misdirected);
    }
    if !name.eq_ignore_ascii_case(scheme.name()) {
        return Err(NO_URL);
    }
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    Ok(rest.split_at(end))
}

type Authority<'a> = (std::borrow::Cow<'a, str>, Option<u16>);

fn same(own: &Authority<'_>, other: &Authority<'_>, scheme: Scheme) -> bool {
    let port = |port: Option<u16>| port.unwrap_or(scheme.port());
    own.0 == other.0 && port(own.1) == port(other.1)
}

/// The value of `Host`, of which there is at most one.
fn host_field(fields: &[u8]) -> Option<&[u8]> {
    Lines(Some(fields)).filter_map(Result::ok).find_map(|line| {
        let colon = line.iter().position(|byte| *byte == b':')?;
        line[..colon]
            .eq_ignore_ascii_case(b"host")
            .then(|| line[colon + 1..].trim_ascii())
    })
}

#[cfg(test)]
mod tests {
    use super::super::{HeadLimits, TargetForm, judge};
    use super::*;
    use proptest::prelude::*;

    const LIMITS: HeadLimits = HeadLimits {
        bytes: 4096,
        fields: 10,
        url: 1024,
    };

    fn rewritten(head: &str, scheme: Scheme) -> Result<String, HeadError> {
        match judge(head.as_bytes(), &LIMITS)?.form {
            TargetForm::Plain => Ok(head.to_owned()),
            TargetForm::Absolute => {
                to_origin_form(head.as_bytes(), scheme).map(|head| String::from_utf8(head.to_vec()).unwrap())
            }
        }
    }

    fn target(target: &str, host: &str) -> Result<String, HeadError> {
        let head = format!("GET {target} HTTP/1.1\r\nAccept: */*\r\nHost: {host}\r\n\r\n");
        let line = rewritten(&head, Scheme::Http)?;
        let (line, fields) = line.split_once("\r\n").unwrap();
        assert_eq!(
            fields,
            format!("Accept: */*\r\nHost: {host}\r\n\r\n"),
            "nothing else is touched"
        );
        Ok(line.split(' ').nth(1).unwrap().to_owned())
    }

    #[test]
    fn a_url_for_this_host_becomes_its_path_and_query() {
        for (url, host, path) in [
            ("http://a.example/x/y?z=1", "a.example", "/x/y?z=1"),
            ("HTTP://A.example/x", "a.EXAMPLE:80", "/x"),
            ("http://a.example:80", "a.example", "/"),
            ("http://a.example?x=/y", "a.example", "/?x=/y"),
            ("http://a.example:8081//x", "a.example:8081", "//x"),
            ("http://[::1]:8081/x", "[::1]:8081", "/x"),
            ("http://a.example/http://b/", "a.example", "/http://b/"),
        ] {
            assert_eq!(target(url, host).as_deref(), Ok(path), "{url}");
        }
    }

    /// X10
    #[test]
    fn a_url_for_another_host_port_or_nobody_is_refused() {
        for (url, host) in [
            ("http://a.example/", "b.example"),
            ("http://a.example:81/", "a.example"),
            ("http://a.example/", "a.example:443"),
            ("http://a.example@b.example/", "b.example"),
            ("http://u:p@b.example/", "b.example"),
            ("http:///x", "a.example"),
            ("http://", "a.example"),
            ("http://a.example:/", "a.example"),
            ("http://a.example:99999/", "a.example:99999"),
            ("http://a.example\\@b/", "b"),
            ("http://a,b/", "a"),
            ("http:/a.example/", "a.example"),
            ("http:a.example", "a.example"),
            ("ftp://a.example/", "a.example"),
            ("a.example/x", "a.example"),
            ("a.example:80", "a.example"),
            ("?x", "a.example"),
            ("http%3A//a.example/", "a.example"),
        ] {
            assert!(
                matches!(target(url, host), Err(HeadError::Malformed(_))),
                "{url} {host}: {:?}",
                target(url, host)
            );
        }
    }

    /// RFC 9110 §7.4
    #[test]
    fn a_url_of_the_other_scheme_is_misdirected() {
        let head = |scheme: &str| format!("GET {scheme}://a/ HTTP/1.1\r\nHost: a\r\n\r\n");
        for (url, spoken) in [("https", Scheme::Http), ("http", Scheme::Https)] {
            assert_eq!(
                rewritten(&head(url), spoken),
                Err(HeadError::Misdirected),
                "{url}"
            );
        }
        assert!(rewritten(&head("https"), Scheme::Https).is_ok());
    }

    #[test]
    fn without_host_the_url_gives_it_and_options_of_a_bare_url_is_the_whole_server() {
        let old = rewritten("GET http://a:8081/x HTTP/1.0\r\n\r\n", Scheme::Http);
        assert_eq!(old.as_deref(), Ok("GET /x HTTP/1.0\r\nHost: a:8081\r\n\r\n"));
        let options = |url: &str| {
            let head = format!("OPTIONS {url} HTTP/1.1\r\nHost: a\r\n\r\n");
            rewritten(&head, Scheme::Http).unwrap()
        };
        assert!(options("http://a").starts_with("OPTIONS * HTTP/1.1\r\n"));
        assert!(options("http://a/").starts_with("OPTIONS / HTTP/1.1\r\n"));
        assert!(options("http://a?x").starts_with("OPTIONS /?x HTTP/1.1\r\n"));
    }

    proptest! {
        /// X01 to X04: whatever the target was, what goes on is a head that passes again, with the same fields.
        #[test]
        fn what_is_rewritten_passes_again_and_is_a_path(
            target in "(http|https|HTTP|x)?:?/{0,3}[a-c@:\\\\.\\[\\]?&%/0-9]{0,20}", host in "[a-c.:0-9]{1,6}",
        ) {
            let head = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 2\r\n\r\n");
            if let Ok(passed) = rewritten(&head, Scheme::Http) {
                prop_assert_eq!(judge(passed.as_bytes(), &LIMITS).map(|passed| passed.form), Ok(TargetForm::Plain));
                let (line, fields) = passed.split_once("\r\n").unwrap();
                prop_assert!(line.starts_with("GET /"));
                prop_assert_eq!(fields, head.split_once("\r\n").unwrap().1);
            }
        }
    }
}
