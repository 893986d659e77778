//! A token that can do less than whom it is of: the session policy that it was exchanged with.
//! Refuses to widen anything: it is asked only about what was allowed (V07).

use std::time::Duration;

use policy::{Context, Document, Source};

use super::decide::{Verdict, of_sources};
use crate::oauth::TokenFacts;

const NAME: &str = "session policy";

/// The verdict, unless the token's session policy does not allow the same.
pub(super) fn narrowed(
    verdict: Verdict,
    token: Option<&TokenFacts>,
    asked: (&str, &str),
    context: &Context,
) -> Verdict {
    let text = token.and_then(|token| token.session_policy.as_deref());
    let Some(text) = text.filter(|_| verdict.decision.is_allowed()) else {
        return verdict;
    };
    let document = Document::parse(text);
    let source = match &document {
        Ok(document) => Source::new(NAME, document),
        // It was read when the token was minted; rules that have changed since don't open anything.
        Err(_) => Source::unreadable(NAME),
    };
    let own = of_sources(&[source], asked, context);
    let both = |one: Duration| own.steady_for.map(|other| one.min(other));
    let steady_for = verdict.steady_for.and_then(both);
    let narrower = if own.decision.is_allowed() { verdict } else { own };
    Verdict {
        steady_for,
        ..narrower
    }
}
