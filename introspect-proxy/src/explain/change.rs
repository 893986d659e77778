//! The smallest change that would have let a request pass.
//! It refuses to promise more than that: another demand may fail after it.

mod credential;

use credential::{another_token, audience, bound, client, good_for, login, not_bound, not_permitted, scope};

use super::record::Record;
use super::walk::Near;
use crate::proof::Unproven;
use crate::refusal::Refusal;
use oauth::confirmation::HolderError;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Who can do what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// `caller`, `operator` or `nobody`.
    pub by: String,
    /// A word for programs.
    pub kind: String,
    /// A sentence for people.
    pub text: String,
}

fn caller(kind: &str, text: impl Into<String>) -> Change {
    Change {
        by: "caller".to_owned(),
        kind: kind.to_owned(),
        text: text.into(),
    }
}

fn operator(kind: &str, text: impl Into<String>) -> Change {
    Change {
        by: "operator".to_owned(),
        ..caller(kind, text)
    }
}

/// The smallest change; `near` is the route that nearly took the request, when none did.
#[must_use]
pub fn smallest(record: &Record, near: Option<&Near>) -> Change {
    let facts = record.facts.as_deref();
    let route = record.route_name();
    match &record.refusal {
        Refusal::AmbiguousPath(reason) => caller(
            "correct_path",
            format!("send the path in its plain form: {reason}"),
        ),
        Refusal::AmbiguousHost => caller("correct_host", "name exactly one host"),
        Refusal::UrlTooLong => caller(
            "shorten_url",
            "send a shorter URL; limits.url_bytes says how long it may be",
        ),
        Refusal::HeadTooLarge => caller(
            "send_fewer_fields",
            "send fewer header fields; limits.header_count says how many there may be",
        ),
        Refusal::Misdirected => caller(
            "reconnect",
            format!("open a connection of its own for the host {}", record.host),
        ),
        Refusal::MethodNotAllowed => caller(
            "use_method",
            format!("{} never passes; use another method", record.method),
        ),
        Refusal::NoRoute => unrouted(record, near),
        Refusal::AmbiguousCredential => caller(
            "send_one_credential",
            "send one well-formed token, either as `Authorization: Bearer` or as `X-API-Key`",
        ),
        Refusal::NoCredential => caller(
            "send_credential",
            format!("send a token{}", good_for(record.demanded())),
        ),
        Refusal::InvalidToken(why) => another_token(why, record.demanded()),
        Refusal::Unproven(Unproven::Holder(HolderError::OtherCertificate)) => caller(
            "connect_with_certificate",
            "connect with the client certificate that the token is bound to, at a listener that asks for one",
        ),
        Refusal::Unproven(Unproven::Unbound(_)) => bound(record.demanded()),
        Refusal::Unproven(Unproven::Holder(HolderError::NotBound)) => not_bound(record.demanded()),
        Refusal::Unproven(unproven) => caller(
            "prove_possession",
            format!("send the token with a proof of its key: {}", unproven.detail()),
        ),
        Refusal::WrongAudience => audience(record.demanded(), facts),
        Refusal::WrongClient => client(route, record.demanded(), facts),
        Refusal::NotPermitted => not_permitted(record.demanded()),
        Refusal::NoAccount => caller(
            "use_account_token",
            "use a token of somebody who acts in an account",
        ),
        Refusal::Exceeded(exceeded) => caller(
            if exceeded.told.can_be_paid() {
                "top_up"
            } else {
                "change_plan"
            },
            exceeded.told.remedy(),
        ),
        Refusal::AmbiguousResource => caller(
            "correct_path",
            "name the resource with letters, digits and `-._~@+=,` alone",
        ),
        Refusal::MissingScope(missing) | Refusal::ToolScope { missing, .. } => scope(missing, facts),
        Refusal::UnreadableCall(_, why) => {
            caller("correct_call", format!("send a call that can be read: {why}"))
        }
        Refusal::WeakLogin(shortfall) => login(*shortfall, record),
        Refusal::IdentityTooLarge => caller(
            "ask_for_fewer_scopes",
            format!("ask for fewer scopes, or set identity = \"none\" on the route `{route}`"),
        ),
        Refusal::ForeignOrigin => operator(
            "allow_origin",
            format!("add the origin of the page to allowed_origins of the route `{route}`"),
        ),
        Refusal::RateLimited(wait) => limit(*wait, record),
        Refusal::TooManyLookups(wait) => caller(
            "wait",
            format!(
                "wait {} s: its address sent too many unknown tokens (limits.lookups_per_address)",
                whole(*wait)
            ),
        ),
        Refusal::Unavailable(why) => operator(
            "restore_authorization_server",
            format!("bring the authorization server back: {why}"),
        ),
        Refusal::UntrustedPeer => operator(
            "trust_peer",
            format!(
                "add the network of {} to trusted_peers of the listener",
                record.address
            ),
        ),
        Refusal::BadCheck(why) => operator("correct_check", format!("correct the forward-auth call: {why}")),
        Refusal::NoUpstream => operator("add_upstream", format!("set `upstream` on the route `{route}`")),
        Refusal::UpstreamPaused(wait) => operator(
            "restore_upstream",
            format!(
                "look at the service, which failed again and again; the next trial is due within {} s",
                whole(*wait)
            ),
        ),
        Refusal::UpstreamBusy => operator(
            "add_instances",
            "add instances to the upstream, or raise its max_requests".to_owned(),
        ),
        Refusal::UpstreamFailed(status) => upstream(*status),
    }
}

fn unrouted(record: &Record, near: Option<&Near>) -> Change {
    match near {
        Some(near) if near.is_host => caller(
            "use_host",
            format!(
                "call the host {}, which the route `{}` is for",
                near.takes.join(", "),
                near.route
            ),
        ),
        Some(near) => operator(
            "add_method",
            format!(
                "add {} to match.methods of the route `{}`, which takes {} only",
                record.method,
                near.route,
                near.takes.join(", ")
            ),
        ),
        None => operator(
            "add_route",
            format!("add a route that takes {} {}", record.method, record.path),
        ),
    }
}

fn limit(wait: Duration, record: &Record) -> Change {
    let limit = record.limit.map_or_else(String::new, |line| {
        format!(": {} for each {} is used up", line.rate, line.name)
    });
    caller("wait", format!("wait {} s{limit}", whole(wait)))
}

fn upstream(status: u16) -> Change {
    match status {
        400 => caller("correct_request", "send the request whole and well-formed"),
        504 => operator(
            "restore_upstream",
            "make the service answer in time, or raise timeouts of the upstream",
        ),
        _ => operator(
            "restore_upstream",
            "look at the service: it did not give a usable answer",
        ),
    }
}

/// Whole seconds, rounded up, at least one.
fn whole(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0 || wait.is_zero())
}
