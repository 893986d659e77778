//! Traces of both programs: spans, sent by OTLP over HTTP, and the header that joins them.
//! It refuses to choose what a span says and whose trace is followed: the programs do.

mod context;
mod courier;
mod current;
mod span;

pub use current::{Call, Current, carried, child, introduced, within};
pub use span::{Parent, Span};

use self::courier::Courier;
use http::{HeaderMap, HeaderName};
use opentelemetry::trace::{SpanBuilder, SpanContext, SpanKind, TraceContextExt as _, TracerProvider as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider};
use std::sync::Arc;
use std::time::SystemTime;
use tokio::runtime::Handle;
use url::Url;

/// W3C Trace Context.
pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// What others add to it.
pub const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// Where spans go.
pub struct Destination<'a> {
    /// OTLP over HTTP.
    pub endpoint: &'a Url,
    /// The part of the traces begun here that is sent, from 0 to 1.
    pub ratio: f64,
    /// What the program is called there.
    pub service_name: &'a str,
}

/// Makes spans and sends them, a batch at a time, from a thread of its own; what does not fit its queue is lost.
pub struct Tracing {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
}

impl Tracing {
    /// Begins to trace; sends on `runtime`.
    ///
    /// # Errors
    /// When the settings cannot be used.
    pub fn start(destination: &Destination<'_>, runtime: Handle) -> Result<Arc<Self>, String> {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Courier::new(runtime)?)
            .with_endpoint(destination.endpoint.as_str())
            .build()
            .map_err(|reason| format!("traces: {reason}"))?;
        let resource = Resource::builder_empty()
            .with_service_name(destination.service_name.to_owned())
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let ratio = Sampler::TraceIdRatioBased(destination.ratio);
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_sampler(Sampler::ParentBased(Box::new(ratio)))
            .with_resource(resource)
            .build();
        let tracer = provider.tracer("requests");
        Ok(Arc::new(Self { provider, tracer }))
    }

    /// The span of a request that began then, or begins now; without a parent it begins a trace.
    #[must_use]
    pub fn server(&self, name: String, parent: Option<&Parent>, began: Option<SystemTime>) -> Span {
        let mut builder = SpanBuilder::from_name(name).with_kind(SpanKind::Server);
        builder.start_time = began;
        self.span(builder, parent.map(|Parent(parent)| parent))
    }

    /// The span of a call to somebody else.
    #[must_use]
    pub fn client(&self, name: &'static str, cause: &Span) -> Span {
        self.caused(name, cause.context())
    }

    fn caused(&self, name: &'static str, cause: &SpanContext) -> Span {
        let builder = SpanBuilder::from_name(name).with_kind(SpanKind::Client);
        self.span(builder, Some(cause))
    }

    fn span(&self, builder: SpanBuilder, parent: Option<&SpanContext>) -> Span {
        let parent = parent.map_or_else(Context::new, |parent| {
            Context::new().with_remote_span_context(parent.clone())
        });
        Span::new(builder.start_with_context(&self.tracer, &parent))
    }

    /// What is caused from now on belongs to this span.
    #[must_use]
    pub fn current(self: &Arc<Self>, span: &Span) -> Current {
        Current::new(Arc::clone(self), span.context().clone())
    }

    /// Sends what waits; blocks, for a few seconds at most.
    pub fn flush(&self) {
        if let Err(error) = self.provider.force_flush() {
            tracing::debug!(%error, "traces were not sent");
        }
    }

    /// The same at the end of the program, without blocking the task.
    pub async fn send_the_rest(self: Arc<Self>) {
        let sent = tokio::task::spawn_blocking(move || self.flush()).await;
        if let Err(error) = sent {
            tracing::debug!(%error, "traces were not sent");
        }
    }
}

/// Now, for a span that is made later.
#[must_use]
pub fn now() -> SystemTime {
    opentelemetry::time::now()
}

/// The span that the headers name, if they name one in the right form.
#[must_use]
pub fn named(headers: &HeaderMap) -> Option<Parent> {
    let value = headers.get(TRACEPARENT)?;
    value.to_str().ok().and_then(context::parse).map(Parent)
}
