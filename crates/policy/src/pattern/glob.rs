//! Wildcard matching in one pass over the text.
//! Never goes back: what stands before a `*` is found leftmost, what ends the pattern is compared with the end.

use super::Token;
use super::segment::Segment;

/// A pattern without variables.
#[derive(Debug, Clone)]
pub(crate) struct Glob {
    /// What stands before the first `*`, or the whole pattern.
    first: Segment,
    /// What stands between two `*`, in order.
    middle: Vec<Segment>,
    /// What stands behind the last `*`; none where there is no `*`.
    last: Option<Segment>,
}

impl Glob {
    pub(crate) fn compile(tokens: &[Token]) -> Self {
        let mut runs = tokens.split(|token| *token == Token::Many).map(Segment::compile);
        let first = runs.next().unwrap_or_default();
        let mut middle: Vec<Segment> = runs.collect();
        let last = middle.pop();
        Self { first, middle, last }
    }

    /// Whether the whole of `text` matches.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let Some(last) = &self.last else {
            return self.first.strip_prefix(text) == Some("");
        };
        let Some(mut rest) = self.first.strip_prefix(text) else {
            return false;
        };
        // The end is taken first, so that nothing before it uses it up.
        match last.strip_suffix(rest) {
            Some(shorter) => rest = shorter,
            None => return false,
        }
        for segment in &self.middle {
            match segment.behind_first(rest) {
                Some(shorter) => rest = shorter,
                None => return false,
            }
        }
        true
    }
}
