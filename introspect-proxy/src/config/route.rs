//! The `[[routes]]` tables.
//! It refuses meaning: these are words from a file, `routes` compiles and judges them.

use super::span::{Rate, Span};
use super::usage::Meter;
use oauth::revocation_rule::LeaseLapse;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One route: what it matches, what it demands, where it leads.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// Unique name, used in metrics and logs.
    pub name: String,
    /// Which requests it takes.
    #[serde(rename = "match")]
    pub matches: Match,
    /// Name of the upstream; may be left out when only `/check` uses the route.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<String>,
    /// What the credential must be good for.
    pub require: Require,
    /// Rate limits, all of which must hold.
    #[serde(default)]
    pub rate_limit: Vec<RateLimit>,
    /// What to do while the revocation feed is silent.
    #[serde(default)]
    pub on_lease_lapse: LeaseLapse,
    /// Evaluate, count and log, but let every request pass.
    #[serde(default)]
    pub observe: bool,
    /// Count use of the route for the caller's account, as this metric.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meter: Option<Meter>,
    /// Report every request that changes something to the authorization server's audit log.
    #[serde(default)]
    pub audit: bool,
    /// Leave `Authorization`, `X-API-Key` and session cookies on the forwarded request.
    #[serde(default)]
    pub forward_credential: bool,
    /// How the upstream learns who calls.
    #[serde(default)]
    pub identity: Identity,
    /// Let WebSockets through to the upstream.
    #[serde(default)]
    pub websocket: bool,
    /// Origins whose pages may open a WebSocket; only the site itself when empty, `*` for any.
    #[serde(default)]
    pub allowed_origins: Vec<String>,
    /// What becomes of a long body when its credential ends.
    #[serde(default)]
    pub long_responses: LongResponses,
    /// The longest silence of a WebSocket, an event stream or a gRPC call; five minutes when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream_idle: Option<Span>,
    /// The longest life of whatever outlives its check; without end when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream_total: Option<Span>,
    /// Let CORS preflight requests through to the upstream without a credential.
    #[serde(default)]
    pub cors_preflight: bool,
    /// Publish what a client must know to get a token for `require.audience` (RFC 9728).
    #[serde(default)]
    pub metadata: bool,
    /// A server of the Model Context Protocol: `metadata`, and scopes by tool.
    #[serde(default)]
    pub mcp: bool,
    /// Scopes that a tool needs besides those of the route; `*` in a name stands for any text.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub mcp_tools: BTreeMap<String, Vec<String>>,
    /// Which tools a list of tools shows.
    #[serde(default, skip_serializing_if = "ToolList::is_default")]
    pub mcp_tools_list: ToolList,
    /// The name of the service for people, in its metadata.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_name: Option<String>,
    /// A page for developers, in its metadata.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_documentation: Option<String>,
}

/// Which requests a route takes.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// Host name without port; any host when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Path pattern: `*` or `{name}` is one segment, a final `**` is any rest, also none.
    pub path: String,
    /// Methods; all known ones when empty. `GET` includes `HEAD`.
    #[serde(default)]
    pub methods: Vec<String>,
}

/// What a credential must be good for.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Require {
    /// Scopes the token must have, all of them.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// Audience the token must name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// No credential needed.
    #[serde(default)]
    pub anonymous: bool,
    /// Acceptable authentication context classes, any of them; the preferred ones first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<Classes>,
    /// How long ago the user may have signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<Span>,
    /// Take only tokens that are bound to a key of their sender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<Sender>,
    /// Clients that may call, all when empty.
    #[serde(default)]
    pub client_ids: Vec<String>,
    /// What the policies of the caller's account must allow, as `orders:Read`; `{method}` and named segments are filled in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// On what: an ARN; `{host}`, `{method}` and segments that `match.path` names are filled in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// What the plan of the caller's account must give, as `exports`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entitlement: Option<String>,
}

/// What a token must be bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sender {
    /// A DPoP key.
    Dpop,
    /// A client certificate.
    Mtls,
    /// Whatever it is bound to.
    Any,
}

/// One context class or several.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(
    untagged,
    expecting = "a context class, or a list of them, such as \"urn:authz:acr:mfa\""
)]
pub enum Classes {
    /// Just this one.
    One(String),
    /// Any of these.
    Several(Vec<String>),
}

impl Classes {
    /// Every class.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Several(several) => several.as_slice(),
        }
        .iter()
        .map(String::as_str)
    }
}

/// One rate limit of a route.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// Whose requests share a budget.
    pub per: Per,
    /// The budget.
    pub limit: Rate,
}

/// Whose requests share a rate limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Per {
    /// The subject, or the client when it acts for itself, or the address when nobody is known.
    Principal,
    /// The OAuth client.
    Client,
    /// The client's address; IPv6 by /64.
    Address,
}

impl Per {
    /// The name in headers and configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Principal => "principal",
            Self::Client => "client",
            Self::Address => "address",
        }
    }
}

/// What becomes of a download or an upload that is under way when its credential expires or is revoked.
/// WebSockets, event streams and gRPC calls are always ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LongResponses {
    /// It is cut off.
    #[default]
    Cut,
    /// It may finish.
    Finish,
}

/// Which tools of an MCP server its `tools/list` shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ToolList {
    /// All: a client that lacks a scope for one is told so when it calls it, and can ask the person for it.
    #[default]
    All,
    /// Those that the token may call as it is.
    Callable,
}

impl ToolList {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it so")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// How the upstream learns who calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Identity {
    /// `X-Auth-*` headers.
    #[default]
    Headers,
    /// Nothing.
    None,
}
