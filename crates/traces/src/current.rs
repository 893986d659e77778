//! The trace that a task works for, so that what it causes can join it.
//! It refuses to cost more than a look where nothing is traced.

use crate::{Span, TRACEPARENT, Tracing};
use opentelemetry::trace::SpanContext;
use std::sync::Arc;

tokio::task_local! {
    static CURRENT: Current;
}

/// A trace under way.
#[derive(Clone)]
pub struct Current {
    tracing: Arc<Tracing>,
    parent: SpanContext,
}

/// A call to somebody else; it ends when it is dropped.
pub struct Call(Span);

impl Current {
    pub(crate) const fn new(tracing: Arc<Tracing>, parent: SpanContext) -> Self {
        Self { tracing, parent }
    }
}

/// Works for a trace, when there is one.
pub async fn within<F: Future>(current: Option<Current>, work: F) -> F::Output {
    match current {
        None => work.await,
        // Boxed, so that it is there only once.
        Some(current) => CURRENT.scope(current, Box::pin(work)).await,
    }
}

/// The trace of this task, to be carried to another.
#[must_use]
pub fn carried() -> Option<Current> {
    CURRENT.try_with(Clone::clone).ok()
}

/// A call that belongs to the trace of this task.
#[must_use]
pub fn child(name: &'static str) -> Option<Call> {
    let current = carried()?;
    Some(Call(current.tracing.caused(name, &current.parent)))
}

/// The request with the name of its call.
pub fn introduced(request: reqwest::RequestBuilder, call: Option<&Call>) -> reqwest::RequestBuilder {
    match call {
        Some(Call(span)) => request.header(TRACEPARENT, span.traceparent()),
        None => request,
    }
}

impl Call {
    /// It had no good answer.
    pub fn failed(&mut self) {
        self.0.failed("");
    }
}
