//! A policy document: read once, asked often.
//! Refuses whatever could be read in two ways.

mod index;

use std::collections::HashSet;

pub(crate) use index::{ActionKey, Index};

use crate::effect::Effect;
use crate::grammar::{Flaw, GrammarError, MAX_DOCUMENT_BYTES, Path, shown};
use crate::json::{self, Node, Value};
use crate::statement::{Statement, statement};

/// A document, checked and compiled.
#[derive(Debug, Clone)]
pub struct Document {
    text: String,
    /// Whether `${…}` has a meaning: not in documents of 2008-10-17.
    pub(crate) variables: bool,
    pub(crate) statements: Vec<Statement>,
    pub(crate) index: Index,
}

impl Document {
    /// Reads a document of at most [`MAX_DOCUMENT_BYTES`].
    pub fn parse(text: &str) -> Result<Self, GrammarError> {
        Self::parse_bounded(text, MAX_DOCUMENT_BYTES)
    }

    /// Reads a document of at most `bytes`.
    pub fn parse_bounded(text: &str, bytes: usize) -> Result<Self, GrammarError> {
        read(text, bytes).map_err(|flaw| flaw.in_text(text))
    }

    /// The text it was read from.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether a statement of it denies: without the document, somebody may be allowed more.
    pub fn denies(&self) -> bool {
        self.statements.iter().any(|one| one.effect == Effect::Deny)
    }

    /// How many statements it has.
    pub fn len(&self) -> usize {
        self.statements.len()
    }

    /// Whether it has no statement; none does.
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }
}

fn read(text: &str, bytes: usize) -> Result<Document, Flaw> {
    let root = Path::root();
    if text.len() > bytes {
        let reason = format!("the document has {} bytes; {bytes} are allowed", text.len());
        return Err(root.flaw(0, reason));
    }
    let node = json::read(text)?;
    let Value::Object(members) = node.value else {
        return Err(root.flaw(
            node.at,
            format!("a document is an object, not {}", node.value.kind()),
        ));
    };
    let (mut variables, mut statements) = (None, None);
    for member in members {
        let path = root.member(&member.name);
        match member.name.as_str() {
            "Version" => variables = Some(version(&member.node, &path)?),
            "Id" => id(&member.node, &path)?,
            "Statement" => statements = Some(member.node),
            "Principal" => {
                let reason = "policies are attached to users and groups, and so name no principal";
                return Err(path.flaw(member.at, reason));
            }
            _ => {
                let reason = "unknown member; a document has Version, Id and Statement (case matters)";
                return Err(path.flaw(member.at, reason));
            }
        }
    }
    let variables = variables
        .ok_or_else(|| root.flaw(node.at, "Version is missing: write \"Version\": \"2012-10-17\""))?;
    let statements = statements.ok_or_else(|| root.flaw(node.at, "Statement is missing"))?;
    let statements = all_statements(statements, &root.member("Statement"), variables)?;
    Ok(Document {
        text: text.to_owned(),
        variables,
        index: Index::of(&statements),
        statements,
    })
}

/// Whether the version has variables.
fn version(node: &Node, path: &Path<'_>) -> Result<bool, Flaw> {
    match &node.value {
        Value::Text(text) if text == "2012-10-17" => Ok(true),
        Value::Text(text) if text == "2008-10-17" => Ok(false),
        _ => Err(path.flaw(
            node.at,
            "the versions are \"2012-10-17\" and, without variables, \"2008-10-17\"",
        )),
    }
}

fn id(node: &Node, path: &Path<'_>) -> Result<(), Flaw> {
    match &node.value {
        Value::Text(text) if !text.trim().is_empty() => Ok(()),
        _ => Err(path.flaw(node.at, "an Id is a string, not blank; leave it out")),
    }
}

fn all_statements(node: Node, path: &Path<'_>, variables: bool) -> Result<Vec<Statement>, Flaw> {
    let items = match node.value {
        Value::List(items) if items.is_empty() => {
            return Err(path.flaw(node.at, "an empty list of statements means nothing"));
        }
        Value::List(items) => items,
        value => return Ok(vec![statement(Node { at: node.at, value }, path, variables)?]),
    };
    let (mut all, mut sids) = (Vec::new(), HashSet::new());
    for (index, item) in items.into_iter().enumerate() {
        let (path, at) = (path.index(index), item.at);
        let read: Statement = statement(item, &path, variables)?;
        if let Some(sid) = &read.sid
            && !sids.insert(sid.clone())
        {
            let reason = format!("two statements have the Sid `{}`", shown(sid));
            return Err(path.member("Sid").flaw(at, reason));
        }
        all.push(read);
    }
    Ok(all)
}
