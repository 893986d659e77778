//! For how long a verdict stays what it is while nothing but time passes.
//! Refuses to vouch for anything that reads time in another way than by dates and ages.

use std::time::Duration;

use crate::condition::Condition;
use crate::document::ActionKey;
use crate::evaluate::{Evaluation, Request, Source};
use crate::pattern::Pattern;
use crate::statement::Statement;

/// The moment of the decision.
pub(crate) const NOW: &str = "request:time";
/// Whole seconds, of which there is one more each second.
pub(crate) const AGE: &str = "iam:mfa_age";

/// Whether the value of a key, in lower case, changes by itself.
pub(crate) fn moves(key: &str) -> bool {
    key == NOW || key == AGE
}

impl Evaluation<'_> {
    /// For how long the same question gets the same verdict when nothing changes but `request:time` and, with it,
    /// `iam:mfa_age`. Never too long; [`Duration::MAX`] where time plays no part, nothing where it cannot be told.
    pub fn steady_for(&self) -> Option<Duration> {
        let action = ActionKey::of(self.request.action);
        let mut steady = Duration::MAX;
        for document in self.sources.iter().filter_map(Source::document) {
            for index in document.index.candidates(&action) {
                let statement = &document.statements[index];
                steady = steady.min(statement.steady_for(&action.text, self.request)?);
            }
        }
        Some(steady)
    }
}

impl Statement {
    /// For how long it goes on to speak to the request, or not to; `action` in lower case.
    fn steady_for(&self, action: &str, request: Request<'_>) -> Option<Duration> {
        let patterns = self.actions.any.iter().chain(&self.resources.any);
        if patterns.flat_map(Pattern::variables).any(moves) {
            return None;
        }
        if !self.concerns(action, request.resource, request.context) {
            return Some(Duration::MAX);
        }
        let mut fixed = self.conditions.iter().filter(|one| !one.moves());
        if !fixed.all(|one| one.holds(request.context, self.effect)) {
            return Some(Duration::MAX);
        }
        let moving = self.conditions.iter().filter(|one| one.moves());
        moving
            .map(|one: &Condition| one.steady_for(request.context))
            .try_fold(Duration::MAX, |least, one| Some(least.min(one?)))
    }
}
