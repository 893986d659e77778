//! Compares sets of patterns within a bound of work.
//! Once the bound is reached it says neither that one covers the other nor that they are apart.

use crate::pattern::Pattern;
use crate::statement::Patterns;

/// Comparisons of one character with another.
const STEPS: usize = 20_000_000;

/// What may still be compared.
pub(crate) struct Budget {
    left: usize,
}

impl Budget {
    pub(crate) fn new() -> Self {
        Self { left: STEPS }
    }

    pub(super) fn spent(&self) -> bool {
        self.left == 0
    }

    /// Whether whatever `inner` means is meant by `outer`.
    pub(crate) fn covers(&mut self, outer: &Patterns, inner: &Patterns) -> bool {
        // An Allow that excepts what is not known allows nothing.
        if outer.not && outer.any.iter().any(Pattern::has_variables) {
            return false;
        }
        match (outer.not, inner.not) {
            (false, false) => self.each_covered(&inner.any, &outer.any),
            (false, true) => outer.any.iter().any(Pattern::is_everything),
            (true, true) => self.each_covered(&outer.any, &inner.any),
            (true, false) => self.all_disjoint(&outer.any, &inner.any),
        }
    }

    /// Whether nothing is meant by both; `false` where it is not known.
    pub(super) fn disjoint(&mut self, one: &Patterns, other: &Patterns) -> bool {
        match (one.not, other.not) {
            (false, false) => self.all_disjoint(&one.any, &other.any),
            (true, false) => self.each_covered(&other.any, &one.any),
            (false, true) => self.each_covered(&one.any, &other.any),
            (true, true) => false,
        }
    }

    fn each_covered(&mut self, inner: &[Pattern], outer: &[Pattern]) -> bool {
        let mut each = inner.iter();
        each.all(|one| {
            outer
                .iter()
                .any(|other| self.pays(one, other) && other.covers(one))
        })
    }

    fn all_disjoint(&mut self, one: &[Pattern], other: &[Pattern]) -> bool {
        let mut each = one.iter();
        each.all(|one| {
            other
                .iter()
                .all(|other| self.pays(one, other) && one.disjoint(other))
        })
    }

    fn pays(&mut self, one: &Pattern, other: &Pattern) -> bool {
        let cost =
            16 + one.written.len() + other.written.len() + one.written.len() * other.written.len() / 16;
        match self.left.checked_sub(cost) {
            Some(left) => self.left = left,
            None => self.left = 0,
        }
        self.left > 0
    }
}
