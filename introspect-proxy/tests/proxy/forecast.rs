//! `explain METHOD URL` and `check`: what a configuration means, told without running it.
//! No network here, but for names on purpose.

use http::{HeaderMap, HeaderName, HeaderValue};
use introspect_proxy::clock::Clock;
use introspect_proxy::config::{Config, parse};
use introspect_proxy::explain::{Forecast, Imagined, cautions, claimed};
use jose::{Algorithm, SigningKey};
use redis_process::RedisServer;
use serde_json::json;
use std::process::{Command, Output};

const FRAME: &str = r#"
listeners = [{ name = "public", listen = "127.0.0.1:0" }]
upstreams = [{ name = "orders", addresses = ["127.0.0.1:9000"] }]
[authorization_server]
issuer = "http://127.0.0.1:8080"
client_id = "edge"
client_secret = "0123456789abcdef"
"#;

const ROUTES: &str = r#"
[[routes]]
name = "docs"
match = { path = "/orders/docs/**", methods = ["GET"] }
upstream = "orders"
require = { anonymous = true }

[[routes]]
name = "orders"
match = { host = "api.example", path = "/orders/**", methods = ["GET", "POST"] }
upstream = "orders"
require = { scopes = ["orders:read"], audience = "https://api" }
rate_limit = [{ per = "principal", limit = "100/min" }]
cors_preflight = true
"#;

fn config(routes: &str) -> Config {
    parse(&format!("{FRAME}{routes}")).unwrap()
}

fn forecast(method: &str, url: &str, headers: &[(&str, &str)]) -> Forecast {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            (name, HeaderValue::from_str(value).unwrap())
        })
        .collect();
    let imagined = Imagined {
        method,
        url,
        headers: &headers,
    };
    Forecast::of(&config(ROUTES), &imagined).unwrap()
}

#[test]
fn a_request_is_followed_past_the_routes_that_do_not_take_it() {
    let told = forecast("post", "https://API.example/orders/%31?x=y", &[]).tell();
    assert_eq!(
        told,
        "POST api.example/orders/1\n  \
         not docs: its path is /orders/docs/**, it takes GET only\n  \
         route orders: /orders/** fits\n    \
         demands   a live token, scope orders:read, audience https://api\n    \
         upstream  orders (127.0.0.1:9000)\n    \
         limit     100/min for each principal\n"
    );
}

#[test]
fn what_no_route_takes_is_told_with_the_nearest() {
    let told = forecast("DELETE", "https://api.example/orders/1", &[]);
    assert_eq!(
        (told.refused, told.near.unwrap().route.as_str()),
        (Some("no_route"), "orders")
    );
    let told = forecast("GET", "/orders/1", &[]);
    assert!(told.near.unwrap().is_host);
    assert_eq!(forecast("GET", "/a/../b", &[]).refused, Some("ambiguous_path"));
    assert_eq!(
        forecast("TRACE", "/orders/1", &[]).refused,
        Some("method_not_allowed")
    );
}

#[test]
fn a_preflight_is_followed_by_the_method_it_asks_for() {
    let headers = [
        ("origin", "https://app.example"),
        ("access-control-request-method", "POST"),
    ];
    let told = forecast("OPTIONS", "https://api.example/orders/1", &headers);
    assert_eq!(
        (told.method.as_str(), told.route.unwrap().anonymous),
        ("POST", true)
    );
}

#[test]
fn a_token_is_judged_by_what_it_says_of_itself() {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let clock = Clock::manual(100);
    let told = forecast("GET", "https://api.example/orders/1", &[]);
    let route = told.taken().unwrap();
    let with = |scope: &str| {
        let claims =
            json!({ "sub": "u", "client_id": "shop", "aud": "https://api", "scope": scope, "exp": 200 });
        claimed(&key.sign("at+jwt", &claims).unwrap(), route, &clock)
    };
    assert_eq!(with("orders:read"), Ok(()));
    let (code, change) = with("orders:list").unwrap_err().unwrap();
    assert_eq!((code, change.kind.as_str()), ("insufficient_scope", "add_scope"));
    assert!(claimed("nonsense", route, &clock).unwrap_err().is_err());
}

#[test]
fn cautions_name_what_may_be_an_oversight() {
    let routes = format!(
        "{ROUTES}
[[routes]]
name = \"never\"
match = {{ host = \"api.example\", path = \"/orders/*\", methods = [\"GET\"] }}
upstream = \"orders\"
require = {{}}
observe = true

[[routes]]
name = \"later\"
match = {{ path = \"/orders/**\" }}
upstream = \"orders\"
require = {{ scopes = [\"a\"] }}
on_lease_lapse = \"until-exp\"
"
    );
    let found = cautions(&config(&routes)).join("\n");
    for part in [
        "routes.never: never reached: orders before it",
        "routes.never: any live token passes",
        "routes.never: observe = true",
        "routes.docs: needs no credential, within what `later` protects (/orders/**)",
        "routes.later: tokens for other services pass too",
        "routes.later: on_lease_lapse",
    ] {
        assert!(found.contains(part), "{part}: {found}");
    }
    assert!(
        !found.contains("routes.later: never") && !found.contains("routes.orders"),
        "{found}"
    );
}

#[test]
fn nothing_is_said_of_a_sound_configuration() {
    let sound = ROUTES.replace("/orders/docs/**", "/docs/**");
    assert_eq!(cautions(&config(&sound)), Vec::<String>::new());
}

fn run(file: &std::path::Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_introspect-proxy"));
    command
        .arg("--config")
        .arg(file)
        .args(arguments)
        .output()
        .unwrap()
}

#[test]
fn the_command_line_explains_checks_and_fails_plainly() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(
        file.path(),
        format!("{FRAME}[admin]\nlisten = \"127.0.0.1:1\"\n{ROUTES}"),
    )
    .unwrap();
    let told = run(file.path(), &["explain", "GET", "/orders/docs/x", "--json"]);
    let json: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!(
        (&json["route"]["name"], &json["route"]["anonymous"]),
        (&json!("docs"), &json!(true))
    );
    let checked = run(file.path(), &["check", "--resolve"]);
    assert!(checked.status.success() && checked.stdout.ends_with(b"the configuration is fine\n"));
    for (arguments, part) in [
        (
            &["explain", "dec_01a1fe8d"][..],
            "no proxy answers at http://127.0.0.1:1/decisions/dec_01a1fe8d",
        ),
        (&["explain", "hello"][..], "`hello` is neither a decision"),
        (&["explain", "get"][..], "name the URL, too"),
        (&["explain", "GET", "ftp://x"][..], "neither a URL"),
        (&["observe-report"][..], "no proxy answers"),
    ] {
        let failed = run(file.path(), arguments);
        let said = String::from_utf8_lossy(&failed.stderr).into_owned();
        assert!(
            !failed.status.success() && said.contains(part),
            "{arguments:?}: {said}"
        );
    }
}

/// Whoever asks a proxy on another machine has no configuration of it, and whoever just broke the file still wants to know.
#[test]
fn a_proxy_that_is_named_is_asked_without_a_configuration() {
    let nowhere = std::path::Path::new("/nowhere/proxy.toml");
    for admin in ["127.0.0.1:1", "http://127.0.0.1:1/", "localhost:1"] {
        for arguments in [
            &["explain", "dec_12345", "--admin", admin][..],
            &["observe-report", "--admin", admin][..],
        ] {
            let failed = run(nowhere, arguments);
            let said = String::from_utf8_lossy(&failed.stderr).into_owned();
            assert!(
                said.contains("no proxy answers at http://"),
                "{arguments:?}: {said}"
            );
        }
    }
    let failed = run(nowhere, &["observe-report", "--admin", "https://proxy.example"]);
    assert!(String::from_utf8_lossy(&failed.stderr).contains("must be a host and a port"));
}

#[tokio::test]
async fn a_store_that_cannot_be_used_fails_the_check_that_asks_it() {
    let mut redis = RedisServer::start().await;
    let file = tempfile::NamedTempFile::new().unwrap();
    let shared = format!("[shared_limits]\nurl = \"{}\"\nreplicas = 2\n", redis.url());
    std::fs::write(file.path(), format!("{FRAME}{shared}{ROUTES}")).unwrap();
    assert!(run(file.path(), &["check", "--resolve"]).status.success());
    redis.stop();
    let failed = run(file.path(), &["check", "--resolve"]);
    let said = String::from_utf8_lossy(&failed.stderr).into_owned();
    assert!(
        !failed.status.success() && said.contains("the store cannot be used"),
        "{said}"
    );
    assert!(run(file.path(), &["check"]).status.success(), "asks nobody");
}

#[test]
fn what_a_token_must_be_bound_to_and_what_policies_must_allow_is_told() {
    let routes = r#"
[[routes]]
name = "payments"
match = { path = "/payments/{id}" }
upstream = "orders"
require = { audience = "https://api", sender = "dpop", action = "pay:Read", resource = "arn:aws:pay:::payment/{id}" }
"#;
    let headers = HeaderMap::new();
    let imagined = Imagined {
        method: "GET",
        url: "/payments/1",
        headers: &headers,
    };
    let told = Forecast::of(&config(routes), &imagined).unwrap().tell();
    let line = "    demands   a live token, audience https://api, bound to a key (DPoP), \
                a policy that allows pay:Read on arn:aws:pay:::payment/{id}\n";
    assert!(told.contains(line), "{told}");
}

#[test]
fn what_the_plan_must_give_and_what_is_counted_is_told() {
    let routes = r#"
[[routes]]
name = "exports"
match = { path = "/exports" }
upstream = "orders"
require = { audience = "https://api", entitlement = "exports" }
meter = { metric = "exports", quantity = 2 }
"#;
    let headers = HeaderMap::new();
    let imagined = Imagined {
        method: "GET",
        url: "/exports",
        headers: &headers,
    };
    let told = Forecast::of(&config(routes), &imagined).unwrap().tell();
    for line in [
        "    demands   a live token, audience https://api, a plan with exports\n",
        "    meter     2 exports for each request that succeeds\n",
    ] {
        assert!(told.contains(line), "{told}");
    }
}
