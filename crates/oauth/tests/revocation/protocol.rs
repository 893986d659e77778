//! The state of the model: a server with its log, one proxy, and what is on its way between them.
//! Refuses absolute time: instants are kept relative to now, so the search ends without a bound on time.

use std::collections::BTreeSet;

use oauth::revocation_index::{RevocationIndex, TokenKeys};
use oauth::revocation_rule::{LeaseLapse, Reliance, Standing, answer_stands, counts, reliance};
use oauth::revocations::{RevocationEvent, RevocationKind};

/// The length of the lease in ticks.
pub const LEASE: u64 = 2;
/// The tick that is called now in every state.
pub const NOW: u64 = 100;
/// What lies further back than this is all alike.
const PAST: u64 = LEASE + 1;

/// A rule that can be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The lease runs from when an answer arrives.
    LeaseFromArrival,
    /// A part of the events renews the lease.
    LeaseFromAPart,
    /// Facts are dropped when an event arrives, and not judged by their position.
    NoFence,
    /// Positions are a plain count, which lost history takes back.
    PositionsUsedAgain,
    /// Answers are good whenever they arrive.
    AnswersForEver,
}

impl Fault {
    pub const ALL: [Self; 5] = [
        Self::LeaseFromArrival,
        Self::LeaseFromAPart,
        Self::NoFence,
        Self::PositionsUsedAgain,
        Self::AnswersForEver,
    ];
}

/// The bounds of a search.
#[derive(Clone, Debug)]
pub struct Protocol {
    pub fault: Option<Fault>,
    /// Commits, those of lost histories included.
    pub commits: u8,
    /// How often the server comes back with a shorter log.
    pub losses: u8,
}

/// What a commit did to the credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Deed {
    /// Ended it.
    End,
    /// Changed what it may do: what was known of it before no longer holds.
    Change,
}

/// One row of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Row {
    pub deed: Deed,
    pub position: u64,
    /// Which commit it was, of all there ever were.
    pub commit: u8,
    /// Ticks since the commit.
    pub age: u64,
}

/// What the proxy knows of the credential from an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fact {
    pub position: u64,
    /// The last commit there was when it was read; for the judge of the model, the proxy doesn't know it.
    pub commit: u8,
}

/// An answer of the feed on its way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FeedAnswer {
    pub events: Vec<(u64, Deed)>,
    pub head: u64,
    pub more: bool,
}

/// A question, and the answer to it that will arrive if any does. When the server answers it twice, or it comes twice, the
/// asker takes one: which one is what the search branches on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Question<A> {
    /// Ticks since it was sent.
    pub age: u64,
    pub answer: Option<A>,
}

/// What is asked about the credential; only the answer "active" matters.
pub type Lookup = Question<Fact>;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Proxy {
    pub standing: Standing,
    pub known: BTreeSet<(u64, Deed)>,
    pub fact: Option<Fact>,
    pub poll: Option<Question<FeedAnswer>>,
    pub lookup: Option<Lookup>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct State {
    pub log: Vec<Row>,
    pub commits: u8,
    pub losses: u8,
    pub proxy: Proxy,
    /// A request was let through by an answer that came too late.
    pub late: bool,
}

impl State {
    /// Whether facts have been out of date for longer than the lease.
    pub fn is_late(&self, fact: Fact) -> bool {
        self.log
            .iter()
            .any(|row| row.commit > fact.commit && row.age > LEASE)
    }

    /// Whether a verified JWT has been dead for longer than the lease.
    pub fn is_jwt_late(&self) -> bool {
        self.log
            .iter()
            .any(|row| row.deed == Deed::End && row.age > LEASE)
    }

    /// A tick passes; what lies far back is forgotten.
    pub fn pass(&mut self) {
        let older = |age: &mut u64| *age = (*age + 1).min(PAST);
        self.log.iter_mut().for_each(|row| older(&mut row.age));
        let proxy = &mut self.proxy;
        if let Some(poll) = &mut proxy.poll {
            older(&mut poll.age);
        }
        if let Some(lookup) = &mut proxy.lookup {
            older(&mut lookup.age);
        }
        let ends = &mut proxy.standing.lease_ends;
        // All that is over counts as ended now.
        *ends = ends.saturating_sub(1).max(NOW * u64::from(*ends > 0));
    }
}

impl Proxy {
    fn index(&self) -> RevocationIndex {
        let mut index = RevocationIndex::default();
        for (position, deed) in &self.known {
            // A change concerns what was read before it, not what is verified without being read.
            let kind = match deed {
                Deed::End => RevocationKind::Token,
                Deed::Change => RevocationKind::Key,
            };
            index.apply(&RevocationEvent {
                position: *position,
                kind,
                id: "it".to_owned(),
                issued_before: None,
                until: i64::MAX,
            });
        }
        index
    }

    pub fn relies(&self) -> bool {
        reliance(self.standing.lease_ends, NOW, LeaseLapse::Introspect) == Reliance::Known
    }

    /// Whether a JWT that verifies is let through without asking.
    pub fn passes_jwt(&self) -> bool {
        let keys = TokenKeys {
            jti: Some("it"),
            ..TokenKeys::default()
        };
        self.relies() && !self.index().killed(&keys, None)
    }

    /// Whether nothing speaks against facts.
    fn is_alive(&self, fact: Fact, fault: Option<Fault>) -> bool {
        let keys = TokenKeys {
            jti: Some("it"),
            key: Some("it"),
            ..TokenKeys::default()
        };
        fault == Some(Fault::NoFence) || !self.index().killed(&keys, Some(fact.position))
    }

    /// The facts at hand, if they let a request through without asking.
    pub fn passes_known(&self, fault: Option<Fault>) -> Option<Fact> {
        self.fact
            .filter(|fact| self.relies() && self.is_alive(*fact, fault))
    }

    /// Whether the answer to the question sent `age` ticks ago lets the request through that waits for it.
    pub fn passes_answer(&self, fact: Fact, age: u64, fault: Option<Fault>) -> bool {
        let sent = match fault {
            Some(Fault::AnswersForEver) => NOW,
            _ => NOW - age,
        };
        answer_stands(sent, LEASE, self.standing.lease_ends, NOW) && self.is_alive(fact, fault)
    }

    /// Without the fence, an event drops what is known when it arrives.
    pub fn drop_by_event(&mut self, events: &[(u64, Deed)]) {
        if let Some(fact) = self.fact
            && events
                .iter()
                .any(|(position, _)| counts(*position, Some(fact.position)))
        {
            self.fact = None;
        }
    }
}
