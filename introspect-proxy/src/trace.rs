//! Traces: a span for each request, one for its service and one for each introspection.
//! It refuses to follow the trace of a stranger, and to put credentials, paths or names of people into a span.

pub use traces::{Current, TRACEPARENT, TRACESTATE, Tracing, carried, child, introduced, within};

use crate::config::Traces;
use http::HeaderMap;
use std::sync::Arc;
use tokio::runtime::Handle;
use traces::{Destination, Span};

/// The spans of one request.
pub struct Trail {
    tracing: Arc<Tracing>,
    server: Span,
    upstream: Option<Span>,
}

/// Begins to trace, when that is configured; sends on `runtime`.
///
/// # Errors
/// When the settings cannot be used.
pub fn start(settings: &Traces, runtime: Handle) -> Result<Option<Arc<Tracing>>, String> {
    let Some(endpoint) = &settings.endpoint else {
        return Ok(None);
    };
    let destination = Destination {
        endpoint,
        ratio: settings.ratio,
        service_name: &settings.service_name,
    };
    Tracing::start(&destination, runtime).map(Some)
}

impl Trail {
    /// The spans of a request; they join the trace that a trusted peer names.
    #[must_use]
    pub fn begin(tracing: &Arc<Tracing>, headers: &HeaderMap, trusted: bool) -> Self {
        let parent = trusted.then(|| traces::named(headers)).flatten();
        Self {
            tracing: Arc::clone(tracing),
            server: tracing.server("request".to_owned(), parent.as_ref(), None),
            upstream: None,
        }
    }

    /// For whatever the request causes.
    #[must_use]
    pub fn current(&self) -> Current {
        self.tracing.current(&self.server)
    }

    /// The request goes to its service; the value of `traceparent`.
    pub fn goes_out(&mut self) -> String {
        let span = self.tracing.client("upstream", &self.server);
        let value = span.traceparent();
        // An attempt that failed ends where the next one begins.
        if let Some(mut failed) = self.upstream.replace(span) {
            failed.failed("no connection");
        }
        value
    }

    /// The head of the service's answer is there.
    pub fn comes_back(&mut self, status: u16) {
        if let Some(mut span) = self.upstream.take() {
            span.answered(status);
        }
    }

    /// The request is over.
    pub fn is_over(&mut self, route: &str, method: &'static str, (status, code): (u16, &'static str)) {
        if let Some(mut span) = self.upstream.take() {
            span.failed("no answer");
        }
        self.server.say("http.request.method", method);
        self.server.say("proxy.route", route.to_owned());
        if !code.is_empty() {
            self.server.say("proxy.code", code);
        }
        self.server.answered(status);
        self.server.end();
    }

    /// The trace, for the log.
    #[must_use]
    pub fn trace_id(&self) -> String {
        self.server.trace_id()
    }
}
