//! What a configuration may not mean although it can be: routes never reached, doors open by oversight.
//! It refuses nothing: these are warnings.

use crate::config::{Config, LeaseLapse, Per};
use crate::routes::{METHODS, Route, RouteTable};
use http::Method;
use std::sync::Arc;
use std::time::Duration;

/// A poll without news is answered after about a second.
const SHORTEST_LEASE: Duration = Duration::from_secs(2);

/// A sentence for each thing to look at, beginning with its key.
#[must_use]
pub fn cautions(config: &Config) -> Vec<String> {
    let Ok(table) = RouteTable::compile(config) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    if table.routes().is_empty() {
        found.push("routes: there are none, so every request is answered 404".to_owned());
    }
    for (number, route) in table.routes().iter().enumerate() {
        let earlier = &table.routes()[..number];
        found.extend(unreached(route, earlier));
        found.extend(opening(route, table.routes()));
        found.extend(
            own(route, config)
                .into_iter()
                .map(|text| format!("routes.{}: {text}", route.name)),
        );
    }
    if config.revocations.lease.0 < SHORTEST_LEASE {
        found.push("revocations.lease: below 2s it lapses between polls, which may take a second".to_owned());
    }
    for upstream in &config.upstreams {
        let used = |route: &Arc<Route>| route.upstream.as_deref() == Some(&upstream.name);
        if !table.routes().iter().any(used) {
            found.push(format!("upstreams.{}: no route leads there", upstream.name));
        }
    }
    found
}

/// Whether earlier routes take, method by method, everything that this one would.
fn unreached(route: &Route, earlier: &[Arc<Route>]) -> Option<String> {
    let wide = earlier.iter().filter(|one| covers_place(one, route));
    let wide: Vec<_> = wide.collect();
    let mut by = Vec::new();
    for method in METHODS.iter().filter(|method| route.takes_method(method)) {
        let first = wide.iter().find(|one| one.takes_method(method))?;
        if !by.contains(&&*first.name) {
            by.push(&*first.name);
        }
    }
    let by = by.join(", ");
    Some(format!(
        "routes.{}: never reached: {by} before it takes every request it is for",
        route.name
    ))
}

/// Whether a route takes every host and path that another does.
fn covers_place(wide: &Route, narrow: &Route) -> bool {
    let host = wide.host().is_none() || wide.host() == narrow.host();
    host && wide.path().covers(narrow.path())
}

/// An anonymous route within a protected one.
fn opening(route: &Route, all: &[Arc<Route>]) -> Option<String> {
    let around = |one: &&Arc<Route>| {
        !one.policy.anonymous
            && covers_place(one, route)
            && METHODS.iter().any(|method| both(one, route, method))
    };
    let around = all.iter().find(around).filter(|_| route.policy.anonymous)?;
    Some(format!(
        "routes.{}: needs no credential, within what `{}` protects ({})",
        route.name,
        around.name,
        around.path()
    ))
}

fn both(one: &Route, other: &Route, method: &Method) -> bool {
    one.takes_method(method) && other.takes_method(method)
}

fn own(route: &Route, config: &Config) -> Vec<&'static str> {
    let policy = &route.policy;
    let mut found = Vec::new();
    let judged_elsewhere = policy.permission.is_some() || policy.entitlement.is_some();
    let own = policy.scopes.is_empty() && policy.client_ids.is_empty() && policy.login.is_empty();
    let nothing = own && !judged_elsewhere;
    if !policy.anonymous && policy.audience.is_none() {
        found.push(if nothing {
            "any live token passes, whoever it was issued for: set require.audience"
        } else {
            "tokens for other services pass too: set require.audience"
        });
    }
    if route.observe {
        found.push("observe = true: nothing is refused here");
    }
    if route.on_lease_lapse == LeaseLapse::UntilExp {
        found.push("on_lease_lapse = \"until-exp\": revocations may be missed while the log is out of reach");
    }
    if policy.anonymous && route.rate_limits.iter().any(|budget| budget.per != Per::Address) {
        found.push("nobody is known on an anonymous route, so its limits count addresses");
    }
    let built_in = ["/healthz", "/readyz", config.check.path.as_str()];
    if built_in.iter().any(|path| route.path().to_string() == *path) {
        found.push("the proxy answers this path itself");
    }
    found
}
