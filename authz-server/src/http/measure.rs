//! Counts and durations of requests, by route template.
//! Takes no label from what a stranger can choose.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use http::{Method, StatusCode};
use metrics::{Counter, Histogram, counter, histogram};

/// The figures of one kind of answer, kept: to find them by their labels takes longer than to count.
struct Figures {
    method: &'static str,
    status: StatusCode,
    answers: Counter,
    seconds: Histogram,
}

thread_local! {
    /// By the template of the route; there are as many as we have routes.
    static KNOWN: RefCell<HashMap<Box<str>, Vec<Figures>>> = RefCell::default();
}

pub(super) fn answered(method: &Method, route: &str, status: StatusCode, took: Duration) {
    KNOWN.with_borrow_mut(|known| count(known, (label(method), route, status), took));
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    if status.is_server_error() {
        tracing::warn!(status = status.as_u16(), micros, "answered");
    } else {
        tracing::debug!(status = status.as_u16(), micros, "answered");
    }
}

fn count(
    known: &mut HashMap<Box<str>, Vec<Figures>>,
    (method, route, status): (&'static str, &str, StatusCode),
    took: Duration,
) {
    let same = |figures: &&Figures| figures.status == status && figures.method == method;
    if let Some(figures) = known.get(route).and_then(|of_route| of_route.iter().find(same)) {
        return figures.count(took);
    }
    let figures = Figures::of(method, route, status);
    figures.count(took);
    known.entry(route.into()).or_default().push(figures);
}

impl Figures {
    fn of(method: &'static str, route: &str, status: StatusCode) -> Self {
        let route = route.to_owned();
        Self {
            method,
            status,
            answers: counter!("http_requests_total", "method" => method, "route" => route.clone(), "status" => status.as_str().to_owned()),
            seconds: histogram!("http_request_duration_seconds", "method" => method, "route" => route),
        }
    }

    fn count(&self, took: Duration) {
        self.answers.increment(1);
        self.seconds.record(took);
    }
}

pub(super) fn panicked() {
    counter!("http_panics_total").increment(1);
}

pub(super) fn label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}
