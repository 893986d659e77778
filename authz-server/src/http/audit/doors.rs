//! Which doors the audit log names how, and which have no entries in it, with the reason.
//! Refuses to forget one: a door that is not listed here is audited.

use http::Method;

use crate::surfaces::Surface;

/// A door without entries.
pub struct NotAudited {
    pub method: &'static str,
    /// The template of its path.
    pub route: &'static str,
    pub why: &'static str,
}

const fn not(method: &'static str, route: &'static str, why: &'static str) -> NotAudited {
    NotAudited { method, route, why }
}

const QUESTION: &str = "a question: it changes nothing";
const GRANTS: &str = "what is granted is in the history of each account";

/// Every door that takes a changing method, or that writes events, and has no entries.
pub const NOT_AUDITED: &[NotAudited] = &[
    not("POST", "/oauth2/token", GRANTS),
    not("GET", "/oauth2/authorize", GRANTS),
    not("POST", "/oauth2/authorize", GRANTS),
    not("GET", "/oauth2/authorize/resume", GRANTS),
    not("GET", "/oauth2/authorize/cancel", GRANTS),
    not("POST", "/oauth2/introspect", QUESTION),
    not("POST", "/oauth2/userinfo", QUESTION),
    not("GET", "/oauth2/userinfo", QUESTION),
    not("POST", "/check", QUESTION),
    not("GET", "/check", QUESTION),
    not("POST", "/access/v1/evaluation", QUESTION),
    not("POST", "/access/v1/evaluations", QUESTION),
    not("POST", "/auth/iam/simulate", QUESTION),
    not("GET", "/revocations", "it is asked once a second by every proxy"),
    not("POST", "/audit/reports", "what it brings are entries"),
    not(
        "POST",
        "/usage/reports",
        "it is sent every few seconds, and each report is remembered",
    ),
    not(
        "POST",
        "/v1/licenses/usage",
        "services send it all the time, and what it costs is in the ledger",
    ),
];

pub(super) fn is_exempt(method: &Method, template: &str) -> bool {
    let method = if *method == Method::HEAD {
        "GET"
    } else {
        method.as_str()
    };
    NOT_AUDITED
        .iter()
        .any(|door| door.method == method && door.route == template)
}

/// What the payment gateway tells, mostly again or of no matter here: it has an entry when something happened.
const TOLD: &str = "/auth/billing/webhooks/razorpay";

pub(super) fn changes(method: &Method, template: &str) -> bool {
    let reads = matches!(
        *method,
        Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE
    );
    !reads && template != TOLD
}

/// Parts of the platform that are services of their own to those who look for them.
const SERVICES: [(&str, &str); 6] = [
    ("/auth/iam", "iam"),
    ("/auth/account", "iam"),
    ("/auth/team", "team"),
    ("/auth/billing", "billing"),
    ("/oauth2", "oauth"),
    ("/admin", "admin"),
];

pub(super) fn service(template: &str) -> &'static str {
    let below = |base: &str| {
        template
            .strip_prefix(base)
            .is_some_and(|rest| !rest.starts_with(char::is_alphabetic))
    };
    let named = SERVICES.iter().find(|(base, _)| below(base));
    if let Some((_, service)) = named {
        return service;
    }
    match Surface::of_path(template) {
        Some(Surface::Platform) => "auth",
        Some(Surface::Tokens) => "tokens",
        Some(Surface::Console) => "console",
        Some(Surface::V1) => "v1",
        None => "pages",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_door_has_the_name_of_its_service() {
        for (template, name) in [
            ("/auth/iam/users", "iam"),
            ("/auth/iam-login", "iam"),
            ("/auth/team/invite", "team"),
            ("/auth/login", "auth"),
            ("/api/auth/login", "console"),
            ("/api/tokens", "tokens"),
            ("/v1/users/me", "v1"),
            ("/oauth2/register/{id}", "oauth"),
            ("/account/profile", "pages"),
        ] {
            assert_eq!(service(template), name, "{template}");
        }
    }

    #[test]
    fn no_door_is_listed_twice() {
        for (place, door) in NOT_AUDITED.iter().enumerate() {
            let same = |other: &NotAudited| (other.method, other.route) == (door.method, door.route);
            assert!(
                !NOT_AUDITED[..place].iter().any(same),
                "{} {}",
                door.method,
                door.route
            );
            assert!(!door.why.is_empty());
        }
    }
}
