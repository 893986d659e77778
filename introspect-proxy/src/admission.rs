//! One request against the route table: route, credential, facts, decision, limits, in this order.
//! It refuses to know whether the question comes from the gateway or from a forward-auth call.

use crate::bearer::{self, Credential};
use crate::config::{Identity, LeaseLapse};
use crate::core::{Core, Live};
use crate::decision::{self, Permit};
use crate::entitlement;
use crate::facts::Facts;
use crate::forwarded::Peer;
use crate::identity;
use crate::permission::{self, Asked, Demanded};
use crate::proof::Place;
use crate::rate_limit::{Caller, Standing};
use crate::refusal::Refusal;
use crate::routes::{Budget, Policy, Route};
use crate::usage::Metered;
use http::{HeaderMap, Method, header};
use std::sync::Arc;

/// What is asked.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// Lower-case host name without port.
    pub host: &'a str,
    /// Normalised path.
    pub path: &'a str,
    /// The method.
    pub method: &'a Method,
    /// The headers, for the credential and for CORS.
    pub headers: &'a HeaderMap,
    /// Who asks.
    pub peer: Peer,
    /// Where the client sent it.
    pub place: Place<'a>,
}

/// What is answered.
pub struct Admission {
    /// The route, when one matched.
    pub route: Option<Arc<Route>>,
    /// Proof, or the reason against it.
    pub verdict: Result<Permit, Refusal>,
    /// What is left of the route's limits.
    pub standing: Option<Standing>,
    /// Where its use is counted.
    pub metered: Option<Metered>,
}

impl Admission {
    const fn refused(refusal: Refusal) -> Self {
        Self {
            route: None,
            verdict: Err(refusal),
            standing: None,
            metered: None,
        }
    }
}

/// Decides about a request.
pub async fn admit(core: &Core, live: &Live, question: Question<'_>) -> Admission {
    if !crate::routes::METHODS.contains(question.method) {
        return Admission::refused(Refusal::MethodNotAllowed);
    }
    if let Some(route) = preflight_route(live, question) {
        let verdict = decision::preflight(&route).ok_or(Refusal::NoRoute);
        return Admission {
            route: Some(route),
            verdict,
            standing: None,
            metered: None,
        };
    }
    let Some(route) = live.routes.find(question.host, question.path, question.method) else {
        return Admission::refused(Refusal::NoRoute);
    };
    let route = Arc::clone(route);
    let mut verdict = permit(
        core,
        &route.policy,
        (route.on_lease_lapse, Some(&route)),
        question,
    )
    .await;
    if let (Identity::Headers, Ok(permit)) = (route.identity, &verdict)
        && let Err(refusal) = identity::whole(permit)
    {
        verdict = Err(refusal);
    }
    let mut metered = None;
    if route.is_for_accounts()
        && let Ok(Some(facts)) = verdict.as_ref().map(Permit::facts)
    {
        match entitlement::admit(core, &route, facts, question).await {
            Ok(counted) => metered = counted,
            Err(refusal) => verdict = Err(refusal),
        }
    }
    let mut admission = count(core, &route.rate_limits, verdict, question.peer).await;
    admission.metered = metered.filter(|_| admission.verdict.is_ok());
    admission.route = Some(route);
    admission
}

/// Counts what would pass against these limits and its key's own.
pub async fn count(
    core: &Core,
    budgets: &[Budget],
    verdict: Result<Permit, Refusal>,
    peer: Peer,
) -> Admission {
    let standing = match &verdict {
        Ok(permit) => {
            let caller = Caller {
                facts: permit.facts().map(|facts| &**facts),
                address: peer.client,
            };
            core.limiter.admit(budgets, caller, &core.clock).await
        }
        Err(_) => None,
    };
    let wait = standing.as_ref().and_then(|standing| standing.retry_after);
    Admission {
        route: None,
        verdict: wait.map_or(verdict, |wait| Err(Refusal::RateLimited(wait))),
        standing,
        metered: None,
    }
}

/// Decides about the credential of a request alone.
///
/// # Errors
/// Why it is not enough.
pub async fn permit(
    core: &Core,
    policy: &Policy,
    (lapse, route): (LeaseLapse, Option<&Route>),
    question: Question<'_>,
) -> Result<Permit, Refusal> {
    if let Some(permit) = decision::anonymous(policy) {
        return Ok(permit);
    }
    let credential = bearer::extract(question.headers)?;
    let facts = core
        .evaluator
        .facts(credential, lapse, question.peer.client)
        .await?;
    core.proofs
        .check(&facts, credential, question, &core.clock)
        .await?;
    let permit = decision::decide(policy, &facts, core.clock.unix_seconds())?;
    match (&policy.permission, route) {
        (Some(demanded), Some(route)) => {
            // Boxed, like all that few requests need.
            Box::pin(allowed(core, (demanded, route), (credential, &facts), question)).await?;
        }
        (Some(_), None) => return Err(Refusal::NoRoute),
        (None, _) => {}
    }
    Ok(permit)
}

/// What the policies of the caller's account say.
async fn allowed(
    core: &Core,
    (demanded, route): (&Demanded, &Route),
    (credential, facts): (Credential<'_>, &Facts),
    question: Question<'_>,
) -> Result<(), Refusal> {
    let source = permission::source(route.path(), question.host, question.path, question.method);
    let Some((action, resource)) = demanded.fill(source) else {
        return Err(Refusal::AmbiguousResource);
    };
    let asked = Asked {
        credential,
        facts,
        action: &action,
        resource: &resource,
        address: question.peer.client,
        host: question.host,
        method: question.method.as_str(),
    };
    let relies = core.evaluator.may_rely(route.on_lease_lapse)?;
    let ruled = core.evaluator.rulings.rule(asked, relies).await;
    let ruled = ruled.map_err(Refusal::Unavailable)?;
    match (ruled.allowed, &ruled.missing) {
        (true, _) => Ok(()),
        (false, Some(missing)) => Err(Refusal::MissingScope(missing.clone())),
        (false, None) if ruled.is_of_dead_token() => Err(Refusal::InvalidToken("the token is not active")),
        (false, None) => Err(Refusal::NotPermitted),
    }
}

fn preflight_route(live: &Live, question: Question<'_>) -> Option<Arc<Route>> {
    let asked = preflight_asks(question.method, question.headers)?;
    let route = live.routes.find(question.host, question.path, &asked)?;
    route.cors_preflight.then(|| Arc::clone(route))
}

/// The method that a preflight asks for. The Fetch standard: it is OPTIONS with an origin and that method.
#[must_use]
pub fn preflight_asks(method: &Method, headers: &HeaderMap) -> Option<Method> {
    if method != Method::OPTIONS || !headers.contains_key(header::ORIGIN) {
        return None;
    }
    let asked = headers.get(header::ACCESS_CONTROL_REQUEST_METHOD)?;
    Method::from_bytes(asked.as_bytes()).ok()
}
