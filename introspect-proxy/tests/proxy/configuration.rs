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
fn what_a_file_with_a_secret_holds_is_judged_and_never_shown() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let with = |text: &str, section: &str| {
        std::fs::write(file.path(), text).unwrap();
        section.replace("FILE", &file.path().display().to_string())
    };
    let store = format!("{MINIMAL}\n[shared_limits]\nurl_file = \"FILE\"\nproxies = 2\n");
    assert!(parse(&with("redis://:sesame@127.0.0.1\n", &store)).is_ok());
    for address in ["sesame:6379", "http://sesame"] {
        let error = error(&with(address, &store));
        assert!(
            error.contains("shared_limits.url_file")
                && error.contains("redis://")
                && !error.contains("sesame"),
            "{error}"
        );
    }
    let client = MINIMAL.replace(
        "client_secret = \"0123456789abcdef\"",
        "client_secret_file = \"FILE\"",
    );
    let error = error(&with("sesame\n", &client));
    assert!(
        error.contains("client_secret_file") && !error.contains("sesame"),
        "{error}"
    );
}

#[test]
fn what_is_left_out_is_printed_as_it_takes_effect() {
    let printed = toml::to_string_pretty(&parse(MINIMAL).unwrap()).unwrap();
    for line in ["shutdown_grace = \"30s\"", "farewell = \"5s\""] {
        assert!(printed.contains(line), "{line}: {printed}");
    }
}

#[test]
fn a_demand_with_a_slip_is_told_with_what_to_write() {
    let route = |lines: &str| {
        format!("{MINIMAL}\n[[routes]]\nname = \"a\"\n{lines}\n").replace(
            "[[routes]]",
            "[[upstreams]]\nname = \"echo\"\naddresses = [\"127.0.0.1:9\"]\n[[routes]]\nupstream = \"echo\"",
        )
    };
    for (lines, told) in [
        (
            "match = { path = \"/a\" }\nrequire = { scopes = [\"orders:read orders:write\"] }",
            "`orders:read orders:write` has a space; write each scope by itself",
        ),
        (
            "match = { path = \"/a\", methods = [\"get\"] }\nrequire = {}",
            "`get` is none of GET, HEAD, POST",
        ),
        (
            "match = { path = \"/a/**/b\" }\nrequire = {}",
            "** may only be its last segment",
        ),
    ] {
        let found = error(&route(lines));
        assert!(found.contains(told), "{told}: {found}");
    }
    let peers = MINIMAL.replace(
        "127.0.0.1:0\" }",
        "127.0.0.1:0\", trusted_peers = [\"10.0.0.2\"] }",
    );
    assert_eq!(
        error(&peers),
        "listeners.public.trusted_peers[0]: must be a network, such as \"10.0.0.0/8\"; one address is \"10.0.0.2/32\""
    );
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
