//! Every reason not to let a request through, and the one table that says how each is answered.
//! It refuses to carry anything the client sent.

use crate::bearer::CredentialError;
use crate::decision::Denial;
use crate::entitlement::Exceeded;
use crate::evaluate::Unknown;
use crate::live_connections::Ended;
use crate::metrics::Outcome;
use crate::path::PathError;
use crate::proof::Unproven;
use oauth::scope::ScopeSet;
use oauth::step_up::Shortfall;
use std::time::Duration;

/// Why a request is not let through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The path has more than one reading.
    AmbiguousPath(PathError),
    /// The path and query are longer than allowed.
    UrlTooLong,
    /// There are more header fields than allowed.
    HeadTooLarge,
    /// The host has more than one reading.
    AmbiguousHost,
    /// The connection was made for another host.
    Misdirected,
    /// The method never passes.
    MethodNotAllowed,
    /// Nothing here for this host, path and method.
    NoRoute,
    /// Several or broken credentials.
    AmbiguousCredential,
    /// No credential.
    NoCredential,
    /// A credential that is not good.
    InvalidToken(&'static str),
    /// Good, but whoever sends it does not prove to hold its key.
    Unproven(Unproven),
    /// Good, but not here.
    WrongAudience,
    /// Good, but this client may not call here.
    WrongClient,
    /// Good, but lacks these scopes.
    MissingScope(ScopeSet),
    /// Good, but the policies of the account do not allow this.
    NotPermitted,
    /// Good, but of no account, and the route is for accounts.
    NoAccount,
    /// Good, but the plan of the account does not give this, or no more of it.
    Exceeded(Box<Exceeded>),
    /// What the policies are to be asked about has more than one reading.
    AmbiguousResource,
    /// Good, but the login was too weak, or too long ago.
    WeakLogin(Shortfall),
    /// Good, but has more scopes than can be told to the service.
    IdentityTooLarge,
    /// A WebSocket opened by a page of somebody else.
    ForeignOrigin,
    /// Good for the route, but a tool that is called needs more.
    ToolScope {
        /// What the token lacks.
        missing: ScopeSet,
        /// What to ask for, so that nothing is lost by asking.
        wanted: ScopeSet,
    },
    /// The body must be read to know what is called, and can't be.
    UnreadableCall(u16, &'static str),
    /// A limit of the route is exhausted.
    RateLimited(Duration),
    /// Too many unknown tokens.
    TooManyLookups(Duration),
    /// It could not be found out.
    Unavailable(&'static str),
    /// The original request of a forward-auth call came from a peer that is not configured.
    UntrustedPeer,
    /// A forward-auth call that makes no sense.
    BadCheck(&'static str),
    /// The route leads nowhere.
    NoUpstream,
    /// Every instance of the service failed lately; the next trial is due then.
    UpstreamPaused(Duration),
    /// Every instance of the service has as many requests as it may have.
    UpstreamBusy,
    /// The upstream failed, or the request did on its way there.
    UpstreamFailed(u16),
}

/// How a refusal is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// Status code.
    pub status: u16,
    /// Stable code for programs.
    pub code: &'static str,
    /// Sentence for people.
    pub detail: &'static str,
    /// Counter.
    pub outcome: Outcome,
}

const fn form(status: u16, code: &'static str, detail: &'static str, outcome: Outcome) -> Form {
    Form {
        status,
        code,
        detail,
        outcome,
    }
}

impl Refusal {
    /// The table.
    #[must_use]
    pub const fn form(&self) -> Form {
        use Outcome as O;
        match self {
            Self::AmbiguousPath(_) => form(
                400,
                "ambiguous_path",
                "The path can be read in more than one way.",
                O::BadRequest,
            ),
            Self::UrlTooLong => form(
                414,
                "url_too_long",
                "The URL is longer than is read here.",
                O::BadRequest,
            ),
            Self::HeadTooLarge => form(
                431,
                "head_too_large",
                "The request has more header fields than are read here.",
                O::BadRequest,
            ),
            Self::AmbiguousHost => form(
                400,
                "ambiguous_host",
                "The request does not name exactly one host.",
                O::BadRequest,
            ),
            Self::Misdirected => form(
                421,
                "misdirected_request",
                "This connection was made for another host.",
                O::NoRoute,
            ),
            Self::MethodNotAllowed => {
                form(405, "method_not_allowed", "This method never passes.", O::NoRoute)
            }
            Self::NoRoute => form(404, "no_route", "There is nothing here.", O::NoRoute),
            Self::AmbiguousCredential => form(
                400,
                "invalid_request",
                "Send exactly one credential, in one place.",
                O::BadRequest,
            ),
            Self::NoCredential => form(
                401,
                "missing_credential",
                "A credential is required.",
                O::Unauthenticated,
            ),
            Self::InvalidToken(why) => form(401, "invalid_token", why, O::Unauthenticated),
            Self::Unproven(unproven) => form(401, unproven.code(), unproven.detail(), O::Unauthenticated),
            Self::WrongAudience => form(
                403,
                "wrong_audience",
                "The token is meant for another service.",
                O::Denied,
            ),
            Self::WrongClient => form(
                403,
                "client_not_allowed",
                "This client may not call here.",
                O::Denied,
            ),
            Self::MissingScope(_) => form(403, "insufficient_scope", "The token lacks a scope.", O::Denied),
            Self::NotPermitted => form(
                403,
                "not_permitted",
                "The policies of the account do not allow this.",
                O::Denied,
            ),
            Self::NoAccount => form(
                403,
                "account_required",
                "The token belongs to no account.",
                O::Denied,
            ),
            Self::Exceeded(exceeded) => form(
                403,
                "entitlement_exceeded",
                if exceeded.used_up {
                    "The account has used up what its plan gives."
                } else {
                    "The plan of the account does not have this."
                },
                O::Denied,
            ),
            Self::AmbiguousResource => form(
                400,
                "ambiguous_resource",
                "A part of the path cannot stand in the name of a resource.",
                O::BadRequest,
            ),
            Self::WeakLogin(shortfall) => form(
                401,
                "insufficient_user_authentication",
                shortfall.description(),
                O::Unauthenticated,
            ),
            // RFC 6585 §5: the credential makes the fields too large, and a smaller one mends it.
            Self::IdentityTooLarge => form(
                431,
                "identity_too_large",
                "The token has more scopes than can be told to the service; ask for fewer.",
                O::Denied,
            ),
            Self::ForeignOrigin => form(
                403,
                "foreign_origin",
                "A page of this origin may not open a WebSocket here.",
                O::Denied,
            ),
            Self::ToolScope { .. } => form(
                403,
                "insufficient_scope",
                "The token lacks a scope of the tool.",
                O::Denied,
            ),
            Self::UnreadableCall(status, why) => form(*status, "unreadable_call", why, O::BadRequest),
            Self::RateLimited(_) => form(429, "rate_limited", "Too many requests.", O::Limited),
            Self::TooManyLookups(_) => form(
                429,
                "too_many_unknown_tokens",
                "Too many unknown tokens.",
                O::Limited,
            ),
            Self::Unavailable(why) => form(503, "temporarily_unavailable", why, O::Unavailable),
            Self::UntrustedPeer => form(
                403,
                "untrusted_peer",
                "The original request may only be named by a configured peer.",
                O::Denied,
            ),
            Self::BadCheck(why) => form(400, "invalid_request", why, O::BadRequest),
            Self::NoUpstream => form(
                502,
                "no_upstream",
                "The route has no upstream.",
                O::UpstreamFailed,
            ),
            Self::UpstreamPaused(_) => form(
                503,
                "upstream_paused",
                "The service failed again and again and is left alone for a moment.",
                O::UpstreamFailed,
            ),
            Self::UpstreamBusy => form(
                503,
                "upstream_busy",
                "The service has as many requests as it may have.",
                O::UpstreamFailed,
            ),
            Self::UpstreamFailed(504) => form(
                504,
                "upstream_timeout",
                "The service did not answer in time.",
                O::UpstreamFailed,
            ),
            Self::UpstreamFailed(400) => form(
                400,
                "invalid_request",
                "The request broke off or is malformed.",
                O::BadRequest,
            ),
            Self::UpstreamFailed(500) => form(
                500,
                "internal_error",
                "Something went wrong here.",
                O::UpstreamFailed,
            ),
            Self::UpstreamFailed(_) => form(
                502,
                "upstream_failed",
                "The service did not give a usable answer.",
                O::UpstreamFailed,
            ),
        }
    }

    /// How long the client should wait, for the answers that say so.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited(wait) | Self::TooManyLookups(wait) | Self::UpstreamPaused(wait) => Some(*wait),
            Self::Unavailable(_) | Self::UpstreamBusy => Some(Duration::from_secs(1)),
            _ => None,
        }
    }
}

impl From<CredentialError> for Refusal {
    fn from(error: CredentialError) -> Self {
        match error {
            CredentialError::Missing => Self::NoCredential,
            CredentialError::Several | CredentialError::Malformed => Self::AmbiguousCredential,
        }
    }
}

impl From<Ended> for Refusal {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::Revoked => Self::InvalidToken("the token was revoked"),
            Ended::Expired => Self::InvalidToken("the token has expired"),
            Ended::NotPermitted => Self::InvalidToken("the token is not active"),
            Ended::LeaseLapsed => Self::Unavailable("the revocation lease has lapsed"),
            Ended::TooLong => Self::UpstreamFailed(504),
            Ended::GoingAway => Self::Unavailable("the proxy is shutting down"),
            Ended::Forbidden | Ended::Exceeded => Self::NotPermitted,
        }
    }
}

impl From<Unknown> for Refusal {
    fn from(unknown: Unknown) -> Self {
        match unknown {
            Unknown::Invalid(why) => Self::InvalidToken(why),
            Unknown::Unavailable(why) => Self::Unavailable(why),
            Unknown::TooManyLookups(wait) => Self::TooManyLookups(wait),
        }
    }
}

impl From<Denial> for Refusal {
    fn from(denial: Denial) -> Self {
        match denial {
            Denial::Expired => Self::InvalidToken("the token has expired"),
            Denial::NotYetValid => Self::InvalidToken("the token is not valid yet"),
            Denial::Unbound(why) => Self::Unproven(Unproven::Unbound(why)),
            Denial::WrongAudience => Self::WrongAudience,
            Denial::WrongClient => Self::WrongClient,
            Denial::MissingScope(missing) => Self::MissingScope(missing),
            Denial::WeakLogin(shortfall) => Self::WeakLogin(shortfall),
        }
    }
}
