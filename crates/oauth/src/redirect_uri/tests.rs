use super::*;
use ApplicationType::{Native, Web};
use proptest::prelude::*;

fn registered(text: &str, application_type: ApplicationType) -> RegisteredRedirectUri {
    RegisteredRedirectUri::parse(text, application_type).unwrap()
}

/// O01
#[test]
fn every_variant_of_a_registered_web_uri_is_refused() {
    let uri = registered("https://app.example/cb?a=1", Web);
    assert!(uri.matches("https://app.example/cb?a=1"));
    let variants = [
        "https://app.example/cb/?a=1",
        "https://app.example/cb?a=1&b=2",
        "https://app.example/cb",
        "https://APP.example/cb?a=1",
        "https://app.example/CB?a=1",
        "https://app.example%2fcb?a=1",
        "https://app.example/x/../cb?a=1",
        "https://app.example:443/cb?a=1",
        "http://app.example/cb?a=1",
        "https://app.example/cb?a=1#",
        "https://app.example/cb?a=%31",
        " https://app.example/cb?a=1",
        "",
    ];
    for variant in variants {
        assert!(!uri.matches(variant), "{variant}");
    }
}

/// O02
#[test]
fn native_loopback_uri_is_free_in_its_port_only() {
    let uri = registered("http://127.0.0.1/cb", Native);
    for good in [
        "http://127.0.0.1/cb",
        "http://127.0.0.1:1/cb",
        "http://127.0.0.1:65535/cb",
    ] {
        assert!(uri.matches(good), "{good}");
    }
    let bad = [
        "http://localhost:80/cb",
        "http://[::1]:80/cb",
        "http://0.0.0.0:80/cb",
        "http://127.1:80/cb",
        "http://127.0.0.1:80/other",
        "http://127.0.0.1:80/cb?x=1",
        "http://127.0.0.1:80/cb#x",
        "http://127.0.0.1:0/cb",
        "http://127.0.0.1:65536/cb",
        "http://127.0.0.1:/cb",
        "http://127.0.0.1:+80/cb",
        "http://127.0.0.1:80@evil.test/cb",
        "http://127.0.0.1@evil.test/cb",
        "http://127.0.0.1.evil.test/cb",
        "http://127.0.0.1:8000.evil.test/cb",
        "https://127.0.0.1:80/cb",
        "HTTP://127.0.0.1:80/cb",
    ];
    for variant in bad {
        assert!(!uri.matches(variant), "{variant}");
    }
    assert!(registered("http://[::1]:9/cb", Native).matches("http://[::1]:10/cb"));
}

/// O02
#[test]
fn web_client_has_no_freedom_of_port() {
    assert!(!registered("http://127.0.0.1/cb", Web).matches("http://127.0.0.1:80/cb"));
    assert!(!registered("http://localhost:80/cb", Native).matches("http://localhost:81/cb"));
}

/// O05, O39
#[test]
fn uris_that_may_not_be_registered() {
    use RedirectUriError::{Fragment, Insecure, Malformed, Scheme, UserInfo, Wildcard};
    let cases = [
        ("https://a.example/#f", Web, Fragment),
        ("https://a.example/#", Web, Fragment),
        ("https://*.a.example/", Web, Wildcard),
        ("https://u@a.example/", Web, UserInfo),
        ("https://@a.example/", Web, UserInfo),
        ("https://u:p@a.example/", Web, UserInfo),
        ("https:a.example", Web, Malformed),
        ("https:///a.example", Web, Malformed),
        ("//a.example/", Web, Malformed),
        ("/cb", Web, Malformed),
        ("", Web, Malformed),
        ("https://a.example\\@b.example/", Web, Malformed),
        ("https://a.example/\n", Web, Malformed),
        ("https://a.ex\u{e4}mple/", Web, Malformed),
        ("javascript:alert(1)", Web, Scheme),
        ("javascript:alert(1)", Native, Scheme),
        ("data:text/html,x", Native, Scheme),
        ("myapp:/cb", Native, Scheme),
        ("com.example.app:/cb", Web, Scheme),
        ("http://a.example/", Web, Insecure),
        ("http://a.example/", Native, Insecure),
        ("http://127.0.0.1.a.example/", Native, Insecure),
        ("http://localhost.a.example/", Native, Insecure),
    ];
    for (text, application_type, error) in cases {
        assert_eq!(
            RegisteredRedirectUri::parse(text, application_type),
            Err(error),
            "{text}"
        );
    }
    let at = |len: usize| format!("https://a.example/{}", "x".repeat(len - 18));
    assert!(RegisteredRedirectUri::parse(&at(MAX_LEN), Web).is_ok());
    assert_eq!(
        RegisteredRedirectUri::parse(&at(MAX_LEN + 1), Web),
        Err(Malformed)
    );
}

#[test]
fn uris_that_may_be_registered() {
    let web = [
        "https://a.example",
        "https://a.example:8443/cb?x=%20",
        "http://localhost:3000/cb",
        "http://127.0.0.1:9/",
    ];
    for text in web {
        assert_eq!(registered(text, Web).as_str(), text);
    }
    for text in [
        "com.example.app:/cb",
        "https://a.example/cb",
        "http://[::1]/cb",
        "http://127.0.0.1/",
    ] {
        assert_eq!(registered(text, Native).as_str(), text);
    }
}

#[test]
fn existing_query_is_kept_byte_for_byte() {
    let pairs = [("code", "a b"), ("iss", "https://x/")];
    let encoded = "code=a+b&iss=https%3A%2F%2Fx%2F";
    assert_eq!(
        append_query("https://a/cb", &pairs),
        format!("https://a/cb?{encoded}")
    );
    assert_eq!(
        append_query("https://a/cb?x=%7e&y", &pairs),
        format!("https://a/cb?x=%7e&y&{encoded}")
    );
    assert_eq!(
        append_query("https://a/cb?", &pairs),
        format!("https://a/cb?{encoded}")
    );
    assert_eq!(append_query("https://a/cb?x", &[]), "https://a/cb?x");
}

#[test]
fn names_of_application_types_agree_with_json() {
    for application_type in [Web, Native] {
        assert_eq!(
            serde_json::to_value(application_type).unwrap(),
            application_type.as_str()
        );
        assert_eq!(
            ApplicationType::from_name(application_type.as_str()),
            Some(application_type)
        );
    }
}

fn without_port(text: &str) -> String {
    let parts: Vec<_> = text.splitn(4, '/').collect();
    let host = parts[2]
        .trim_end_matches(|c: char| c.is_ascii_digit())
        .trim_end_matches(':');
    let host = if parts[2].starts_with("127.0.0.1") {
        "127.0.0.1"
    } else {
        host
    };
    format!("{}//{host}/{}", parts[0], parts.get(3).unwrap_or(&""))
}

proptest! {
    #[test]
    fn a_match_differs_in_the_loopback_port_at_most(
        uri in "(https?://(127\\.0\\.0\\.1|\\[::1\\]|localhost|a\\.b)(:[0-9]{1,5})?/[a-c]{0,2}(\\?[a-c])?)",
        presented in "(https?://(127\\.0\\.0\\.1|\\[::1\\]|localhost|a\\.b)(:[0-9]{1,6})?/[a-c]{0,2}(\\?[a-c])?)",
        native: bool,
    ) {
        let application_type = if native { Native } else { Web };
        if let Ok(registered) = RegisteredRedirectUri::parse(&uri, application_type)
            && registered.matches(&presented)
            && uri != presented
        {
            prop_assert!(native && literal_loopback(&presented).is_some());
            prop_assert_eq!(without_port(&uri), without_port(&presented));
        }
    }

    #[test]
    fn any_text_is_judged_without_panic(text in "\\PC{0,80}", tail in "\\PC{0,20}") {
        let _ = RegisteredRedirectUri::parse(&text, Native);
        let loopback = registered("http://127.0.0.1/cb", Native);
        let longer = format!("http://127.0.0.1:80/cb{tail}");
        prop_assert_eq!(loopback.matches(&longer), tail.is_empty());
        let _ = loopback.matches(&text);
    }
}
