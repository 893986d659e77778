//! The pure decision: a route's policy, what is known of the token, and the time.
//! It refuses to know where facts come from, and only it can make a [`Permit`].

use crate::config::Sender;
use crate::facts::Facts;
use crate::routes::{Policy, Route};
use oauth::scope::ScopeSet;
use oauth::step_up::Shortfall;
use std::sync::Arc;

/// Proof that a request may pass; the identity headers are built from it alone.
#[derive(Debug, Clone)]
pub struct Permit {
    facts: Option<Arc<Facts>>,
}

impl Permit {
    /// What is known of the caller; nothing on anonymous routes.
    #[must_use]
    pub fn facts(&self) -> Option<&Arc<Facts>> {
        self.facts.as_ref()
    }
}

/// Why a live token is not enough, or why a token is not live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denial {
    /// Past its `exp`.
    Expired,
    /// Before its `nbf`.
    NotYetValid,
    /// Meant for somebody else.
    WrongAudience,
    /// Issued to a client that may not call here.
    WrongClient,
    /// Lacks these scopes.
    MissingScope(ScopeSet),
    /// Bound to no key, or to one of another kind.
    Unbound(&'static str),
    /// The login was too weak, or too long ago.
    WeakLogin(Shortfall),
}

/// The permit of a route that asks for nothing.
#[must_use]
pub fn anonymous(policy: &Policy) -> Option<Permit> {
    policy.anonymous.then_some(Permit { facts: None })
}

/// The permit of a CORS preflight, on routes that let it through.
#[must_use]
pub fn preflight(route: &Route) -> Option<Permit> {
    route.cors_preflight.then_some(Permit { facts: None })
}

/// Decides about a token.
///
/// # Errors
/// The first demand that is not met.
pub fn decide(policy: &Policy, facts: &Arc<Facts>, now: i64) -> Result<Permit, Denial> {
    if now >= facts.expires_at {
        return Err(Denial::Expired);
    }
    if now < facts.starts_at {
        return Err(Denial::NotYetValid);
    }
    if let Some(sender) = policy.sender
        && let Some(missing) = unbound(sender, facts)
    {
        return Err(Denial::Unbound(missing));
    }
    // RFC 9068 §4: the resource server must find itself in `aud`.
    if policy
        .audience
        .as_ref()
        .is_some_and(|wanted| !facts.audience.contains(wanted))
    {
        return Err(Denial::WrongAudience);
    }
    let client = facts.client_id.as_ref();
    if !policy.client_ids.is_empty() && !client.is_some_and(|id| policy.client_ids.contains(id)) {
        return Err(Denial::WrongClient);
    }
    let missing = facts.scopes.uncovered(&policy.scopes);
    if !missing.is_empty() {
        return Err(Denial::MissingScope(missing));
    }
    // RFC 9470 §3
    if let Some(shortfall) = policy.login.shortfall(facts.acr.as_deref(), facts.auth_time, now) {
        return Err(Denial::WeakLogin(shortfall));
    }
    Ok(Permit {
        facts: Some(Arc::clone(facts)),
    })
}

/// What the token is not bound to; whether its key is held was proven before.
fn unbound(sender: Sender, facts: &Facts) -> Option<&'static str> {
    let bound = facts.confirmation.as_deref();
    let by_key = bound.is_some_and(|bound| bound.jkt.is_some());
    let by_certificate = bound.is_some_and(|bound| bound.certificate.is_some());
    match sender {
        Sender::Dpop if !by_key => Some("the token must be bound to a DPoP key"),
        Sender::Mtls if !by_certificate => Some("the token must be bound to a client certificate"),
        Sender::Any if bound.is_none() => Some("the token must be bound to a key"),
        Sender::Dpop | Sender::Mtls | Sender::Any => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Tick;
    use oauth::introspection::{ActiveToken, Audience};
    use oauth::step_up::LoginDemand;

    fn facts(change: impl FnOnce(&mut ActiveToken)) -> Arc<Facts> {
        let mut token = ActiveToken {
            scope: Some(ScopeSet::parse("orders:read profile").unwrap()),
            client_id: Some("shop".to_owned()),
            sub: Some("usr_1".to_owned()),
            aud: Some(Audience::One("https://api".to_owned())),
            exp: Some(200),
            acr: Some("silver".to_owned()),
            ..ActiveToken::default()
        };
        change(&mut token);
        Arc::new(Facts::from_introspection(&token, "https://issuer", 1, Tick(0)).unwrap())
    }

    fn policy(scopes: &str) -> Policy {
        Policy {
            scopes: ScopeSet::parse(scopes).unwrap(),
            audience: Some("https://api".into()),
            ..Policy::default()
        }
    }

    fn denial(policy: &Policy, facts: &Arc<Facts>, now: i64) -> Option<Denial> {
        decide(policy, facts, now).err()
    }

    #[test]
    fn a_live_token_with_everything_passes() {
        let permit = decide(&policy("orders:read"), &facts(|_| ()), 199).unwrap();
        assert_eq!(permit.facts().and_then(|facts| facts.principal()), Some("usr_1"));
    }

    /// C03
    #[test]
    fn expiry_is_exact() {
        assert_eq!(denial(&policy(""), &facts(|_| ()), 200), Some(Denial::Expired));
        assert_eq!(
            denial(&policy(""), &facts(|token| token.nbf = Some(100)), 99),
            Some(Denial::NotYetValid)
        );
    }

    /// O24, C11
    #[test]
    fn a_token_for_another_audience_is_denied() {
        for aud in [
            None,
            Some(Audience::One("https://api/".to_owned())),
            Some(Audience::Many(Vec::new())),
        ] {
            assert_eq!(
                denial(&policy(""), &facts(|token| token.aud = aud), 1),
                Some(Denial::WrongAudience)
            );
        }
        let several = Audience::Many(vec!["x".to_owned(), "https://api".to_owned()]);
        assert_eq!(
            denial(&policy(""), &facts(|token| token.aud = Some(several)), 1),
            None
        );
    }

    #[test]
    fn missing_scopes_are_named() {
        let missing = ScopeSet::parse("orders:write").unwrap();
        let verdict = denial(&policy("orders:read orders:write"), &facts(|_| ()), 1);
        assert_eq!(verdict, Some(Denial::MissingScope(missing)));
    }

    /// A permission on all of a user's containers is one on each of them, and on nobody else's.
    #[test]
    fn an_owned_permission_reaches_below_itself() {
        let held = facts(|token| token.scope = ScopeSet::parse("compute.u1.containers:read").ok());
        assert_eq!(denial(&policy("compute.u1.containers.c9:read"), &held, 1), None);
        for wanted in [
            "compute.u1:read",
            "compute.u1.containers.c9:delete",
            "compute.u10.containers:read",
        ] {
            let missing = ScopeSet::parse(wanted).unwrap();
            assert_eq!(
                denial(&policy(wanted), &held, 1),
                Some(Denial::MissingScope(missing))
            );
        }
    }

    #[test]
    fn clients_are_compared_exactly() {
        let only = |id: &str| Policy {
            client_ids: vec![id.into()],
            ..policy("")
        };
        assert_eq!(denial(&only("shop"), &facts(|_| ()), 1), None);
        assert_eq!(
            denial(&only("Shop"), &facts(|_| ()), 1),
            Some(Denial::WrongClient)
        );
    }

    fn demanding(acr_values: Option<&str>, max_age: Option<&str>) -> Policy {
        Policy {
            login: LoginDemand::parse(acr_values, max_age).unwrap(),
            ..policy("")
        }
    }

    #[test]
    fn a_weak_login_is_denied_whatever_else_the_token_has() {
        let weak = Some(Denial::WeakLogin(Shortfall::Class));
        let gold = demanding(Some("gold"), None);
        let with = |acr: Option<&str>| {
            let acr = acr.map(str::to_owned);
            facts(|token| token.acr = acr)
        };
        assert_eq!(denial(&gold, &with(Some("gold")), 1), None);
        for acr in [None, Some("silver"), Some("GOLD")] {
            assert_eq!(denial(&gold, &with(acr), 1), weak, "{acr:?}");
        }
        let either = demanding(Some("gold silver"), None);
        assert_eq!(denial(&either, &with(Some("silver")), 1), None);
    }

    #[test]
    fn a_login_too_long_ago_or_of_unknown_time_is_denied() {
        let stale = Some(Denial::WeakLogin(Shortfall::Age));
        let fresh = demanding(None, Some("60"));
        let at = |auth_time: Option<i64>| facts(|token| token.auth_time = auth_time);
        assert_eq!(denial(&fresh, &at(Some(40)), 100), None);
        assert_eq!(denial(&fresh, &at(Some(39)), 100), stale);
        assert_eq!(denial(&fresh, &at(None), 100), stale);
        assert_eq!(denial(&demanding(Some("silver"), None), &at(None), 100), None);
    }
}
