//! GitHub's rules about where a person may be sent back to.
//! Never compares addresses as text.

use url::{Host, Url};

/// How an address must relate to a registered one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// OAuth apps: the same host or one below it, the same path or one below it.
    Extends,
    /// GitHub Apps: the same address.
    Equals,
}

impl Rule {
    /// Whether the address may be used where this one is registered.
    pub(crate) fn accepts(self, registered: &Url, asked: &Url) -> bool {
        let plain = asked.fragment().is_none() && asked.username().is_empty() && asked.password().is_none();
        plain
            && registered.scheme() == asked.scheme()
            && same_port(registered, asked)
            && match self {
                Self::Extends => {
                    same_host_or_below(registered, asked) && same_path_or_below(registered, asked)
                }
                Self::Equals => {
                    registered.host() == asked.host()
                        && registered.path() == asked.path()
                        && registered.query() == asked.query()
                }
            }
    }
}

/// RFC 8252 §7.3: a program on the person's machine cannot know its port beforehand.
fn same_port(registered: &Url, asked: &Url) -> bool {
    is_loopback(registered) || registered.port_or_known_default() == asked.port_or_known_default()
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(_)) | None => false,
    }
}

fn same_host_or_below(registered: &Url, asked: &Url) -> bool {
    match (registered.host(), asked.host()) {
        (Some(Host::Domain(registered)), Some(Host::Domain(asked))) => {
            asked == registered
                || asked
                    .strip_suffix(registered)
                    .is_some_and(|left| left.ends_with('.'))
        }
        (registered, asked) => registered == asked,
    }
}

fn same_path_or_below(registered: &Url, asked: &Url) -> bool {
    let Some(rest) = asked.path().strip_prefix(registered.path()) else {
        return false;
    };
    rest.is_empty() || rest.starts_with('/') || registered.path().ends_with('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(rule: Rule, registered: &str, asked: &str) -> bool {
        rule.accepts(&registered.parse().unwrap(), &asked.parse().unwrap())
    }

    #[test]
    fn an_oauth_app_may_extend_host_and_path() {
        for good in [
            "http://example.com/path",
            "http://example.com/path/subdir/other",
            "http://oauth.example.com/path/subdir",
            "http://example.com/path?next=1",
        ] {
            assert!(accepts(Rule::Extends, "http://example.com/path", good), "{good}");
        }
        for bad in [
            "http://example.com/bar",
            "http://example.com/pathology",
            "http://example.com/path/../bar",
            "http://example.com:8080/path",
            "https://example.com/path",
            "http://badexample.com/path",
            "http://example.org/path",
            "http://example.com/path#part",
            "http://example.com@evil.test/path",
        ] {
            assert!(!accepts(Rule::Extends, "http://example.com/path", bad), "{bad}");
        }
    }

    #[test]
    fn a_github_app_must_repeat_its_callback() {
        assert!(accepts(Rule::Equals, "https://a.test/cb", "https://a.test/cb"));
        for bad in [
            "https://a.test/cb/x",
            "https://a.test/cb?x=1",
            "https://b.a.test/cb",
        ] {
            assert!(!accepts(Rule::Equals, "https://a.test/cb", bad), "{bad}");
        }
    }

    #[test]
    fn the_port_of_a_loopback_address_is_free() {
        assert!(accepts(
            Rule::Equals,
            "http://127.0.0.1/cb",
            "http://127.0.0.1:4100/cb"
        ));
        assert!(accepts(
            Rule::Extends,
            "http://[::1]:1/cb",
            "http://[::1]:4100/cb/x"
        ));
        assert!(!accepts(
            Rule::Extends,
            "http://localhost/cb",
            "http://localhost:4100/cb"
        ));
    }
}
