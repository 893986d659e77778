//! What one limit says of a request, and how an answer tells it.
//! Refuses to count: that was done before.

use std::cmp::Reverse;
use std::time::Duration;

use http::HeaderMap;
use model::Timestamp;

use super::fields;
use super::log::Standing;
use crate::config::Rate;

/// A limit's word on a request.
#[derive(Clone, Copy, Debug)]
pub struct Verdict {
    name: &'static str,
    rate: Rate,
    standing: Standing,
}

impl Verdict {
    pub(super) const fn new(name: &'static str, rate: Rate, standing: Standing) -> Self {
        Self { name, rate, standing }
    }

    pub const fn is_allowed(&self) -> bool {
        self.standing.is_allowed
    }

    /// Whole seconds until one more request is let through.
    pub fn wait(&self) -> Duration {
        Duration::from_secs(fields::whole_seconds(self.standing.more_in))
    }

    /// That of the two which is used up first, and for longer.
    pub(super) fn nearest(self, other: Self) -> Self {
        let left = |verdict: &Self| (verdict.standing.remaining, Reverse(verdict.standing.more_in));
        std::cmp::min_by_key(self, other, left)
    }

    /// The refusal that lasts longest; where nobody refuses, that which is used up first.
    pub(super) fn deciding(self, other: Self) -> Self {
        match (self.is_allowed(), other.is_allowed()) {
            (true, true) => self.nearest(other),
            (false, true) => self,
            (true, false) => other,
            (false, false) => std::cmp::max_by_key(self, other, |verdict| verdict.standing.more_in),
        }
    }

    /// Into the fields of an answer.
    pub fn write(&self, headers: &mut HeaderMap, now: Timestamp) {
        fields::write(headers, (self.name, self.rate), self.standing, now);
    }
}
