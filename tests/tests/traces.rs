//! One trace over both programs, and whose trace the server follows.
//! Spans are looked at when the programs have stopped: what waits must be sent by then.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

use tests::collector::{Collector, Span};
use tests::demo::{Demo, EDGE, OPAQUE, SHOP, sections};
use tests::server::{Server, Setup};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn find<'a>(spans: &'a [Span], service: &str, name: &str) -> &'a Span {
    let found = spans
        .iter()
        .find(|span| span.service == service && span.name == name);
    found.unwrap_or_else(|| panic!("no {service} {name}: {spans:#?}"))
}

#[tokio::test]
async fn a_request_and_what_the_server_is_asked_for_it_are_one_trace() {
    let collector = Collector::start().await.unwrap();
    let traced = collector.section();
    let mut demo = Demo::with_routes(Setup::sqlite().with(&traced), &traced)
        .await
        .unwrap();
    let token = demo.client_credentials(OPAQUE).await.unwrap();
    assert_eq!(demo.call(&token, "/orders/secret-path").await.unwrap(), 200);
    demo.proxy.stop().await.unwrap();
    demo.server.stop().await.unwrap();

    let spans = collector.spans();
    let request = find(&spans, "introspect-proxy", "request");
    let asked = find(&spans, "introspect-proxy", "introspect");
    let answered = find(&spans, "authz-server", "POST /oauth2/introspect");
    assert_eq!(
        (&asked.trace_id, &asked.parent_id),
        (&request.trace_id, &request.span_id)
    );
    assert_eq!(
        (&answered.trace_id, &answered.parent_id),
        (&request.trace_id, &asked.span_id)
    );
    assert_eq!(answered.says["http.route"], "/oauth2/introspect");
    assert_eq!(answered.says["http.response.status_code"], "200");
    assert!(answered.says["request.id"].starts_with("req_"));
    // A02: neither token, path, query nor secret.
    let said = format!("{spans:?}");
    for hidden in [token.as_str(), "secret-path", EDGE.1, OPAQUE.1] {
        assert!(!said.contains(hidden), "{said}");
    }
}

/// Introspects nonsense as this client, naming a trace; the trace of the server's span.
async fn trace_of(client: (&str, &str), trusted: &str) -> String {
    let collector = Collector::start().await.unwrap();
    let setup = Setup::sqlite().with(&format!("{}\n{}", collector.section(), sections()));
    let setup = if trusted.is_empty() {
        setup
    } else {
        setup.env("AUTHZ_SERVER__TRUSTED_PROXIES", trusted)
    };
    let mut server = Server::start(setup).await.unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = http
        .post(server.url("/oauth2/introspect"))
        .basic_auth(client.0, Some(client.1));
    let request = request
        .header("traceparent", PARENT)
        .form(&[("token", "nonsense")]);
    request.send().await.unwrap();
    server.stop().await.unwrap();
    find(&collector.spans(), "authz-server", "POST /oauth2/introspect")
        .trace_id
        .clone()
}

#[tokio::test]
async fn a_proxy_that_proves_itself_names_the_trace() {
    assert_eq!(trace_of(EDGE, "").await, TRACE);
}

#[tokio::test]
async fn strangers_and_other_clients_name_no_trace() {
    assert_ne!(trace_of((EDGE.0, "a-guess-at-the-secret"), "").await, TRACE);
    assert_ne!(trace_of(SHOP, "").await, TRACE);
}

#[tokio::test]
async fn a_trusted_proxy_in_front_names_the_trace_of_anybody() {
    assert_eq!(trace_of(("nobody", "nothing"), "['127.0.0.0/8']").await, TRACE);
}

/// A dead collector must not keep the server from stopping.
#[tokio::test]
async fn a_collector_that_is_gone_does_not_hold_the_server() {
    let collector = Collector::start().await.unwrap();
    let section = collector.section();
    drop(collector);
    let mut server = Server::start(Setup::sqlite().with(&section)).await.unwrap();
    reqwest::get(server.url("/healthz")).await.unwrap();
    assert!(server.stop().await.unwrap().success());
}

#[tokio::test]
async fn a_refused_forward_auth_call_has_its_code_and_its_trace_in_the_access_log() {
    let collector = Collector::start().await.unwrap();
    let sections = format!(
        "{}\n[log]\nformat = \"json\"\naccess = true\n",
        collector.section()
    );
    let mut demo = Demo::with_routes(Setup::sqlite(), &sections).await.unwrap();
    let asked = demo.http.get(demo.proxy.url("/check?scope=orders:read"));
    assert_eq!(asked.send().await.unwrap().status(), 401);
    demo.proxy.stop().await.unwrap();

    let log = demo.proxy.log().unwrap();
    let lines = log.lines().filter_map(|line| serde_json::from_str(line).ok());
    let mut access = lines.filter(|line: &serde_json::Value| line["target"] == "access");
    let line = access.next().unwrap();
    let spans = collector.spans();
    let span = find(&spans, "introspect-proxy", "request");
    assert_eq!(line["code"], "missing_credential");
    assert_eq!(line["code"], span.says["proxy.code"]);
    assert_eq!(line["trace_id"], span.trace_id);
}
