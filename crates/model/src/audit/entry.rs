//! An entry of the audit log: one state-changing request, bound to the entry before it.
//! Refuses to change: what is personal can be taken out, and the hash of the entry stays what it was.

use serde_json::Value;

use super::hash::{ChainHash, Parts};
use crate::clock::Timestamp;

/// The chain of what concerns no account.
pub const SERVER_CHAIN: &str = "-";

/// What is known of a request before it has its place in a chain.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Draft {
    pub id: String,
    pub at: Timestamp,
    pub actor_type: String,
    pub actor: Option<String>,
    /// Which door it came through: one of ours, or the route of a proxy.
    pub service: String,
    pub method: String,
    pub path: String,
    pub status: u16,
    pub request_id: Option<String>,
    pub resource: Option<String>,
    /// What happened inside, in the words of the domain, separated by blanks.
    pub actions: String,
    /// The proxy that has reported it; none for requests to the server itself.
    pub reporter: Option<String>,
    pub personal: Personal,
}

/// What can be taken out of an entry: who and from where, in words, and the details.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Personal {
    /// Without it nobody can tell from the entry's hash what was here, also not by trying.
    pub salt: [u8; 32],
    pub actor_name: Option<String>,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    /// In the form of [`super::details::canonical`].
    pub details: Value,
}

impl Personal {
    /// What the entry's hash covers in place of the values.
    pub fn commitment(&self) -> ChainHash {
        let mut parts = Parts::new("authz/audit/personal/1");
        parts.bytes(&self.salt);
        parts.opt(self.actor_name.as_deref());
        parts.opt(self.ip.as_deref());
        parts.opt(self.user_agent.as_deref());
        parts.text(&self.details.to_string());
        parts.finish()
    }
}

/// An entry in its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    pub account: String,
    /// 1 for the first entry of the account; no number is left out.
    pub seq: i64,
    pub id: String,
    pub at: Timestamp,
    pub actor_type: String,
    pub actor: Option<String>,
    pub service: String,
    pub method: String,
    pub path: String,
    pub status: u16,
    pub request_id: Option<String>,
    pub resource: Option<String>,
    pub actions: String,
    pub reporter: Option<String>,
    /// The hash of the entry before, or [`ChainHash::genesis`].
    pub prev_hash: ChainHash,
    pub commitment: ChainHash,
    pub hash: ChainHash,
    /// None once it was erased.
    pub personal: Option<Personal>,
}

impl Draft {
    /// The entry after the one with this number and hash.
    pub fn chained(self, account: &str, (seq, prev_hash): (i64, ChainHash)) -> Entry {
        let commitment = self.personal.commitment();
        let mut entry = Entry {
            account: account.to_owned(),
            seq,
            id: self.id,
            at: self.at,
            actor_type: self.actor_type,
            actor: self.actor,
            service: self.service,
            method: self.method,
            path: self.path,
            status: self.status,
            request_id: self.request_id,
            resource: self.resource,
            actions: self.actions,
            reporter: self.reporter,
            prev_hash,
            commitment,
            hash: prev_hash,
            personal: Some(self.personal),
        };
        entry.hash = entry.expected_hash();
        entry
    }
}

impl Entry {
    /// What [`Entry::hash`] is, unless something was changed. The order of the parts and the name of the form are fixed for ever.
    pub fn expected_hash(&self) -> ChainHash {
        let mut parts = Parts::new("authz/audit/entry/1");
        parts.bytes(self.prev_hash.as_bytes());
        parts.text(&self.account);
        parts.int(self.seq);
        parts.text(&self.id);
        parts.int(self.at.as_micros());
        parts.text(&self.actor_type);
        parts.opt(self.actor.as_deref());
        parts.text(&self.service);
        parts.text(&self.method);
        parts.text(&self.path);
        parts.int(i64::from(self.status));
        parts.opt(self.request_id.as_deref());
        parts.opt(self.resource.as_deref());
        parts.text(&self.actions);
        parts.opt(self.reporter.as_deref());
        parts.bytes(self.commitment.as_bytes());
        parts.finish()
    }

    /// The same without what is personal.
    #[must_use]
    pub fn erased(mut self) -> Self {
        self.personal = None;
        self
    }
}
