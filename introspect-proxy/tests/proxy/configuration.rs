//! The configuration file: the example, and everything that must be refused.
//! No network here.

use introspect_proxy::config::{Config, parse};

const MINIMAL: &str = r#"
listeners = [{ name = "public", listen = "127.0.0.1:0" }]
[authorization_server]
issuer = "http://127.0.0.1:8080"
client_id = "edge"
client_secret = "0123456789abcdef"
"#;

fn error(text: &str) -> String {
    parse(text)
        .err()
        .map_or_else(String::new, |error| error.to_string())
}

#[test]
fn the_example_is_a_valid_configuration() {
    let text = include_str!("../../proxy.example.toml");
    let config: Config = parse(text).unwrap();
    assert_eq!(config.routes.len(), 2);
}

#[test]
fn printing_never_shows_the_secret() {
    let printed = toml::to_string_pretty(&parse(MINIMAL).unwrap()).unwrap();
    assert!(
        printed.contains("(redacted)") && !printed.contains("0123456789abcdef"),
        "{printed}"
    );
}

#[test]
fn shared_proofs_need_a_store_and_nonces_from_it() {
    let with = |lines: &str| format!("{MINIMAL}\n[dpop]\nshared = true\n{lines}\n");
    let store = "[shared_limits]\nurl = \"redis://a\"\nproxies = 2";
    assert!(parse(&with(store)).is_ok());
    assert!(error(&with("")).contains("dpop.shared"));
    assert!(error(&with(&format!("demand_nonce = false\n{store}"))).contains("dpop.shared"));
    assert!(error(&with(&format!("nonce_key_file = \"/k\"\n{store}"))).contains("nonce_key_file"));
}

#[test]
fn shared_limits_need_one_address_and_never_show_it() {
    let with = |lines: &str| format!("{MINIMAL}\n[shared_limits]\n{lines}\n");
    let config = parse(&with("url = \"redis://:sesame@127.0.0.1\"\nreplicas = 2")).unwrap();
    let printed = toml::to_string_pretty(&config).unwrap();
    assert!(!printed.contains("sesame"), "{printed}");
    for (lines, key) in [
        ("proxies = 2", "shared_limits.url"),
        (
            "url = \"redis://a\"\nurl_file = \"/b\"\nproxies = 2",
            "shared_limits",
        ),
        ("url = \"redis://a\"", "replicas"),
        ("url = \"redis://a\"\nproxies = 0", "shared_limits.replicas"),
        ("url = \"redis://a\"\nreplicas = 2\nproxies = 2", "shared_limits"),
        ("url = \"http://sesame\"\nproxies = 1", "shared_limits"),
        (
            "url = \"redis://a\"\nproxies = 1\ntimeout = \"1m\"",
            "shared_limits.timeout",
        ),
        (
            "url = \"redis://a\"\nproxies = 1\nprefix = \"a b\"",
            "shared_limits.prefix",
        ),
    ] {
        let error = error(&with(lines));
        assert!(
            error.contains(key) && !error.contains("sesame"),
            "{lines}: {error}"
        );
    }
}

#[test]
fn unknown_keys_are_errors() {
    assert!(error(&format!("{MINIMAL}\n[cache]\nmax_entires = 5\n")).contains("max_entires"));
}

#[test]
fn all_problems_are_named_at_once() {
    let text = r#"
[authorization_server]
issuer = "http://auth.example.com"
client_id = ""
client_secret = "short"
[[routes]]
name = "a"
match = { path = "/a*" }
upstream = "nowhere"
require = { anonymous = true, scopes = ["x"] }
"#;
    let found = error(text);
    for key in [
        "issuer",
        "client_id",
        "client_secret",
        "listeners",
        "routes.a.upstream",
        "routes.a",
    ] {
        assert!(found.contains(key), "{key}: {found}");
    }
}

#[test]
fn a_secret_may_come_from_a_file() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "from-the-file-0123\n").unwrap();
    let text = MINIMAL.replace(
        "client_secret = \"0123456789abcdef\"",
        &format!("client_secret_file = \"{}\"", file.path().display()),
    );
    let config = parse(&text).unwrap();
    assert_eq!(
        config.authorization_server.client_secret.unwrap().expose(),
        "from-the-file-0123"
    );
}

#[test]
fn a_plan_or_a_meter_that_cannot_be_meant_is_refused() {
    let route = |lines: &str| {
        let upstream = "[[upstreams]]\nname = \"echo\"\naddresses = [\"127.0.0.1:9\"]\n";
        let route = "[[routes]]\nname = \"a\"\nmatch = { path = \"/a\" }\nupstream = \"echo\"\n";
        format!("{MINIMAL}\n{upstream}{route}{lines}\n")
    };
    let sound = "require = { entitlement = \"exports\" }\nmeter = { metric = \"exports\", quantity = 3 }";
    assert!(parse(&route(sound)).is_ok());
    for (lines, named) in [
        ("require = { entitlement = \"Exports\" }", "require.entitlement"),
        ("require = { entitlement = \"\" }", "require.entitlement"),
        (
            "require = { anonymous = true, entitlement = \"exports\" }",
            "anonymous",
        ),
        ("require = { anonymous = true }\nmeter = \"calls\"", "anonymous"),
        ("require = {}\nmeter = \"a b\"", "meter"),
        (
            "require = {}\nmeter = { metric = \"calls\", when = \"never\" }",
            "meter",
        ),
        ("require = {}\n[usage]\ninterval = \"0s\"", "usage.interval"),
        ("require = {}\n[usage]\ngive_up = \"1ms\"", "usage.give_up"),
        ("require = {}\n[usage]\nmax_counters = 0", "usage.max_counters"),
    ] {
        let found = error(&route(lines));
        assert!(found.contains(named), "{named}: {found}");
    }
}
