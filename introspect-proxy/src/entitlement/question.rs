//! Asking the authorization server what an account is entitled to.
//! It refuses to use an answer about something else; what a question costs is counted.

use super::ruling::{Answer, Before, Ruling};
use crate::authority::Authority;
use crate::bearer::Credential;
use crate::clock::Clock;
use crate::facts::Facts;
use crate::inquiry::{Bearer, Inquiry, Silent};
use crate::revocations::Revocations;
use crate::usage::Usage;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// A question about the account of a live token.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// A token of the account, any.
    pub credential: Credential<'a>,
    /// What is known of it.
    pub facts: &'a Facts,
    /// Its account.
    pub account: &'a str,
    /// What the account wants to use.
    pub feature: &'a Arc<str>,
    /// From where.
    pub address: IpAddr,
}

/// Why there is no ruling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unruled {
    /// This token is none any more; it says nothing of the account.
    Inactive,
    /// It could not be found out.
    Unavailable(&'static str),
}

const SILENT: Unruled = Unruled::Unavailable(Silent::REASON);

/// What it works with.
pub struct Parts {
    /// Whom to ask.
    pub authority: Arc<Authority>,
    /// The log.
    pub revocations: Arc<Revocations>,
    /// Time.
    pub clock: Clock,
    /// What is counted here and not on the books yet.
    pub usage: Arc<Usage>,
}

/// How much is asked and kept.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Calls at once.
    pub max_in_flight: usize,
    /// Deadline of one call.
    pub timeout: Duration,
    /// Answers.
    pub entries: u64,
    /// Life of an answer.
    pub ttl: Duration,
}

/// Puts questions, and counts what they cost.
pub(super) struct Questions {
    pub(super) parts: Parts,
    pub(super) bounds: Bounds,
    inquiry: Inquiry,
}

impl Questions {
    pub(super) fn new(parts: Parts, bounds: Bounds) -> Self {
        let authority = Arc::clone(&parts.authority);
        let limits = (bounds.max_in_flight, bounds.timeout);
        Self {
            parts,
            bounds,
            inquiry: Inquiry::new(authority, "an entitlement", limits),
        }
    }

    /// What the server says now.
    ///
    /// # Errors
    /// No answer in time, or a token that is dead.
    pub(super) async fn ask(&self, asked: Asked<'_>) -> Result<Arc<Ruling>, Unruled> {
        self.parts.usage.measures.misses.increment(1);
        let bearer = Bearer {
            credential: asked.credential,
            facts: asked.facts,
            address: asked.address,
        };
        // Before the question is put: what is on the books by then is in the answer, so it is never counted too low.
        let before = self.before(asked);
        let besides = [("entitlement", &**asked.feature)];
        let reply = self.inquiry.ask::<Answer>(bearer, &besides).await;
        let reply = reply.map_err(|Silent| SILENT)?;
        if !reply.answer.active {
            return Err(Unruled::Inactive);
        }
        let position = reply.position.unwrap_or(before.position);
        let ruling = reply.answer.ruling(Before { position, ..before });
        ruling.map(Arc::new).map_err(|why| {
            tracing::warn!(why, "the answer about an entitlement makes no sense");
            SILENT
        })
    }

    fn before(&self, asked: Asked<'_>) -> Before {
        let cell = self.parts.usage.cells.find(asked.account, asked.feature);
        Before {
            account: asked.account.into(),
            feature: Arc::clone(asked.feature),
            settled: cell.as_ref().map_or(0, |cell| cell.settled()),
            cell,
            read_at: self.parts.clock.tick(),
            // An answer that names no position was read after this one at least.
            position: self.parts.revocations.head(),
            history: self.parts.revocations.histories_lost(),
            ttl: self.bounds.ttl,
            now: self.parts.clock.unix_seconds(),
        }
    }
}
