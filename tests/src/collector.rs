//! An OTLP collector that keeps every span it is sent.
//! It refuses whatever is not a batch of spans.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::trace::v1::ResourceSpans;
use prost::Message as _;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A span as it arrived; ids are hexadecimal.
#[derive(Clone, Debug)]
pub struct Span {
    /// `service.name` of the program that sent it.
    pub service: String,
    /// Its name.
    pub name: String,
    /// The trace.
    pub trace_id: String,
    /// Itself.
    pub span_id: String,
    /// Its parent; empty when it begins the trace.
    pub parent_id: String,
    /// Its attributes as text.
    pub says: BTreeMap<String, String>,
}

type Spans = Arc<Mutex<Vec<Span>>>;

/// A running collector, stopped when dropped.
pub struct Collector {
    endpoint: String,
    spans: Spans,
    task: JoinHandle<()>,
}

impl Collector {
    /// Starts it on a free loopback port.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let endpoint = format!("http://{}/v1/traces", listener.local_addr()?);
        let spans = Spans::default();
        let router = Router::new()
            .route("/v1/traces", post(collect))
            .with_state(Arc::clone(&spans));
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self {
            endpoint,
            spans,
            task,
        })
    }

    /// A `[traces]` section that sends everything here.
    pub fn section(&self) -> String {
        format!("[traces]\nendpoint = \"{}\"\nratio = 1.0\n", self.endpoint)
    }

    /// What has arrived.
    pub fn spans(&self) -> Vec<Span> {
        self.spans.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn collect(State(spans): State<Spans>, body: Bytes) -> StatusCode {
    let Ok(request) = ExportTraceServiceRequest::decode(body) else {
        return StatusCode::BAD_REQUEST;
    };
    let arrived = request.resource_spans.into_iter().flat_map(unpacked);
    spans
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .extend(arrived);
    StatusCode::OK
}

fn unpacked(resource: ResourceSpans) -> Vec<Span> {
    let about = resource.resource.map(|resource| resource.attributes);
    let service = texts(about.unwrap_or_default()).remove("service.name");
    let service = service.unwrap_or_default();
    let spans = resource.scope_spans.into_iter().flat_map(|scope| scope.spans);
    let span = |span: opentelemetry_proto::tonic::trace::v1::Span| Span {
        service: service.clone(),
        name: span.name,
        trace_id: hexadecimal(&span.trace_id),
        span_id: hexadecimal(&span.span_id),
        parent_id: hexadecimal(&span.parent_span_id),
        says: texts(span.attributes),
    };
    spans.map(span).collect()
}

fn texts(attributes: Vec<KeyValue>) -> BTreeMap<String, String> {
    attributes
        .into_iter()
        .map(|pair| (pair.key, text(pair.value)))
        .collect()
}

fn text(value: Option<AnyValue>) -> String {
    match value.and_then(|value| value.value) {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => number.to_string(),
        other => format!("{other:?}"),
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
