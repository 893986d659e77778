//! What one request does, collected while it is answered: who acts, in which account, and what the domain says of it.
//! Refuses to grow: events beyond a bound are only counted. It decides nothing.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::Actor;
use crate::ClientId;

/// Events kept of one request.
const MOST_EVENTS: usize = 16;
/// Details kept of one event, as text.
const LONGEST_DETAIL: usize = 2 * 1024;

/// Who acts, as the audit log names them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Acting {
    /// `user`, `iam`, `client`, `anonymous`, …
    pub kind: &'static str,
    pub id: Option<String>,
    /// For people to read; taken out when they are erased.
    pub name: Option<String>,
    /// The key that they came with, if it was one.
    pub credential: Option<String>,
    /// The account that the credential acts in, where it says so.
    pub account: Option<String>,
}

impl Acting {
    /// A client for itself.
    pub fn client(id: &ClientId) -> Self {
        Self {
            kind: "client",
            id: Some(id.to_string()),
            name: None,
            credential: None,
            account: None,
        }
    }
}

/// One event of [`crate::audit::AuditEvent`], without what the entry says itself.
#[derive(Clone, Debug)]
pub struct Noted {
    pub actor: Actor,
    pub action: &'static str,
    pub target: Option<String>,
    pub detail: Value,
}

/// What a request has left behind.
#[derive(Clone, Default, Debug)]
pub struct Traces {
    pub acting: Option<Acting>,
    /// The account acted in, where the authorizer has decided about it.
    pub account: Option<String>,
    pub events: Vec<Noted>,
    /// How many more there were.
    pub left_out: usize,
}

/// Shared by all clones of one request's [`crate::Ctx`]; of nothing for work that is no request.
#[derive(Clone, Default)]
pub struct Trail(Option<Arc<Mutex<Traces>>>);

impl Trail {
    /// One that collects.
    pub fn new() -> Self {
        Self(Some(Arc::default()))
    }

    /// Who acts; the last one said counts.
    pub fn acts(&self, acting: impl FnOnce() -> Acting) {
        if let Some(mut traces) = self.open() {
            traces.acting = Some(acting());
        }
    }

    /// The account that is acted in, as the authorizer has found.
    pub fn acts_in(&self, account: &str) {
        if let Some(mut traces) = self.open() {
            traces.account = Some(account.to_owned());
        }
    }

    /// What happened. It may be undone yet: then the status of the answer tells.
    pub fn note(&self, mut noted: Noted) {
        let Some(mut traces) = self.open() else {
            return;
        };
        if traces.events.len() >= MOST_EVENTS {
            traces.left_out += 1;
            return;
        }
        if noted.detail.to_string().len() > LONGEST_DETAIL {
            noted.detail = Value::Null;
        }
        traces.events.push(noted);
    }

    /// What was collected up to now.
    pub fn traces(&self) -> Traces {
        self.open().map(|traces| traces.clone()).unwrap_or_default()
    }

    fn open(&self) -> Option<MutexGuard<'_, Traces>> {
        let traces = self.0.as_ref()?;
        Some(traces.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What a request does is nothing to print.
impl fmt::Debug for Trail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Trail")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn noted(detail: Value) -> Noted {
        Noted {
            actor: Actor::Anonymous,
            action: "thing.done",
            target: None,
            detail,
        }
    }

    #[test]
    fn events_beyond_the_bound_are_counted() {
        let trail = Trail::new();
        for number in 0..MOST_EVENTS + 3 {
            trail.clone().note(noted(json!({ "number": number })));
        }
        trail.note(noted(json!("x".repeat(LONGEST_DETAIL))));
        let traces = trail.traces();
        assert_eq!((traces.events.len(), traces.left_out), (MOST_EVENTS, 4));
    }

    #[test]
    fn work_that_is_no_request_leaves_nothing() {
        let trail = Trail::default();
        trail.note(noted(json!({})));
        assert!(trail.traces().events.is_empty());
    }
}
