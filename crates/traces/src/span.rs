//! One span.
//! It refuses keys that are not fixed words; what it is told it sends.

use crate::context;
use opentelemetry::trace::{Span as _, SpanContext, Status};
use opentelemetry::{KeyValue, Value};

/// A span under way; it ends when it is dropped.
pub struct Span(opentelemetry_sdk::trace::Span);

/// A span of another program.
#[derive(Clone, Debug)]
pub struct Parent(pub(crate) SpanContext);

impl Span {
    pub(crate) const fn new(span: opentelemetry_sdk::trace::Span) -> Self {
        Self(span)
    }

    pub(crate) fn context(&self) -> &SpanContext {
        self.0.span_context()
    }

    /// The value of `traceparent` for what it causes elsewhere.
    #[must_use]
    pub fn traceparent(&self) -> String {
        context::write(self.context())
    }

    /// The trace, for the log.
    #[must_use]
    pub fn trace_id(&self) -> String {
        self.context().trace_id().to_string()
    }

    /// Adds an attribute.
    pub fn say(&mut self, key: &'static str, value: impl Into<Value>) {
        self.0.set_attribute(KeyValue::new(key, value));
    }

    /// It was answered with this status.
    pub fn answered(&mut self, status: u16) {
        self.say("http.response.status_code", i64::from(status));
        if status >= 500 {
            self.failed("");
        }
    }

    /// It had no good answer.
    pub fn failed(&mut self, why: &'static str) {
        self.0.set_status(Status::error(why));
    }

    /// It ends now.
    pub fn end(&mut self) {
        self.0.end();
    }
}
