//! Which of the revocations seen so far kills a token: a few hash look-ups, no scan, no allocation.
//! Refuses to resurrect: events may come twice or in any order, and only `forget` removes one.

use crate::revocation_rule::counts;
use crate::revocations::{RevocationEvent, RevocationKind};
use std::collections::HashMap;

/// Everything by which a token can be revoked.
#[derive(Debug, Clone, Copy, Default)]
pub struct TokenKeys<'a> {
    /// The id of the token.
    pub jti: Option<&'a str>,
    /// The session it is bound to.
    pub sid: Option<&'a str>,
    /// The grant (family) it belongs to.
    pub grant_id: Option<&'a str>,
    /// The API key it is.
    pub key: Option<&'a str>,
    /// Whom it speaks for.
    pub sub: Option<&'a str>,
    /// The client it was issued to.
    pub client_id: Option<&'a str>,
    /// The account it belongs to.
    pub account_id: Option<&'a str>,
    /// When it was issued; a token that does not say counts as old.
    pub iat_seconds: Option<i64>,
}

impl<'a> TokenKeys<'a> {
    /// The keys with their kinds, in the order of [`RevocationKind::ALL`].
    fn named(&self) -> [Option<&'a str>; 7] {
        [
            self.jti,
            self.sid,
            self.grant_id,
            self.key,
            self.sub,
            self.client_id,
            self.account_id,
        ]
    }

    fn issued_by(&self, limit: Option<i64>) -> bool {
        match (limit, self.iat_seconds) {
            (Some(limit), Some(iat)) => iat.saturating_mul(1_000_000) <= limit,
            _ => true,
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Mark {
    position: u64,
    issued_before: Option<i64>,
    until: i64,
}

impl Mark {
    /// Whether this mark kills all that `other` kills, for at least as long.
    fn covers(&self, other: &Self) -> bool {
        let reaches = match (self.issued_before, other.issued_before) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(ours), Some(theirs)) => ours >= theirs,
        };
        reaches && self.position >= other.position && self.until >= other.until
    }
}

/// The revocations that still matter, by what they kill.
#[derive(Debug, Clone, Default)]
pub struct RevocationIndex {
    marks: [HashMap<Box<str>, Vec<Mark>>; 7],
}

impl RevocationIndex {
    /// Remembers an event; the same event again changes nothing.
    pub fn apply(&mut self, event: &RevocationEvent) {
        let mark = Mark {
            position: event.position,
            issued_before: event.issued_before,
            until: event.until,
        };
        let by_id = &mut self.marks[event.kind as usize];
        let Some(marks) = by_id.get_mut(event.id.as_str()) else {
            by_id.insert(event.id.as_str().into(), vec![mark]);
            return;
        };
        if !marks.iter().any(|known| known.covers(&mark)) {
            marks.retain(|known| !mark.covers(known));
            marks.push(mark);
        }
    }

    /// Whether a token is dead. `position` is the log position its facts were read at: only later events
    /// count then; with `None` (facts of no known position, such as a verified JWT) every event counts.
    #[must_use]
    pub fn killed(&self, keys: &TokenKeys<'_>, position: Option<u64>) -> bool {
        let later = |mark: &Mark| counts(mark.position, position);
        self.marks.iter().zip(keys.named()).any(|(by_id, id)| {
            id.and_then(|id| by_id.get(id)).is_some_and(|marks| {
                marks
                    .iter()
                    .any(|mark| later(mark) && keys.issued_by(mark.issued_before))
            })
        })
    }

    /// Drops the events whose time is over.
    pub fn forget(&mut self, now_seconds: i64) {
        for by_id in &mut self.marks {
            by_id.retain(|_, marks| {
                marks.retain(|mark| mark.until >= now_seconds);
                !marks.is_empty()
            });
        }
    }

    /// How many things are marked as revoked.
    #[must_use]
    pub fn len(&self) -> usize {
        self.marks.iter().map(HashMap::len).sum()
    }

    /// Whether nothing is marked as revoked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.marks.iter().all(HashMap::is_empty)
    }
}

const _: () = {
    let mut index = 0;
    while index < RevocationKind::ALL.len() {
        assert!(RevocationKind::ALL[index] as usize == index);
        index += 1;
    }
};

#[cfg(test)]
mod tests;
