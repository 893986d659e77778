//! Traces, sent to a collector in this process: who shares which trace, and what spans say.
//! Time stands still for the proxy; spans have the time of the machine.

use crate::support::World;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use serde_json::json;
use std::sync::{Arc, Mutex};

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

type Spans = Arc<Mutex<Vec<Span>>>;

async fn collect(State(spans): State<Spans>, body: Bytes) {
    let request = ExportTraceServiceRequest::decode(body).unwrap();
    let scopes = request
        .resource_spans
        .into_iter()
        .flat_map(|resource| resource.scope_spans);
    spans.lock().unwrap().extend(scopes.flat_map(|scope| scope.spans));
}

async fn traced(ratio: f64) -> (World, Spans) {
    let spans = Spans::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new()
        .route("/v1/traces", post(collect))
        .with_state(Arc::clone(&spans));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let settings = format!("[traces]\nendpoint = \"http://{address}/v1/traces\"\nratio = {ratio:.1}\n");
    (World::with(crate::support::ROUTES, &settings).await, spans)
}

/// Waits for so many spans.
async fn arrived(world: &World, spans: &Spans, count: usize) -> Vec<Span> {
    let limit = std::time::Duration::from_secs(20);
    let all = async {
        while spans.lock().unwrap().len() < count {
            let core = Arc::clone(world.proxy.core());
            let flush = move || core.tracing.as_ref().unwrap().flush();
            tokio::task::spawn_blocking(flush).await.unwrap();
        }
    };
    assert!(
        tokio::time::timeout(limit, all).await.is_ok(),
        "{:?}",
        spans.lock().unwrap()
    );
    spans.lock().unwrap().clone()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn named<'a>(spans: &'a [Span], name: &str) -> &'a Span {
    spans.iter().find(|span| span.name == name).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn request_introspection_and_service_share_one_trace() {
    let (world, spans) = traced(1.0).await;
    let token = world.authority.opaque(&json!({}));
    let reply = world.get_with("/orders/secret-path", &token).await;
    let all = arrived(&world, &spans, 3).await;
    let (server, upstream, asked) = (
        named(&all, "request"),
        named(&all, "upstream"),
        named(&all, "introspect"),
    );
    for child in [upstream, asked] {
        assert_eq!(
            (&child.trace_id, &child.parent_span_id),
            (&server.trace_id, &server.span_id)
        );
    }
    let to = |span: &Span| format!("00-{}-{}-01", hex(&server.trace_id), hex(&span.span_id));
    assert_eq!(reply.seen("traceparent"), [to(upstream)]);
    assert_eq!(world.authority.traceparent(), Some(to(asked)));
    // A02: neither token, path nor subject.
    let said = format!("{all:?}");
    for hidden in [token.as_str(), "secret-path", "usr_alice"] {
        assert!(!said.contains(hidden), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trusted_peer_names_the_trace_and_a_stranger_does_not() {
    let (world, spans) = traced(0.0).await;
    let headers = [("traceparent", PARENT), ("tracestate", "a=b")];
    let strange = world.send(0, "GET", "/public", &headers).await;
    let [seen] = &strange.seen("traceparent")[..] else {
        panic!("{strange:?}")
    };
    assert!(!seen.contains("4bf92f35") && seen.ends_with("-00"), "{seen}");
    assert!(strange.seen("tracestate").is_empty());
    let known = world.send(1, "GET", "/public", &headers).await;
    assert!(known.seen("traceparent")[0].starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"));
    let all = arrived(&world, &spans, 2).await;
    assert!(
        all.iter()
            .all(|span| hex(&span.trace_id) == "4bf92f3577b34da6a3ce929d0e0e4736"),
        "{all:?}"
    );
    assert_eq!(hex(&named(&all, "request").parent_span_id), "00f067aa0ba902b7");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_endpoint_headers_pass_as_they_are() {
    let world = World::start().await;
    let reply = world.get("/public", &[("traceparent", PARENT)]).await;
    assert_eq!(reply.seen("traceparent"), [PARENT]);
    assert!(world.proxy.core().tracing.is_none());
}
