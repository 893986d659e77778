//! A refusal told to a person at a terminal.
//! It refuses control characters: what it tells came from strangers.

use super::detail::{Demand, Detail, Known};
use super::moment::rfc3339;
use crate::config::Sender;
use std::fmt::Write;

/// Several lines about one refusal.
#[must_use]
pub fn tell(detail: &Detail) -> String {
    let mut text = String::new();
    let verdict = detail.verdict.replace('_', " ");
    let _ = writeln!(text, "{} {verdict}: {}", detail.id, detail.reason);
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "  {name:<11}{}", plain(&value).replace('\n', " "));
    };
    let asked = &detail.request;
    line("when", detail.at.clone());
    line(
        "request",
        format!("{} {}{}  ({})", asked.method, asked.host, asked.path, asked.id),
    );
    line("from", asked.address.clone());
    line("answer", format!("{} {}", detail.status, detail.code));
    line("route", detail.route.clone().unwrap_or_else(|| "none".to_owned()));
    if let Some(demand) = &detail.demand {
        line("demands", demands(demand));
    }
    if let Some(presented) = &detail.credential {
        line(
            "credential",
            format!("{}, sha256 {}…", presented.kind, presented.sha256),
        );
    }
    match &detail.facts {
        Some(known) => facts(known, &mut line),
        None if detail.credential.is_some() => line("facts", "none".to_owned()),
        None => {}
    }
    if let Some(entitled) = &detail.entitlement {
        line("plan", entitled.tell());
    }
    if let Some(limit) = &detail.limit {
        line("limit", limit.clone());
    }
    let lease = match detail.log.lease_left_ms {
        0 => "lease lapsed".to_owned(),
        left => format!("lease good for {:.1} s more", seconds(left)),
    };
    line("log", format!("position {}, {lease}", detail.log.position));
    line(
        "to pass",
        format!("{} (by the {})", detail.change.text, detail.change.by),
    );
    text
}

/// The text without control characters, but with its lines.
#[must_use]
pub fn plain(text: &str) -> String {
    text.chars().filter(|c| *c == '\n' || !c.is_control()).collect()
}

/// A demand in one line.
#[must_use]
pub fn demands(demand: &Demand) -> String {
    let mut parts = Vec::new();
    if !demand.scopes.is_empty() {
        parts.push(format!("scope {}", demand.scopes));
    }
    parts.extend(
        demand
            .audience
            .iter()
            .map(|audience| format!("audience {audience}")),
    );
    if !demand.clients.is_empty() {
        parts.push(format!("client {}", demand.clients.join(" or ")));
    }
    parts.extend(
        demand
            .acr_values
            .iter()
            .map(|acr| format!("acr {}", acr.replace(' ', " or "))),
    );
    parts.extend(
        demand
            .max_age
            .iter()
            .map(|age| format!("a sign-in at most {age} s old")),
    );
    parts.extend(demand.sender.map(bound_to).map(str::to_owned));
    parts.extend(
        demand
            .action
            .iter()
            .zip(&demand.resource)
            .map(|(action, resource)| format!("a policy that allows {action} on {resource}")),
    );
    parts.extend(
        demand
            .entitlement
            .iter()
            .map(|feature| format!("a plan with {feature}")),
    );
    if parts.is_empty() {
        "nothing in particular".to_owned()
    } else {
        parts.join(", ")
    }
}

const fn bound_to(sender: Sender) -> &'static str {
    match sender {
        Sender::Dpop => "bound to a key (DPoP)",
        Sender::Mtls => "bound to a client certificate",
        Sender::Any => "bound to a key or a client certificate",
    }
}

fn facts(known: &Known, line: &mut impl FnMut(&str, String)) {
    let position = known
        .position
        .map_or_else(String::new, |at| format!(" at position {at}"));
    let age = seconds(known.age_ms);
    line(
        "facts",
        format!("from {}{position}, {age:.1} s old", known.source),
    );
    let who = [
        ("subject", &known.subject),
        ("client", &known.client),
        ("key", &known.key),
        ("session", &known.session),
    ];
    for (name, value) in who {
        if let Some(value) = value {
            line(name, value.clone());
        }
    }
    let held = if known.scopes.is_empty() {
        "none"
    } else {
        &known.scopes
    };
    line("scopes", held.to_owned());
    let audience = if known.audience.is_empty() {
        "none".to_owned()
    } else {
        known.audience.join(", ")
    };
    line("audience", audience);
    if let Some(acr) = &known.acr {
        line("acr", acr.clone());
    }
    let moment = |at: i64| rfc3339(u64::try_from(at).unwrap_or(0).saturating_mul(1000));
    if let Some(at) = known.auth_time {
        line("signed in", moment(at));
    }
    line(
        "ends",
        known.expires_at.map_or_else(|| "never".to_owned(), moment),
    );
}

#[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
fn seconds(millis: u64) -> f64 {
    millis as f64 / 1000.0
}
