//! The route table: host, normalised path and method choose a route, the first match wins.
//! It refuses to look at credentials, queries or any other header.

use crate::config::{Config, Identity, LeaseLapse, Per, Rate, Sender, Span, ToolList};
use crate::live_connections::Terms;
use crate::mcp::ToolRules;
use crate::pattern::PathPattern;
use crate::permission::Demanded;
use crate::usage::{self, Meter};
use http::Method;
use oauth::resource_metadata::ResourceUrl;
use oauth::scope::ScopeSet;
use oauth::step_up::LoginDemand;
use std::sync::Arc;
use std::time::Duration;

/// A compiled route.
#[derive(Debug)]
pub struct Route {
    /// Unique name.
    pub name: Box<str>,
    /// Position in the table, which also numbers its metrics.
    pub index: usize,
    host: Option<Box<str>>,
    path: PathPattern,
    methods: Vec<Method>,
    /// Upstream name; none when the route only serves `/check`.
    pub upstream: Option<Box<str>>,
    /// What the credential must be good for.
    pub policy: Policy,
    /// What its metadata are about, when they are published.
    pub resource: Option<ResourceUrl>,
    /// Scopes by tool.
    pub tools: ToolRules,
    /// Take tools that the caller may not call out of lists.
    pub hides_tools: bool,
    /// Rate limits.
    pub rate_limits: Vec<Budget>,
    /// What to do while the lease has lapsed.
    pub on_lease_lapse: LeaseLapse,
    /// Only watch.
    pub observe: bool,
    /// What use of it counts as.
    pub meter: Option<Arc<Meter>>,
    /// Report what changes something.
    pub audit: bool,
    /// Leave the credential on the forwarded request.
    pub forward_credential: bool,
    /// How the upstream learns who calls.
    pub identity: Identity,
    /// What holds for exchanges that last.
    pub terms: Terms,
    /// Let CORS preflights through.
    pub cors_preflight: bool,
}

/// What a credential must be good for.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// No credential needed.
    pub anonymous: bool,
    /// All of these scopes.
    pub scopes: ScopeSet,
    /// This audience.
    pub audience: Option<Box<str>>,
    /// How strong and how recent the login must be.
    pub login: LoginDemand,
    /// One of these clients, when there are any.
    pub client_ids: Vec<Box<str>>,
    /// What the token must be bound to, when it must.
    pub sender: Option<Sender>,
    /// Where the metadata of the resource are, when they are published.
    pub metadata_url: Option<Box<str>>,
    /// What the policies must allow.
    pub permission: Option<Arc<Demanded>>,
    /// What the plan of the account must give.
    pub entitlement: Option<Arc<str>>,
}

/// A compiled rate limit.
#[derive(Clone, Debug)]
pub struct Budget {
    /// Whose requests share it.
    pub per: Per,
    /// How many in which window.
    pub rate: Rate,
    /// Stable over reloads: the route's name and the limit itself.
    pub label: Arc<str>,
}

/// The routes in order.
#[derive(Debug, Default)]
pub struct RouteTable {
    routes: Vec<Arc<Route>>,
}

impl RouteTable {
    /// Compiles the routes of a configuration.
    ///
    /// # Errors
    /// A sentence for each problem.
    pub fn compile(config: &Config) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        let mut routes = Vec::with_capacity(config.routes.len());
        for (index, route) in config.routes.iter().enumerate() {
            match compile(index, route) {
                Ok(route) => routes.push(Arc::new(route)),
                Err(reason) => problems.push(format!("routes.{}: {reason}", route.name)),
            }
        }
        if problems.is_empty() {
            Ok(Self { routes })
        } else {
            Err(problems)
        }
    }

    /// The routes in order.
    #[must_use]
    pub fn routes(&self) -> &[Arc<Route>] {
        &self.routes
    }

    /// The first route for a lower-case host name without port, a normalised path and a method.
    #[must_use]
    pub fn find(&self, host: &str, path: &str, method: &Method) -> Option<&Arc<Route>> {
        self.routes
            .iter()
            .find(|route| route.takes_method(method) && route.takes_host(host) && route.takes_path(path))
    }
}

impl Route {
    /// Whether it takes a method.
    #[must_use]
    pub fn takes_method(&self, method: &Method) -> bool {
        // RFC 9110 §9.3.2: HEAD is GET without the content, so it needs the same rights.
        let method = if method == Method::HEAD {
            &Method::GET
        } else {
            method
        };
        self.methods.is_empty() || self.methods.contains(method)
    }

    /// Whether it takes a lower-case host name without port.
    #[must_use]
    pub fn takes_host(&self, host: &str) -> bool {
        self.host.as_deref().is_none_or(|own| own == host)
    }

    /// Whether it takes a normalised path.
    #[must_use]
    pub fn takes_path(&self, path: &str) -> bool {
        self.path.matches(path)
    }

    /// Its host, when it has one of its own.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// Its path pattern.
    #[must_use]
    pub const fn path(&self) -> &PathPattern {
        &self.path
    }

    /// Whether it is the account's plan that says who may use it, or its use is counted.
    #[must_use]
    pub const fn is_for_accounts(&self) -> bool {
        self.meter.is_some() || self.policy.entitlement.is_some()
    }

    /// Its methods, none when it takes all.
    #[must_use]
    pub fn methods(&self) -> &[Method] {
        &self.methods
    }
}

/// The methods that ever pass; TRACE, CONNECT and unknown ones never do.
pub const METHODS: [Method; 7] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
    Method::OPTIONS,
];

fn compile(index: usize, route: &crate::config::Route) -> Result<Route, String> {
    let host = route.matches.host.as_deref().map(host).transpose()?;
    let path = PathPattern::parse(&route.matches.path)?;
    let mut policy = policy(&route.require)?;
    policy.permission = Demanded::compile(&route.require, &path)?.map(Arc::new);
    let resource = resource(route, host.as_deref(), &path)?;
    policy.metadata_url = resource.as_ref().map(|resource| resource.metadata_url().into());
    Ok(Route {
        name: route.name.as_str().into(),
        index,
        host,
        path,
        methods: route
            .matches
            .methods
            .iter()
            .map(|name| method(name))
            .collect::<Result<_, _>>()?,
        upstream: route.upstream.as_deref().map(Into::into),
        policy,
        resource,
        tools: ToolRules::compile(&route.mcp_tools)?,
        hides_tools: route.mcp_tools_list == ToolList::Callable,
        rate_limits: route
            .rate_limit
            .iter()
            .map(|limit| budget(&route.name, limit))
            .collect(),
        on_lease_lapse: route.on_lease_lapse,
        observe: route.observe,
        meter: meter(route)?,
        audit: route.audit,
        forward_credential: route.forward_credential,
        identity: route.identity,
        terms: Terms::compile(route)?,
        cors_preflight: route.cors_preflight,
    })
}

fn host(text: &str) -> Result<Box<str>, String> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-._".contains(&byte);
    if text.is_empty() || !text.bytes().all(plain) || text.ends_with('.') {
        return Err(format!(
            "match.host `{text}` must be a lower-case host name without port"
        ));
    }
    Ok(text.into())
}

fn method(name: &str) -> Result<Method, String> {
    METHODS
        .into_iter()
        .find(|method| method.as_str() == name)
        .ok_or_else(|| {
            let known = METHODS.each_ref().map(Method::as_str).join(", ");
            format!("match.methods: `{name}` is none of {known}")
        })
}

fn policy(require: &crate::config::Require) -> Result<Policy, String> {
    let scopes = if require.scopes.is_empty() {
        ScopeSet::default()
    } else {
        if let Some(scope) = require.scopes.iter().find(|scope| scope.contains(' ')) {
            return Err(format!(
                "require.scopes: `{scope}` has a space; write each scope by itself, as in [\"orders:read\", \"orders:write\"]"
            ));
        }
        let joined = require.scopes.join(" ");
        ScopeSet::parse(&joined).map_err(|_| "require.scopes must be distinct scope names".to_owned())?
    };
    let login = login(require)?;
    let demands = !scopes.is_empty()
        || require.audience.is_some()
        || !login.is_empty()
        || require.sender.is_some()
        || require.action.is_some()
        || require.resource.is_some()
        || require.entitlement.is_some()
        || !require.client_ids.is_empty();
    if require.anonymous && demands {
        return Err("require: anonymous = true contradicts the other demands".to_owned());
    }
    Ok(Policy {
        anonymous: require.anonymous,
        scopes,
        audience: require.audience.as_deref().map(Into::into),
        sender: require.sender,
        login,
        client_ids: require.client_ids.iter().map(|id| id.as_str().into()).collect(),
        metadata_url: None,
        permission: None,
        entitlement: require
            .entitlement
            .as_deref()
            .map(|feature| usage::name(feature).map_err(|reason| format!("require.entitlement: {reason}")))
            .transpose()?,
    })
}

fn meter(route: &crate::config::Route) -> Result<Option<Arc<Meter>>, String> {
    let meter = route.meter.as_ref().map(Meter::compile).transpose()?;
    if meter.is_some() && route.require.anonymous {
        return Err(
            "meter: nobody is known on an anonymous route, so there is no account to count for".to_owned(),
        );
    }
    Ok(meter.map(Arc::new))
}

/// The resource whose metadata are published: the audience, which must be where the route is.
fn resource(
    route: &crate::config::Route,
    host: Option<&str>,
    path: &PathPattern,
) -> Result<Option<ResourceUrl>, String> {
    if !route.mcp && !route.mcp_tools.is_empty() {
        return Err("mcp_tools needs mcp = true".to_owned());
    }
    if route.mcp_tools_list == ToolList::Callable && route.mcp_tools.is_empty() {
        return Err("mcp_tools_list = \"callable\" needs mcp_tools, which say who may call what".to_owned());
    }
    if !route.mcp && !route.metadata {
        return Ok(None);
    }
    let audience = route.require.audience.as_deref();
    let audience = audience.ok_or("mcp and metadata need require.audience, the URL of the service")?;
    let resource = ResourceUrl::parse(audience).map_err(|reason| format!("require.audience: {reason}"))?;
    if host.is_some_and(|host| host != resource.host()) {
        return Err("require.audience is on another host than match.host".to_owned());
    }
    if !path.is_below(resource.path()) {
        return Err("require.audience has a path that match.path does not begin with".to_owned());
    }
    Ok(Some(resource))
}

/// RFC 9470: the class and the age of the login.
fn login(require: &crate::config::Require) -> Result<LoginDemand, String> {
    let demand = match &require.acr {
        None => LoginDemand::default(),
        Some(classes) if classes.iter().next().is_none() => {
            return Err("require.acr must name at least one context class".to_owned());
        }
        Some(classes) => {
            LoginDemand::of_classes(classes.iter()).map_err(|error| format!("require.acr {error}"))?
        }
    };
    let Some(Span(age)) = require.max_age else {
        return Ok(demand);
    };
    // The challenge carries whole seconds; a login of this very second is no login to demand.
    if age.subsec_nanos() != 0 || age < Duration::from_secs(1) {
        return Err("require.max_age must be whole seconds, at least 1s".to_owned());
    }
    demand
        .within(age.as_secs())
        .map_err(|_| "require.max_age must be at most 365d".to_owned())
}

fn budget(route: &str, limit: &crate::config::RateLimit) -> Budget {
    Budget {
        per: limit.per,
        rate: limit.limit,
        label: format!("{route}/{}/{}", limit.per.as_str(), limit.limit).into(),
    }
}
