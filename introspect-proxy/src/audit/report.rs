//! One request as it is reported.
//! It refuses queries, bodies, and texts without end.

use super::Seen;
use crate::facts::Facts;
use serde::Serialize;

const LONGEST_PATH: usize = 384;
const LONGEST_TEXT: usize = 128;

/// Who did what through which route, and how it was answered.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Microseconds since the epoch.
    at: u64,
    service: String,
    method: String,
    path: String,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ip: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<String>,
    request_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision_id: Option<String>,
}

/// What was worked out of it.
pub(super) struct Shown<'a> {
    pub at_millis: u64,
    /// Normalised, without what could be a secret.
    pub path: String,
    pub agent: Option<&'a str>,
}

impl Report {
    pub(super) fn new(seen: &Seen<'_>, facts: &Facts, shown: &Shown<'_>) -> Self {
        let text = |text: &str| cut(text, LONGEST_TEXT);
        let decision = Some(seen.decision_id).filter(|id| !id.is_empty());
        Self {
            at: shown.at_millis.saturating_mul(1000),
            service: text(seen.route),
            method: text(seen.method.as_str()),
            path: cut(&shown.path, LONGEST_PATH),
            status: seen.status,
            sub: facts.subject.as_deref().map(text),
            client_id: facts.client_id.as_deref().map(text),
            account_id: facts.keys().account_id.map(text),
            ip: seen.address.map(|address| address.to_canonical().to_string()),
            user_agent: shown.agent.map(text),
            request_id: text(seen.request_id),
            decision_id: decision.map(text),
        }
    }
}

fn cut(text: &str, longest: usize) -> String {
    text.chars().take(longest).collect()
}
