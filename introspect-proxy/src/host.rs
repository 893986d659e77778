//! The host a request is for, read from `Host` or `:authority`.
//! It refuses user information, bad ports and anything that is not a plain name or address.

use std::borrow::Cow;

/// The lower-case host name, without port and final dot; `None` when the bytes are not `host [":" port]`.
#[must_use]
pub fn name_of(authority: &[u8]) -> Option<Cow<'_, str>> {
    let text = std::str::from_utf8(authority)
        .ok()
        .filter(|text| text.len() <= 260)?;
    let (name, port) = split(text)?;
    if port.is_some_and(|port| {
        port.is_empty() || port.len() > 5 || !port.bytes().all(|byte| byte.is_ascii_digit())
    }) {
        return None;
    }
    let name = name.strip_suffix('.').unwrap_or(name);
    if name.is_empty() {
        return None;
    }
    Some(if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(name.to_ascii_lowercase())
    } else {
        Cow::Borrowed(name)
    })
}

/// Name and port of an authority; `None` when it is not one, or its port is no port.
#[must_use]
pub fn name_and_port(authority: &[u8]) -> Option<(Cow<'_, str>, Option<u16>)> {
    let name = name_of(authority)?;
    let (_, port) = split(std::str::from_utf8(authority).ok()?)?;
    Some((name, port.map(str::parse).transpose().ok()?))
}

fn split(text: &str) -> Option<(&str, Option<&str>)> {
    if let Some(rest) = text.strip_prefix('[') {
        // RFC 3986 §3.2.2: an IPv6 address in brackets.
        let (address, rest) = rest.split_once(']')?;
        address.parse::<std::net::Ipv6Addr>().ok()?;
        let port = if rest.is_empty() {
            None
        } else {
            Some(rest.strip_prefix(':')?)
        };
        return Some((address, port));
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    let end = text.bytes().position(|byte| byte == b':');
    let (name, port) = end.map_or((text, None), |end| (&text[..end], Some(&text[end + 1..])));
    name.bytes().all(plain).then_some((name, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// X10
    #[test]
    fn one_host_has_one_name() {
        for same in [
            "api.example.com",
            "API.Example.com",
            "api.example.com.",
            "api.example.com:8443",
        ] {
            assert_eq!(
                name_of(same.as_bytes()).as_deref(),
                Some("api.example.com"),
                "{same}"
            );
        }
        assert_eq!(name_of(b"[::1]:80").as_deref(), Some("::1"));
    }

    /// X10
    #[test]
    fn tricks_have_no_name() {
        for bad in [
            "", ".", ":80", "a:", "a:b", "a:123456", "u@a", "a b", "a/b", "a,b", "[::1", "[x]", "[::1]x",
            "a:1:2", "a\0",
        ] {
            assert_eq!(name_of(bad.as_bytes()), None, "{bad:?}");
        }
    }
}
