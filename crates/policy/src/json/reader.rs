//! Reads one JSON text into nodes.
//! Never recurses deeper than `MAX_DEPTH`.

use std::collections::HashSet;

use super::{Member, Node, Value};
use crate::grammar::{Flaw, MAX_DEPTH, Path};

/// The one value of `text`.
pub(crate) fn read(text: &str) -> Result<Node, Flaw> {
    let mut reader = Reader { text, at: 0 };
    let root = Path::root();
    let node = reader.value(&root, 0)?;
    reader.blanks();
    match reader.peek() {
        None => Ok(node),
        Some(_) => Err(root.flaw(reader.at, "something follows the document")),
    }
}

pub(super) struct Reader<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
}

impl Reader<'_> {
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn takes(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn value(&mut self, path: &Path<'_>, depth: usize) -> Result<Node, Flaw> {
        self.blanks();
        let at = self.at;
        if depth >= MAX_DEPTH {
            return Err(path.flaw(at, format!("nested deeper than {MAX_DEPTH} levels")));
        }
        let value = match self.peek() {
            Some(b'{') => self.object(path, depth)?,
            Some(b'[') => self.list(path, depth)?,
            Some(b'"') => Value::Text(self.string(path)?),
            Some(b'-' | b'0'..=b'9') => Value::Number(self.number(path)?),
            Some(_) => self.word(path)?,
            None => return Err(path.flaw(at, "the text ends where a value is due")),
        };
        Ok(Node { at, value })
    }

    fn word(&mut self, path: &Path<'_>) -> Result<Value, Flaw> {
        let words = [
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
            ("null", Value::Null),
        ];
        for (word, value) in words {
            if self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(path.flaw(self.at, "not a JSON value"))
    }

    /// RFC 8259 §6.
    fn number(&mut self, path: &Path<'_>) -> Result<String, Flaw> {
        let from = self.at;
        self.takes(b'-');
        if !self.takes(b'0') {
            self.digits(path)?;
        }
        if self.takes(b'.') {
            self.digits(path)?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if !self.takes(b'+') {
                self.takes(b'-');
            }
            self.digits(path)?;
        }
        Ok(self.text[from..self.at].to_owned())
    }

    fn digits(&mut self, path: &Path<'_>) -> Result<(), Flaw> {
        let from = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at > from {
            Ok(())
        } else {
            Err(path.flaw(from, "a digit is due here"))
        }
    }

    fn list(&mut self, path: &Path<'_>, depth: usize) -> Result<Value, Flaw> {
        self.at += 1;
        let mut items = Vec::new();
        self.blanks();
        if self.takes(b']') {
            return Ok(Value::List(items));
        }
        loop {
            items.push(self.value(&path.index(items.len()), depth + 1)?);
            self.blanks();
            if self.takes(b']') {
                return Ok(Value::List(items));
            }
            if !self.takes(b',') {
                return Err(path.flaw(self.at, "a comma or the end of the list is due here"));
            }
        }
    }

    fn object(&mut self, path: &Path<'_>, depth: usize) -> Result<Value, Flaw> {
        self.at += 1;
        let (mut members, mut seen) = (Vec::new(), HashSet::new());
        self.blanks();
        if self.takes(b'}') {
            return Ok(Value::Object(members));
        }
        loop {
            let member = self.member(path, depth)?;
            if !seen.insert(member.name.clone()) {
                let reason = "this member stands here twice; write it once";
                return Err(path.member(&member.name).flaw(member.at, reason));
            }
            members.push(member);
            self.blanks();
            if self.takes(b'}') {
                return Ok(Value::Object(members));
            }
            if !self.takes(b',') {
                return Err(path.flaw(self.at, "a comma or the end of the object is due here"));
            }
        }
    }

    fn member(&mut self, path: &Path<'_>, depth: usize) -> Result<Member, Flaw> {
        self.blanks();
        let at = self.at;
        if self.peek() != Some(b'"') {
            return Err(path.flaw(at, "a member's name in double quotes is due here"));
        }
        let name = self.string(path)?;
        self.blanks();
        if !self.takes(b':') {
            return Err(path.flaw(self.at, "a colon is due here"));
        }
        let node = self.value(&path.member(&name), depth + 1)?;
        Ok(Member { name, at, node })
    }
}
