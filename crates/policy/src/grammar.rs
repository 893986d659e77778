//! Why a text is no policy document: where, under which path, and what to do about it.
//! Refuses to guess what was meant.

use std::fmt;

/// The bytes a document may have unless its reader says otherwise.
pub const MAX_DOCUMENT_BYTES: usize = 6_144;
/// How deep a document may nest.
pub const MAX_DEPTH: usize = 32;
/// The characters of the text that a refusal repeats.
const SHOWN_CHARS: usize = 64;

/// A text is no policy document. Lines and columns count from 1, columns in characters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}{}: {reason}", self.under())]
pub struct GrammarError {
    /// Where in the document, as `Statement[2].Condition.IpAddress`; empty for the document itself.
    pub path: String,
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
    /// What is wrong, for people.
    pub reason: String,
}

impl GrammarError {
    fn under(&self) -> String {
        match self.path.as_str() {
            "" => String::new(),
            path => format!(", {path}"),
        }
    }
}

/// A refusal before its line and column are counted.
#[derive(Debug)]
pub(crate) struct Flaw {
    pub(crate) at: usize,
    path: String,
    reason: String,
}

impl Flaw {
    pub(crate) fn in_text(self, text: &str) -> GrammarError {
        let before = text.get(..self.at.min(text.len())).unwrap_or(text);
        let line = before.rsplit('\n').next().unwrap_or_default();
        GrammarError {
            path: self.path,
            line: before.matches('\n').count() + 1,
            column: line.chars().count() + 1,
            reason: self.reason,
        }
    }
}

/// The way from the document to a value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    part: Part<'p>,
}

#[derive(Debug, Clone, Copy)]
enum Part<'p> {
    Root,
    Member(&'p str),
    Index(usize),
}

impl<'p> Path<'p> {
    pub(crate) fn root() -> Self {
        Self {
            parent: None,
            part: Part::Root,
        }
    }

    pub(crate) fn member(&'p self, name: &'p str) -> Self {
        Self {
            parent: Some(self),
            part: Part::Member(name),
        }
    }

    pub(crate) fn index(&'p self, index: usize) -> Self {
        Self {
            parent: Some(self),
            part: Part::Index(index),
        }
    }

    pub(crate) fn flaw(&self, at: usize, reason: impl Into<String>) -> Flaw {
        Flaw {
            at,
            path: self.to_string(),
            reason: reason.into(),
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        let first = self.parent.is_none_or(|one| matches!(one.part, Part::Root));
        match self.part {
            Part::Root => Ok(()),
            Part::Member(name) if first => f.write_str(&shown(name)),
            Part::Member(name) => write!(f, ".{}", shown(name)),
            Part::Index(index) => write!(f, "[{index}]"),
        }
    }
}

/// Text of the document as a refusal repeats it: short, without control characters.
pub(crate) fn shown(text: &str) -> String {
    let mut short: String = text
        .chars()
        .map(|one| if one.is_control() { '\u{fffd}' } else { one })
        .take(SHOWN_CHARS)
        .collect();
    if text.chars().nth(SHOWN_CHARS).is_some() {
        short.push('…');
    }
    short
}
