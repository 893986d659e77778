//! The span of a request, made when the request is over: only then is it known whether its caller may name a trace.
//! Refuses the traces of strangers, and to say anything that was sent, but for the request's name.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use std::time::SystemTime;

use domain::clients::KnownClient;
use http::{HeaderMap, Method, StatusCode};
use traces::{Parent, Tracing};

use super::measure;

/// What a traced request knows of its trace on the way.
#[derive(Clone)]
pub struct Arrival(Arc<Inner>);

struct Inner {
    named: Option<Parent>,
    believed: AtomicBool,
    began: SystemTime,
}

impl Arrival {
    pub(super) fn new(headers: &HeaderMap, trusted: bool) -> Self {
        Self(Arc::new(Inner {
            named: traces::named(headers),
            believed: AtomicBool::new(trusted),
            began: traces::now(),
        }))
    }

    /// The client has proved itself; those that the operator lets introspect may name a trace.
    pub fn is_from(&self, client: &KnownClient) {
        if client.settings.proxy || !client.settings.introspects.is_empty() {
            self.0.believed.store(true, Ordering::Relaxed);
        }
    }

    /// The request is over; returns the name of its trace.
    pub(super) fn is_over(&self, tracing: &Tracing, told: &Told<'_>) -> String {
        let Inner {
            named,
            believed,
            began,
        } = &*self.0;
        let parent = named.as_ref().filter(|_| believed.load(Ordering::Relaxed));
        let method = measure::label(told.method);
        let mut span = tracing.server(format!("{method} {}", told.route), parent, Some(*began));
        span.say("http.request.method", method);
        span.say("http.route", told.route.to_owned());
        span.say("request.id", told.request_id.to_owned());
        span.answered(told.status.as_u16());
        span.trace_id()
    }
}

/// What a span says.
pub(super) struct Told<'a> {
    pub method: &'a Method,
    pub route: &'a str,
    pub request_id: &'a str,
    pub status: StatusCode,
}
