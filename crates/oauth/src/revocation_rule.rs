//! What a reader of the revocation log may rely on, and what each answer of the feed changes.
//! Refuses clocks, memory and I/O: the proxy and the model that is searched exhaustively call the same functions.

use serde::{Deserialize, Serialize};

use crate::revocations::RevocationFeed;

/// What is done with a request while the lease has lapsed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeaseLapse {
    /// Ask the authorization server about each request.
    #[default]
    Introspect,
    /// Answer 503.
    Refuse,
    /// Go on with what is known until it expires: availability first, the bound is given up.
    UntilExp,
}

/// What a request may be judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reliance {
    /// By what is known.
    Known,
    /// By a fresh answer of the authorization server.
    Asked,
    /// By nothing.
    Nothing,
}

/// Whether what is known may be used at `now`; `lease_ends` is 0 before the first lease. Instants are ticks of the reader's
/// own monotonic clock.
#[must_use]
pub const fn reliance(lease_ends: u64, now: u64, lapse: LeaseLapse) -> Reliance {
    if now < lease_ends {
        return Reliance::Known;
    }
    match lapse {
        LeaseLapse::Introspect => Reliance::Asked,
        LeaseLapse::UntilExp if lease_ends > 0 => Reliance::Known,
        LeaseLapse::UntilExp | LeaseLapse::Refuse => Reliance::Nothing,
    }
}

/// Whether the answer to a question sent at `sent` may still be used at `now`: while it is younger than the lease is long,
/// or while the lease is fresh and so the log vouches for it. Later a revocation may have come between.
#[must_use]
pub const fn answer_stands(sent: u64, length: u64, lease_ends: u64, now: u64) -> bool {
    now < sent.saturating_add(length) || now < lease_ends
}

/// Whether an event counts against facts read at `position`: a later one does, and each when the position isn't known.
#[must_use]
pub const fn counts(event: u64, position: Option<u64>) -> bool {
    match position {
        Some(position) => event > position,
        None => true,
    }
}

/// How far a reader has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Standing {
    /// Everything up to here is known; `None` while a snapshot is needed.
    pub position: Option<u64>,
    /// When the lease ends; 0 before it begins.
    pub lease_ends: u64,
}

/// What an answer of the feed says apart from its events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Heading {
    /// The position that everything is told up to.
    pub head: u64,
    /// There is more than this answer could hold.
    pub more: bool,
}

impl From<&RevocationFeed> for Heading {
    fn from(feed: &RevocationFeed) -> Self {
        Self {
            head: feed.head,
            more: feed.more,
        }
    }
}

/// What an answer meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// The log went on, or stood still.
    Forward,
    /// The server lost history: nothing remembered can be trusted.
    Backward,
}

impl Standing {
    /// What an answer to the poll sent at `sent` makes of this; its events must be known before the result is used.
    /// The lease runs from the sending, `length` long, never gets shorter, and is not renewed by a part of what there is.
    #[must_use]
    pub fn after(self, answer: Heading, sent: u64, length: u64) -> (Self, Applied) {
        if self.position.is_some_and(|position| answer.head < position) {
            return (Self::default(), Applied::Backward);
        }
        let renewed = match answer.more {
            true => self.lease_ends,
            false => self.lease_ends.max(sent.saturating_add(length)),
        };
        let further = Self {
            position: Some(answer.head),
            lease_ends: renewed,
        };
        (further, Applied::Forward)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTH: u64 = 5;

    fn at(head: u64) -> Heading {
        Heading {
            head,
            ..Heading::default()
        }
    }

    /// C05
    #[test]
    fn the_lease_runs_from_the_sending_and_never_gets_shorter() {
        let (standing, _) = Standing::default().after(at(0), 10, LENGTH);
        let fresh = |now| reliance(standing.lease_ends, now, LeaseLapse::Introspect);
        assert_eq!((fresh(14), fresh(15)), (Reliance::Known, Reliance::Asked));
        let (older, _) = standing.after(at(0), 3, LENGTH);
        assert_eq!(older.lease_ends, standing.lease_ends);
    }

    #[test]
    fn each_lapse_rule_has_its_answer() {
        use LeaseLapse::{Introspect, Refuse, UntilExp};
        let cases = [
            (0, Introspect, Reliance::Asked),
            (0, Refuse, Reliance::Nothing),
            (0, UntilExp, Reliance::Nothing),
            (5, Introspect, Reliance::Asked),
            (5, Refuse, Reliance::Nothing),
            (5, UntilExp, Reliance::Known),
        ];
        for (lease_ends, lapse, expected) in cases {
            assert_eq!(reliance(lease_ends, 9, lapse), expected, "{lease_ends} {lapse:?}");
            assert_eq!(reliance(10, 9, lapse), Reliance::Known);
        }
    }

    #[test]
    fn a_part_of_what_there_is_renews_no_lease() {
        let part = Heading { more: true, ..at(4) };
        let (standing, applied) = Standing::default().after(part, 10, LENGTH);
        assert_eq!((applied, standing.position), (Applied::Forward, Some(4)));
        assert_eq!(standing.lease_ends, 0);
    }

    #[test]
    fn a_late_answer_stands_only_while_the_log_vouches_for_it() {
        assert!(answer_stands(10, LENGTH, 0, 14));
        assert!(!answer_stands(10, LENGTH, 0, 15));
        assert!(answer_stands(10, LENGTH, 16, 15));
    }

    #[test]
    fn a_head_behind_ours_is_lost_history() {
        let (standing, _) = Standing::default().after(at(7), 10, LENGTH);
        let (lost, applied) = standing.after(at(6), 11, LENGTH);
        assert_eq!((lost, applied), (Standing::default(), Applied::Backward));
    }
}
