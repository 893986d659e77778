//! Traces: a span for each request, one for its service and one for each introspection, sent by OTLP.
//! It refuses to follow the trace of a stranger, and to put credentials, paths or names of people into a span.

mod context;
mod courier;
mod current;

pub use current::{Current, carried, child, introduced, within};

use self::courier::Courier;
use crate::config::Traces;
use http::{HeaderMap, HeaderName};
use opentelemetry::trace::{
    Span as _, SpanContext, SpanKind, Status, TraceContextExt as _, Tracer as _, TracerProvider as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider, Span};
use std::sync::Arc;
use tokio::runtime::Handle;

/// W3C Trace Context.
pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// What others add to it.
pub const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// Makes spans and sends them, a batch at a time, from a thread of its own; what does not fit its queue is lost.
pub struct Tracing {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
}

/// The spans of one request.
pub struct Trail {
    tracing: Arc<Tracing>,
    server: Span,
    upstream: Option<Span>,
}

impl Tracing {
    /// Begins to trace, when that is configured; sends on `runtime`.
    ///
    /// # Errors
    /// When the settings cannot be used.
    pub fn start(settings: &Traces, runtime: Handle) -> Result<Option<Arc<Self>>, String> {
        let Some(endpoint) = &settings.endpoint else {
            return Ok(None);
        };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Courier::new(runtime)?)
            .with_endpoint(endpoint.as_str())
            .build()
            .map_err(|reason| format!("traces: {reason}"))?;
        let resource = Resource::builder_empty()
            .with_service_name(settings.service_name.clone())
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(settings.ratio)));
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_sampler(sampler)
            .with_resource(resource)
            .build();
        let tracer = provider.tracer("introspect-proxy");
        Ok(Some(Arc::new(Self { provider, tracer })))
    }

    /// The spans of a request; they join the trace that a trusted peer names.
    #[must_use]
    pub fn request(self: &Arc<Self>, headers: &HeaderMap, trusted: bool) -> Trail {
        let named = headers.get(TRACEPARENT).filter(|_| trusted);
        let parent = named
            .and_then(|value| value.to_str().ok())
            .and_then(context::parse);
        let parent = parent.map_or_else(Context::new, |parent| {
            Context::new().with_remote_span_context(parent)
        });
        let builder = self.tracer.span_builder("request").with_kind(SpanKind::Server);
        Trail {
            tracing: Arc::clone(self),
            server: builder.start_with_context(&self.tracer, &parent),
            upstream: None,
        }
    }

    fn client(&self, name: &'static str, parent: &SpanContext) -> Span {
        let parent = Context::new().with_remote_span_context(parent.clone());
        let builder = self.tracer.span_builder(name).with_kind(SpanKind::Client);
        builder.start_with_context(&self.tracer, &parent)
    }

    /// Sends what waits; blocks.
    pub fn flush(&self) {
        if let Err(error) = self.provider.force_flush() {
            tracing::debug!(%error, "traces were not sent");
        }
    }
}

impl Trail {
    /// For whatever the request causes.
    #[must_use]
    pub fn current(&self) -> Current {
        Current::new(Arc::clone(&self.tracing), self.server.span_context().clone())
    }

    /// The request goes to its service; the value of `traceparent`.
    pub fn goes_out(&mut self) -> String {
        let span = self.tracing.client("upstream", self.server.span_context());
        let value = context::write(span.span_context());
        // An attempt that failed ends where the next one begins.
        if let Some(mut failed) = self.upstream.replace(span) {
            failed.set_status(Status::error("no connection"));
            failed.end();
        }
        value
    }

    /// The head of the service's answer is there.
    pub fn comes_back(&mut self, status: u16) {
        if let Some(mut span) = self.upstream.take() {
            answered(&mut span, status);
            span.end();
        }
    }

    /// The request is over.
    pub fn is_over(&mut self, route: &str, method: &'static str, (status, code): (u16, &'static str)) {
        if let Some(mut span) = self.upstream.take() {
            span.set_status(Status::error("no answer"));
            span.end();
        }
        self.server
            .set_attribute(KeyValue::new("http.request.method", method));
        self.server
            .set_attribute(KeyValue::new("proxy.route", route.to_owned()));
        if !code.is_empty() {
            self.server.set_attribute(KeyValue::new("proxy.code", code));
        }
        answered(&mut self.server, status);
        self.server.end();
    }

    /// The trace, for the log.
    #[must_use]
    pub fn trace_id(&self) -> String {
        self.server.span_context().trace_id().to_string()
    }
}

fn answered(span: &mut Span, status: u16) {
    span.set_attribute(KeyValue::new("http.response.status_code", i64::from(status)));
    if status >= 500 {
        span.set_status(Status::error(""));
    }
}
