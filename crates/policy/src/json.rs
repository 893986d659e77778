//! JSON as a policy document is read: every value knows where it stands.
//! Refuses duplicate members, deep nesting and whatever RFC 8259 does not know.

mod reader;
mod text;

pub(crate) use reader::read;

/// A value and the byte where it begins.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) at: usize,
    pub(crate) value: Value,
}

/// What a value is. Numbers stay as they are written.
#[derive(Debug)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Node>),
    Object(Vec<Member>),
}

/// A member of an object; its name begins at `at`.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) at: usize,
    pub(crate) node: Node,
}

impl Value {
    /// The kind in words, for a refusal.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "a string",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }
}
