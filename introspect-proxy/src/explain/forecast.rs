//! What would become of a request, by the configuration alone: which route takes it and what that demands.
//! It refuses to ask anybody: of a token it knows what that says of itself, unverified.

use super::detail::Demand;
use super::text::demands;
use super::walk::{Near, near, walk};
use crate::admission::preflight_asks;
use crate::config::{Config, LeaseLapse};
use crate::refusal::Refusal;
use crate::routes::{METHODS, Route, RouteTable};
use crate::{host, path};
use http::{HeaderMap, Method};
use serde::Serialize;
use std::fmt::Write;
use std::sync::Arc;

/// A request that might be sent.
pub struct Imagined<'a> {
    /// The method.
    pub method: &'a str,
    /// A URL, or a path for any host.
    pub url: &'a str,
    /// Its headers.
    pub headers: &'a HeaderMap,
}

/// What would become of it.
#[derive(Debug, Serialize)]
pub struct Forecast {
    /// The method by which the route is chosen: that of a preflight is the one it asks for.
    pub method: String,
    /// Host name, empty when none was given.
    pub host: String,
    /// Normalised path.
    pub path: String,
    /// Routes that come before and do not take it, each with the reason.
    pub passed_by: Vec<PassedBy>,
    /// The route that takes it.
    pub route: Option<Taking>,
    /// The answer, when it is refused whatever credential it has.
    pub refused: Option<&'static str>,
    /// The route that nearly took it.
    pub near: Option<Near>,
    #[serde(skip)]
    taken: Option<Arc<Route>>,
}

/// A route that does not take it.
#[derive(Debug, Serialize)]
pub struct PassedBy {
    /// Its name.
    pub route: String,
    /// Why not.
    pub because: String,
}

/// The route that takes it.
#[derive(Debug, Serialize)]
pub struct Taking {
    /// Its name.
    pub name: String,
    /// The pattern that fits.
    pub pattern: String,
    /// Whether no credential is needed.
    pub anonymous: bool,
    /// What the credential must be good for.
    pub demand: Demand,
    /// Name of the service.
    pub upstream: Option<String>,
    /// Its instances.
    pub addresses: Vec<String>,
    /// Such as `100/min for each principal`.
    pub limits: Vec<String>,
    /// What its use counts as.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meter: Option<String>,
    /// What is out of the ordinary.
    pub notes: Vec<&'static str>,
}

impl Forecast {
    /// Follows a request through the configuration.
    ///
    /// # Errors
    /// A sentence, when it is not a request.
    pub fn of(config: &Config, imagined: &Imagined<'_>) -> Result<Self, String> {
        let table = RouteTable::compile(config).map_err(|problems| problems.join("\n"))?;
        let sent = Method::from_bytes(imagined.method.to_ascii_uppercase().as_bytes());
        let sent = sent.map_err(|_| format!("`{}` is not a method", imagined.method))?;
        let (host, raw) = target(imagined.url)?;
        let path = match path::normalize(raw) {
            Ok(path) => path,
            Err(reason) => return Ok(Self::refused(&Refusal::AmbiguousPath(reason), (&sent, host, raw))),
        };
        if !METHODS.contains(&sent) {
            return Ok(Self::refused(&Refusal::MethodNotAllowed, (&sent, host, &path)));
        }
        let asked = preflight_asks(&sent, imagined.headers).filter(|asked| {
            let route = table.find(&host, &path, asked);
            route.is_some_and(|route| route.cors_preflight)
        });
        let is_preflight = asked.is_some();
        let mut forecast = Self::follow(config, &table, (asked.as_ref().unwrap_or(&sent), host, &path));
        if let (true, Some(taking)) = (is_preflight, &mut forecast.route) {
            taking.anonymous = true;
            taking
                .notes
                .push("a CORS preflight, which passes without a credential");
        }
        Ok(forecast)
    }

    fn refused(refusal: &Refusal, (method, host, path): (&Method, String, &str)) -> Self {
        Self {
            method: method.to_string(),
            host,
            path: path.to_owned(),
            passed_by: Vec::new(),
            route: None,
            refused: Some(refusal.form().code),
            near: None,
            taken: None,
        }
    }

    fn follow(config: &Config, table: &RouteTable, (method, host, path): (&Method, String, &str)) -> Self {
        let steps = walk(table, &host, path, method);
        let taken = steps.last().filter(|step| step.fits()).map(|step| step.route);
        let before = steps.iter().filter(|step| !step.fits());
        let passed_by = before.map(|step| PassedBy {
            route: step.route.name.to_string(),
            because: step.why_not(),
        });
        let refused = match taken {
            None => Some(Refusal::NoRoute),
            Some(route) if route.upstream.is_none() && !route.observe => Some(Refusal::NoUpstream),
            Some(_) => None,
        };
        Self {
            passed_by: passed_by.collect(),
            route: taken.map(|route| taking(config, route)),
            near: near(&steps).filter(|_| taken.is_none()),
            taken: taken.cloned(),
            refused: refused.map(|refusal| refusal.form().code),
            ..Self::refused(&Refusal::NoRoute, (method, host, path))
        }
    }

    /// The route that takes it.
    #[must_use]
    pub const fn taken(&self) -> Option<&Arc<Route>> {
        self.taken.as_ref()
    }

    /// The same for a person.
    #[must_use]
    pub fn tell(&self) -> String {
        let host = if self.host.is_empty() {
            "(any host)"
        } else {
            &self.host
        };
        let mut text = format!("{} {host}{}\n", self.method, self.path);
        for passed in &self.passed_by {
            let _ = writeln!(text, "  not {}: {}", passed.route, passed.because);
        }
        if let Some(taking) = &self.route {
            tell_route(taking, &mut text);
        }
        if let Some(code) = self.refused {
            let _ = writeln!(text, "  refused: {code}");
        }
        if let Some(near) = &self.near {
            let _ = writeln!(
                text,
                "  nearest: {}, which takes {} only",
                near.route,
                near.takes.join(", ")
            );
        }
        text
    }
}

fn tell_route(taking: &Taking, text: &mut String) {
    let _ = writeln!(text, "  route {}: {} fits", taking.name, taking.pattern);
    let wanted = if taking.anonymous {
        "no credential".to_owned()
    } else {
        format!("a live token, {}", demands(&taking.demand))
    };
    let _ = writeln!(text, "    demands   {wanted}");
    match &taking.upstream {
        Some(name) => {
            let _ = writeln!(text, "    upstream  {name} ({})", taking.addresses.join(", "));
        }
        None => text.push_str("    upstream  none\n"),
    }
    for limit in &taking.limits {
        let _ = writeln!(text, "    limit     {limit}");
    }
    if let Some(meter) = &taking.meter {
        let _ = writeln!(text, "    meter     {meter}");
    }
    for note in &taking.notes {
        let _ = writeln!(text, "    note      {note}");
    }
}

fn taking(config: &Config, route: &Route) -> Taking {
    let upstream = config
        .upstreams
        .iter()
        .find(|one| Some(one.name.as_str()) == route.upstream.as_deref());
    let limit = |budget: &crate::routes::Budget| format!("{} for each {}", budget.rate, budget.per.as_str());
    Taking {
        name: route.name.to_string(),
        pattern: route.path().to_string(),
        anonymous: route.policy.anonymous,
        demand: Demand::of(&route.policy),
        upstream: route.upstream.as_deref().map(str::to_owned),
        addresses: upstream.map_or_else(Vec::new, |one| {
            let authorities = one.addresses.iter().map(|address| address.authority().to_owned());
            authorities.collect()
        }),
        limits: route.rate_limits.iter().map(limit).collect(),
        meter: route.meter.as_ref().map(ToString::to_string),
        notes: notes(route),
    }
}

fn notes(route: &Route) -> Vec<&'static str> {
    let mut notes = Vec::new();
    if route.observe {
        notes.push("it only observes: what fails is counted and let through");
    }
    if !route.tools.is_empty() {
        notes.push("calls of some tools need more scopes (mcp_tools)");
    }
    if route.hides_tools {
        notes.push("lists of tools show those that the token may call (mcp_tools_list)");
    }
    if route.forward_credential {
        notes.push("the service sees the credential");
    }
    match route.on_lease_lapse {
        LeaseLapse::Introspect => {}
        LeaseLapse::Refuse => notes.push("refused while the revocation log is out of reach"),
        LeaseLapse::UntilExp => notes.push("revocations may be missed while the log is out of reach"),
    }
    notes
}

/// Host name and raw path.
fn target(url: &str) -> Result<(String, &str), String> {
    let without_query = url.split(['?', '#']).next().unwrap_or(url);
    if without_query.starts_with('/') {
        return Ok((String::new(), without_query));
    }
    let rest = without_query
        .strip_prefix("https://")
        .or_else(|| without_query.strip_prefix("http://"))
        .ok_or_else(|| format!("`{url}` is neither a URL (https://…) nor a path (/…)"))?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let name = host::name_of(authority.as_bytes()).ok_or_else(|| format!("`{authority}` is no host"))?;
    Ok((name.into_owned(), if path.is_empty() { "/" } else { path }))
}
