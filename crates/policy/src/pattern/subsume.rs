//! Compares patterns: does one match all that another matches, can both match the same text.
//! Answers "no" and "yes" where it does not know: `covers` never claims too much, `disjoint` neither.

use super::{Pattern, Token};

/// A place of a pattern; a variable may stand for any text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Char(char),
    One,
    Many,
}

impl Pattern {
    /// Whether this matches whatever `other` matches. A variable here covers nothing, a variable there is any text.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        if self.has_variables() {
            return false;
        }
        let (mine, theirs) = (self.places(), other.places());
        let mut runs = mine.split(|place| *place == Place::Many);
        let first = runs.next().unwrap_or_default();
        let mut middle: Vec<&[Place]> = runs.collect();
        let Some(last) = middle.pop() else {
            return first.len() == theirs.len() && takes(first, &theirs);
        };
        if theirs.len() < first.len() + last.len() {
            return false;
        }
        let (start, rest) = theirs.split_at(first.len());
        let (mut rest, end) = rest.split_at(rest.len() - last.len());
        if !takes(first, start) || !takes(last, end) {
            return false;
        }
        for run in middle {
            match find(run, rest) {
                Some(at) => rest = &rest[at + run.len()..],
                None => return false,
            }
        }
        true
    }

    /// Whether no text matches both; `false` may also mean that it is not known.
    pub(crate) fn disjoint(&self, other: &Self) -> bool {
        let (mine, theirs) = (self.places(), other.places());
        if literal(&mine) {
            return !other.has_variables() && !other.covers(self);
        }
        if literal(&theirs) {
            return !self.has_variables() && !self.covers(other);
        }
        let clash = |a: Option<(&Place, &Place)>| a.is_some();
        let fixed = |(a, b): &(&Place, &Place)| **a != Place::Many && **b != Place::Many;
        let differ = |(a, b): &(&Place, &Place)| matches!((a, b), (Place::Char(a), Place::Char(b)) if a != b);
        clash(mine.iter().zip(&theirs).take_while(fixed).find(differ))
            || clash(
                mine.iter()
                    .rev()
                    .zip(theirs.iter().rev())
                    .take_while(fixed)
                    .find(differ),
            )
    }

    fn places(&self) -> Vec<Place> {
        let mut places = Vec::new();
        for token in &self.tokens {
            match token {
                Token::Text(text) => places.extend(text.chars().map(Place::Char)),
                Token::One => places.push(Place::One),
                Token::Many | Token::Variable(_) => places.push(Place::Many),
            }
        }
        places
    }
}

fn literal(places: &[Place]) -> bool {
    places.iter().all(|place| matches!(place, Place::Char(_)))
}

/// Whether a run without `*` takes exactly these places.
fn takes(run: &[Place], places: &[Place]) -> bool {
    run.iter().zip(places).all(|(mine, theirs)| match theirs {
        Place::Many => false,
        Place::One => *mine == Place::One,
        Place::Char(_) => *mine == Place::One || mine == theirs,
    })
}

fn find(run: &[Place], places: &[Place]) -> Option<usize> {
    if run.is_empty() {
        return Some(0);
    }
    places.windows(run.len()).position(|window| takes(run, window))
}
