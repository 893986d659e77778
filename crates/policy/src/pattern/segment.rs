//! A run of a pattern without `*`: text, or text with `?`.
//! Finding one costs the length of the text, times the run's length in machine words where it has `?`.

use std::collections::HashMap;

use super::Token;

const WORD: usize = 64;

#[derive(Debug, Clone)]
pub(super) enum Segment {
    Plain(String),
    /// `None` is a `?`.
    Holes(Vec<Option<char>>),
}

impl Default for Segment {
    fn default() -> Self {
        Self::Plain(String::new())
    }
}

impl Segment {
    pub(super) fn compile(tokens: &[Token]) -> Self {
        let mut holes = Vec::new();
        for token in tokens {
            match token {
                Token::Text(text) => holes.extend(text.chars().map(Some)),
                Token::One => holes.push(None),
                // A variable is resolved, and a `*` split off, before a run is made.
                Token::Many | Token::Variable(_) => {}
            }
        }
        let plain: Option<String> = holes.iter().copied().collect();
        plain.map_or(Self::Holes(holes), Self::Plain)
    }

    /// What follows this at the start of `text`.
    pub(super) fn strip_prefix<'t>(&self, text: &'t str) -> Option<&'t str> {
        match self {
            Self::Plain(plain) => text.strip_prefix(plain.as_str()),
            Self::Holes(holes) => {
                let mut chars = text.chars();
                let fits = holes.iter().all(|hole| accepts(*hole, chars.next()));
                fits.then_some(chars.as_str())
            }
        }
    }

    /// What precedes this at the end of `text`.
    pub(super) fn strip_suffix<'t>(&self, text: &'t str) -> Option<&'t str> {
        match self {
            Self::Plain(plain) => text.strip_suffix(plain.as_str()),
            Self::Holes(holes) => {
                let mut chars = text.chars();
                let mut backwards = holes.iter().rev();
                let fits = backwards.all(|hole| accepts(*hole, chars.next_back()));
                fits.then_some(chars.as_str())
            }
        }
    }

    /// What follows the leftmost place where this stands in `text`.
    pub(super) fn behind_first<'t>(&self, text: &'t str) -> Option<&'t str> {
        match self {
            Self::Plain(plain) => text.find(plain.as_str()).map(|at| &text[at + plain.len()..]),
            Self::Holes(holes) => search(holes, text),
        }
    }
}

fn accepts(hole: Option<char>, found: Option<char>) -> bool {
    found.is_some() && (hole.is_none() || hole == found)
}

/// Shift-and: bit i of the state says that the first i + 1 places match what ends here.
fn search<'t>(holes: &[Option<char>], text: &'t str) -> Option<&'t str> {
    let mut masks: HashMap<char, Vec<u64>> = HashMap::new();
    let mut state = vec![0_u64; holes.len().div_ceil(WORD)];
    let goal = holes.len() - 1;
    let mut chars = text.chars();
    while let Some(found) = chars.next() {
        let mask = masks.entry(found).or_insert_with(|| places(holes, found));
        let mut carry = 1;
        for (word, mask) in state.iter_mut().zip(mask) {
            let next = *word >> (WORD - 1);
            *word = ((*word << 1) | carry) & *mask;
            carry = next;
        }
        if (state[goal / WORD] >> (goal % WORD)) & 1 == 1 {
            return Some(chars.as_str());
        }
    }
    None
}

/// The places that take `found`, as bits.
fn places(holes: &[Option<char>], found: char) -> Vec<u64> {
    let mut mask = vec![0_u64; holes.len().div_ceil(WORD)];
    for (index, hole) in holes.iter().enumerate() {
        if hole.is_none_or(|due| due == found) {
            mask[index / WORD] |= 1 << (index % WORD);
        }
    }
    mask
}
