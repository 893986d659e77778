//! Texts of a policy with wildcards and variables.
//! What a variable stands for is never itself a pattern.

mod glob;
mod parse;
mod segment;
mod subsume;

pub(crate) use glob::Glob;
pub(crate) use parse::Rules;

use crate::context::Context;

/// One piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    Text(String),
    /// `?`
    One,
    /// `*`
    Many,
    Variable(Variable),
}

/// `${key}` or `${key, 'default'}`; the key is in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Variable {
    pub(crate) key: String,
    pub(crate) default: Option<String>,
}

/// A pattern, compiled unless it has variables.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    pub(crate) tokens: Vec<Token>,
    /// As the document writes it; blank for a part of a pattern.
    pub(crate) written: String,
    fold: bool,
    fixed: Option<Glob>,
}

/// What became of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Match {
    Yes,
    No,
    /// A variable has no value and no default, so there was nothing to compare with.
    Unresolved,
}

impl From<bool> for Match {
    fn from(matched: bool) -> Self {
        if matched { Self::Yes } else { Self::No }
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.fold == other.fold && self.tokens == other.tokens
    }
}

impl Eq for Pattern {}

impl Pattern {
    pub(crate) fn new(tokens: Vec<Token>, fold: bool) -> Self {
        let variable = tokens.iter().any(|token| matches!(token, Token::Variable(_)));
        let fixed = (!variable).then(|| Glob::compile(&tokens));
        Self {
            tokens,
            written: String::new(),
            fold,
            fixed,
        }
    }

    pub(crate) fn has_variables(&self) -> bool {
        self.fixed.is_none()
    }

    /// The keys of its variables.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &str> {
        self.tokens.iter().filter_map(|token| match token {
            Token::Variable(variable) => Some(variable.key.as_str()),
            Token::Text(_) | Token::One | Token::Many => None,
        })
    }

    /// Whether this matches every text.
    pub(crate) fn is_everything(&self) -> bool {
        self.tokens == [Token::Many]
    }

    /// The one text this matches, where it is plain.
    pub(crate) fn plain(&self) -> Option<&str> {
        match self.tokens.as_slice() {
            [Token::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether `text` matches; a folded pattern takes its text in lower case.
    pub(crate) fn matches(&self, text: &str, context: &Context) -> Match {
        if let Some(glob) = &self.fixed {
            return glob.matches(text).into();
        }
        match self.resolve(context) {
            Some(glob) => glob.matches(text).into(),
            None => Match::Unresolved,
        }
    }

    pub(crate) fn folds(&self) -> bool {
        self.fold
    }

    fn resolve(&self, context: &Context) -> Option<Glob> {
        let mut tokens = Vec::with_capacity(self.tokens.len());
        for token in &self.tokens {
            tokens.push(match token {
                Token::Variable(variable) => {
                    let value = context.single(&variable.key);
                    let value = value.or(variable.default.as_deref())?;
                    Token::Text(if self.fold {
                        value.to_lowercase()
                    } else {
                        value.to_owned()
                    })
                }
                other => other.clone(),
            });
        }
        Some(Glob::compile(&tokens))
    }
}
