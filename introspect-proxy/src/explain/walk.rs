//! The way a request takes through the route table: which routes it passes by and why, and where it ends.
//! It refuses to judge: the table's own comparisons say what fits.

use crate::routes::{Route, RouteTable};
use http::Method;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What of a route fits a request.
pub struct Step<'a> {
    /// The route.
    pub route: &'a Arc<Route>,
    /// Its host.
    pub host: bool,
    /// Its path.
    pub path: bool,
    /// Its methods.
    pub method: bool,
}

/// A route that nearly took a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Near {
    /// Its name.
    pub route: String,
    /// What it takes instead: methods, or a host.
    pub takes: Vec<String>,
    /// Whether that is a host.
    pub is_host: bool,
}

impl Step<'_> {
    /// Whether the route takes the request.
    #[must_use]
    pub const fn fits(&self) -> bool {
        self.host && self.path && self.method
    }

    /// Why not.
    #[must_use]
    pub fn why_not(&self) -> String {
        let mut reasons = Vec::new();
        if let (false, Some(host)) = (self.host, self.route.host()) {
            reasons.push(format!("its host is {host}"));
        }
        if !self.path {
            reasons.push(format!("its path is {}", self.route.path()));
        }
        if !self.method {
            reasons.push(format!("it takes {} only", names(self.route).join(", ")));
        }
        reasons.join(", ")
    }
}

/// Every route up to the one that takes the request.
#[must_use]
pub fn walk<'a>(table: &'a RouteTable, host: &str, path: &str, method: &Method) -> Vec<Step<'a>> {
    let mut steps = Vec::new();
    for route in table.routes() {
        let step = Step {
            route,
            host: route.takes_host(host),
            path: route.takes_path(path),
            method: route.takes_method(method),
        };
        let found = step.fits();
        steps.push(step);
        if found {
            break;
        }
    }
    steps
}

/// The first route that fails by its methods alone, else the first that fails by its host alone.
#[must_use]
pub fn near(steps: &[Step<'_>]) -> Option<Near> {
    let by_method = steps.iter().find(|step| step.host && step.path && !step.method);
    let by_host = || steps.iter().find(|step| !step.host && step.path && step.method);
    let step = by_method.or_else(by_host)?;
    let is_host = !step.host;
    let takes = if is_host {
        step.route.host().map(str::to_owned).into_iter().collect()
    } else {
        names(step.route)
    };
    Some(Near {
        route: step.route.name.to_string(),
        takes,
        is_host,
    })
}

fn names(route: &Route) -> Vec<String> {
    route.methods().iter().map(ToString::to_string).collect()
}
