//! Reads wildcards, variables and escapes.
//! Refuses variables nobody defines.

use super::{Pattern, Token, Variable};
use crate::key;

/// What has a meaning in a text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    /// `*` and `?` are wildcards.
    pub(crate) wildcards: bool,
    /// `${…}` is a variable or an escape; not in documents of 2008-10-17.
    pub(crate) variables: bool,
    /// Case does not matter.
    pub(crate) fold: bool,
}

impl Pattern {
    /// Reads `text`; the error tells what is wrong with it.
    pub(crate) fn parse(text: &str, rules: Rules) -> Result<Self, String> {
        let mut pieces = Pieces::default();
        let mut rest = text;
        while let Some(next) = rest.chars().next() {
            if rules.variables && rest.starts_with("${") {
                rest = pieces.reference(&rest[2..], rules.fold)?;
                continue;
            }
            match next {
                '*' if rules.wildcards => pieces.many(),
                '?' if rules.wildcards => pieces.token(Token::One),
                _ if rules.fold => pieces.text.extend(next.to_lowercase()),
                _ => pieces.text.push(next),
            }
            rest = &rest[next.len_utf8()..];
        }
        pieces.flush();
        Ok(Self {
            written: text.to_owned(),
            ..Self::new(pieces.tokens, rules.fold)
        })
    }
}

#[derive(Default)]
struct Pieces {
    tokens: Vec<Token>,
    text: String,
}

impl Pieces {
    fn flush(&mut self) {
        if !self.text.is_empty() {
            self.tokens.push(Token::Text(std::mem::take(&mut self.text)));
        }
    }

    fn token(&mut self, token: Token) {
        self.flush();
        self.tokens.push(token);
    }

    /// `**` says no more than `*`.
    fn many(&mut self) {
        self.flush();
        if self.tokens.last() != Some(&Token::Many) {
            self.tokens.push(Token::Many);
        }
    }

    /// What stands behind `${`; returns what follows the closing brace.
    fn reference<'t>(&mut self, rest: &'t str, fold: bool) -> Result<&'t str, String> {
        for escaped in ['*', '?', '$'] {
            let behind = rest.strip_prefix(escaped);
            if let Some(rest) = behind.and_then(|rest| rest.strip_prefix('}')) {
                self.text.push(escaped);
                return Ok(rest);
            }
        }
        let end = rest.find(['}', ',']).ok_or("`${` without its `}`")?;
        let name = rest[..end].trim();
        let key = key::variable(name)?;
        let (default, rest) = if rest[end..].starts_with('}') {
            (None, &rest[end + 1..])
        } else {
            let (default, rest) = default_value(&rest[end + 1..])?;
            (Some(default), rest)
        };
        let default = default.map(|text| {
            if fold {
                text.to_lowercase()
            } else {
                text.to_owned()
            }
        });
        self.token(Token::Variable(Variable { key, default }));
        Ok(rest)
    }
}

fn default_value(rest: &str) -> Result<(&str, &str), String> {
    let shape = "a default is written as `${key, 'value'}`";
    let quoted = rest.trim_start().strip_prefix('\'').ok_or(shape)?;
    let (value, rest) = quoted.split_once('\'').ok_or(shape)?;
    let rest = rest.trim_start().strip_prefix('}').ok_or(shape)?;
    if value.is_empty() {
        return Err("the default of a variable is blank".to_owned());
    }
    Ok((value, rest))
}
