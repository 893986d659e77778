//! A refusal in words and figures, as operators get it.
//! It refuses to tell a caller anything: it is for the admin listener alone.

use super::change::{Change, smallest};
use super::entitled::Entitled;
use super::moment::rfc3339;
use super::record::Record;
use super::walk::Near;
use crate::bearer::Kind;
use crate::config::Sender;
use crate::routes::Policy;
use serde::{Deserialize, Serialize};

/// Everything about one refusal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Detail {
    /// `dec_…`
    pub id: String,
    /// When, RFC 3339.
    pub at: String,
    /// `refused`, or `would_be_refused` on an observing route.
    pub verdict: String,
    /// Status of the answer.
    pub status: u16,
    /// Stable code.
    pub code: String,
    /// The reason as a sentence.
    pub reason: String,
    /// What would have let it pass.
    pub change: Change,
    /// What was asked.
    pub request: Asked,
    /// The route that took it.
    pub route: Option<String>,
    /// What was demanded.
    pub demand: Option<Demand>,
    /// What was presented.
    pub credential: Option<Presented>,
    /// What was known of it.
    pub facts: Option<Known>,
    /// The revocation log as it stood.
    pub log: Log,
    /// What was known of the account's plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entitlement: Option<Entitled>,
    /// The exhausted limit, such as `100/min for each principal`.
    pub limit: Option<String>,
}

/// What was asked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Asked {
    /// `req_…`, or what the client called it.
    pub id: String,
    /// The method.
    pub method: String,
    /// Host name.
    pub host: String,
    /// Normalised path without query; segments that may be secrets are left out.
    pub path: String,
    /// Network of the client.
    pub address: String,
}

/// What a route demands.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Demand {
    /// All of these.
    pub scopes: String,
    /// This audience.
    pub audience: Option<String>,
    /// One of these.
    pub clients: Vec<String>,
    /// One of these classes.
    pub acr_values: Option<String>,
    /// Seconds since the sign-in.
    pub max_age: Option<u64>,
    /// What the token must be bound to: `dpop`, `mtls` or `any`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<Sender>,
    /// What the policies of the account must allow, as the route writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// On what, as the route writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// What the plan of the account must give.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entitlement: Option<String>,
}

/// What was presented.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Presented {
    /// `jwt`, `opaque` or `worthless`.
    pub kind: String,
    /// The first 12 hexadecimal digits of its SHA-256.
    pub sha256: String,
}

/// What was known of a credential.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Known {
    /// `jwt` (verified here) or `introspection`.
    pub source: String,
    /// For how long it had been known.
    pub age_ms: u64,
    /// Position of the log that it was read at.
    pub position: Option<u64>,
    /// Whom it speaks for.
    pub subject: Option<String>,
    /// The client.
    pub client: Option<String>,
    /// The API key.
    pub key: Option<String>,
    /// The session.
    pub session: Option<String>,
    /// Scopes held.
    pub scopes: String,
    /// Whom it is meant for.
    pub audience: Vec<String>,
    /// Class of the sign-in.
    pub acr: Option<String>,
    /// When that was, in seconds.
    pub auth_time: Option<i64>,
    /// When it ends, in seconds; none for a key without end.
    pub expires_at: Option<i64>,
}

/// The revocation log as this proxy knew it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Log {
    /// Up to where.
    pub position: u64,
    /// What was left of the lease; 0 when it had lapsed.
    pub lease_left_ms: u64,
}

/// Several of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Listing {
    /// The newest first.
    pub decisions: Vec<Detail>,
    /// How many refusals were not kept because too many of their kind came within a second.
    pub passed_over: u64,
}

impl Detail {
    /// Puts a record into words.
    #[must_use]
    pub fn of(record: &Record, near: Option<&Near>) -> Self {
        let form = record.refusal.form();
        let verdict = if record.observed {
            "would_be_refused"
        } else {
            "refused"
        };
        Self {
            id: record.id.to_string(),
            at: rfc3339(record.at),
            verdict: verdict.to_owned(),
            status: form.status,
            code: form.code.to_owned(),
            reason: form.detail.to_owned(),
            change: smallest(record, near),
            request: asked(record),
            route: record.route.as_ref().map(|route| route.name.to_string()),
            demand: record.demanded().map(Demand::of),
            credential: presented(record),
            facts: known(record),
            log: Log {
                position: record.position,
                lease_left_ms: millis(record.lease_left),
            },
            entitlement: Entitled::of(record),
            limit: record
                .limit
                .map(|line| format!("{} for each {}", line.rate, line.name)),
        }
    }
}

impl Demand {
    /// What a policy demands.
    #[must_use]
    pub fn of(policy: &Policy) -> Self {
        let permission = policy.permission.as_ref().map(|demanded| demanded.texts());
        let (action, resource) = permission.unzip();
        Self {
            scopes: policy.scopes.to_string(),
            audience: policy.audience.as_deref().map(str::to_owned),
            clients: policy.client_ids.iter().map(ToString::to_string).collect(),
            acr_values: policy.login.acr_values(),
            max_age: policy.login.max_age(),
            sender: policy.sender,
            action,
            resource,
            entitlement: policy.entitlement.as_deref().map(str::to_owned),
        }
    }
}

fn asked(record: &Record) -> Asked {
    Asked {
        id: record.request_id.to_string(),
        method: record.method.to_string(),
        host: record.host.to_string(),
        path: record.path.to_string(),
        address: record.address.to_string(),
    }
}

fn presented(record: &Record) -> Option<Presented> {
    let digest = record.digest?;
    let kind = match record.kind? {
        Kind::Jwt => "jwt",
        Kind::Opaque => "opaque",
        Kind::Worthless => "worthless",
    };
    Some(Presented {
        kind: kind.to_owned(),
        sha256: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
    })
}

fn known(record: &Record) -> Option<Known> {
    let facts = record.facts.as_deref()?;
    let own = |text: Option<&str>| text.map(str::to_owned);
    let keys = facts.keys();
    let source = if facts.position.is_some() {
        "introspection"
    } else {
        "jwt"
    };
    Some(Known {
        source: source.to_owned(),
        age_ms: millis(record.facts_age),
        position: facts.position,
        subject: own(facts.subject.as_deref()),
        client: own(facts.client_id.as_deref()),
        key: own(keys.key),
        session: own(keys.sid),
        scopes: facts.scopes.to_string(),
        audience: facts.audience.iter().map(ToString::to_string).collect(),
        acr: own(facts.acr.as_deref()),
        auth_time: facts.auth_time,
        expires_at: Some(facts.expires_at).filter(|at| *at < i64::MAX),
    })
}

fn millis(span: std::time::Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
