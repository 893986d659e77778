//! What another token, or another way to show this one, would do.

use super::{Change, caller, operator};
use crate::config::Sender;
use crate::explain::record::Record;
use crate::facts::Facts;
use crate::routes::Policy;
use oauth::scope::ScopeSet;
use oauth::step_up::{LoginDemand, Shortfall};

pub(super) fn not_permitted(policy: Option<&Policy>) -> Change {
    let demanded = policy.and_then(|policy| policy.permission.as_ref());
    let (action, resource) = demanded.map(|demanded| demanded.texts()).unwrap_or_default();
    operator(
        "allow_by_policy",
        format!(
            "attach a policy that allows {action} on {resource}; `iam/simulate` tells what denies it now"
        ),
    )
}

/// Sent as if it were bound to a key.
pub(super) fn not_bound(policy: Option<&Policy>) -> Change {
    match policy.and_then(|policy| policy.sender) {
        Some(_) => bound(policy),
        None => caller(
            "send_as_bearer",
            "send the token as `Authorization: Bearer`: it is bound to no key",
        ),
    }
}

/// A token of the kind that the route takes.
pub(super) fn bound(policy: Option<&Policy>) -> Change {
    let how = match policy.and_then(|policy| policy.sender) {
        Some(Sender::Mtls) => "its client certificate, with which it connects to the token endpoint",
        Some(Sender::Dpop) => "a key: send a proof in the header DPoP to the token endpoint, too",
        Some(Sender::Any) | None => {
            "a key (send the header DPoP to the token endpoint, too) or a client certificate"
        }
    };
    caller(
        "get_bound_token",
        format!("get a token that is bound to {how}; this one is good for whoever has it"),
    )
}

/// What a token has to be good for.
pub(super) fn good_for(policy: Option<&Policy>) -> String {
    let Some(policy) = policy else {
        return String::new();
    };
    let mut text = String::new();
    if let Some(audience) = &policy.audience {
        text.push_str(&format!(" for the audience {audience}"));
    }
    if !policy.scopes.is_empty() {
        text.push_str(&format!(" with the scope {}", policy.scopes));
    }
    text
}

pub(super) fn another_token(why: &str, policy: Option<&Policy>) -> Change {
    let (kind, text) = if why.contains("not valid yet") {
        (
            "wait",
            "wait until the token begins, and compare the clocks".to_owned(),
        )
    } else if why.contains("address") {
        (
            "use_address",
            "call from an address that the key may be used from, or allow this one for the key".to_owned(),
        )
    } else {
        (
            "get_new_token",
            format!("get a new token{}: {why}", good_for(policy)),
        )
    };
    caller(kind, text)
}

pub(super) fn audience(policy: Option<&Policy>, facts: Option<&Facts>) -> Change {
    let wanted = policy.and_then(|policy| policy.audience.as_deref()).unwrap_or("");
    let given = facts
        .map(|facts| facts.audience.join(", "))
        .filter(|given| !given.is_empty());
    let given = given.map_or_else(String::new, |given| format!("; this one is for {given}"));
    caller(
        "use_audience",
        format!("get a token for the audience {wanted} (resource={wanted}){given}"),
    )
}

pub(super) fn client(route: &str, policy: Option<&Policy>, facts: Option<&Facts>) -> Change {
    let allowed = policy
        .map(|policy| policy.client_ids.join(", "))
        .unwrap_or_default();
    match facts.and_then(|facts| facts.client_id.as_deref()) {
        Some(client) => operator(
            "allow_client",
            format!("add `{client}` to require.client_ids of the route `{route}`, which has {allowed}"),
        ),
        None => caller(
            "use_client",
            format!("use a token of one of the clients {allowed}"),
        ),
    }
}

pub(super) fn scope(missing: &ScopeSet, facts: Option<&Facts>) -> Change {
    let client = facts.and_then(|facts| facts.client_id.as_deref());
    let asker = client.map_or_else(|| "its client".to_owned(), |client| format!("client {client}"));
    caller(
        "add_scope",
        format!("add the scope {missing} to the token ({asker} asks for it, and must be allowed to)"),
    )
}

pub(super) fn login(shortfall: Shortfall, record: &Record) -> Change {
    let demand = record.demanded().map(|policy| &policy.login);
    let text = match shortfall {
        Shortfall::Class => {
            let wanted = demand.and_then(LoginDemand::acr_values).unwrap_or_default();
            let given = record.facts.as_ref().and_then(|facts| facts.acr.as_deref());
            format!(
                "sign in again with acr_values={wanted} (this sign-in was {})",
                given.unwrap_or("of no class")
            )
        }
        Shortfall::Age => {
            let most = demand.and_then(LoginDemand::max_age).unwrap_or_default();
            let now = i64::try_from(record.at / 1000).unwrap_or(i64::MAX);
            let age = record
                .facts
                .as_ref()
                .and_then(|facts| facts.auth_time)
                .map(|at| now.saturating_sub(at));
            let age = age.map_or_else(
                || "at a time nobody knows".to_owned(),
                |age| format!("{age} s ago"),
            );
            format!("sign in again with max_age={most} (this sign-in was {age})")
        }
    };
    caller("sign_in_again", text)
}
