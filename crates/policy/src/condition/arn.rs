//! ARNs as patterns: each of the six parts is compared for itself.
//! What a variable stands for never spans two parts.

use crate::context::Context;
use crate::pattern::{Match, Pattern, Rules, Token};

const PARTS: usize = 6;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ArnPattern {
    Parts(Vec<Pattern>),
    /// A single variable that stands for a whole ARN, or `*`.
    Whole(Pattern),
}

impl ArnPattern {
    pub(super) fn parse(text: &str, variables: bool) -> Result<Self, String> {
        let rules = Rules {
            wildcards: true,
            variables,
            fold: false,
        };
        let whole = Pattern::parse(text, rules)?;
        if matches!(whole.tokens.as_slice(), [Token::Variable(_) | Token::Many]) {
            return Ok(Self::Whole(whole));
        }
        let parts = split(&whole.tokens);
        if parts.len() < PARTS {
            return Err("an ARN has six parts: arn:partition:service:region:account:resource".to_owned());
        }
        let part = |tokens| Pattern::new(tokens, false);
        Ok(Self::Parts(parts.into_iter().map(part).collect()))
    }

    pub(super) fn has_variables(&self) -> bool {
        match self {
            Self::Parts(parts) => parts.iter().any(Pattern::has_variables),
            Self::Whole(pattern) => pattern.has_variables(),
        }
    }

    /// The keys of its variables.
    pub(super) fn variables(&self) -> impl Iterator<Item = &str> {
        let patterns = match self {
            Self::Parts(parts) => parts.as_slice(),
            Self::Whole(pattern) => std::slice::from_ref(pattern),
        };
        patterns.iter().flat_map(Pattern::variables)
    }

    pub(super) fn matches(&self, value: &str, context: &Context) -> Match {
        if value.splitn(PARTS, ':').count() < PARTS {
            return Match::No;
        }
        match self {
            Self::Whole(pattern) => pattern.matches(value, context),
            Self::Parts(parts) => {
                let each = parts.iter().zip(value.splitn(PARTS, ':'));
                let mut verdict = Match::Yes;
                for (part, text) in each {
                    match part.matches(text, context) {
                        Match::No => return Match::No,
                        Match::Unresolved => verdict = Match::Unresolved,
                        Match::Yes => {}
                    }
                }
                verdict
            }
        }
    }
}

/// The tokens between the first five colons of the text, and all that follows.
fn split(tokens: &[Token]) -> Vec<Vec<Token>> {
    let mut parts: Vec<Vec<Token>> = vec![Vec::new()];
    for token in tokens {
        let Token::Text(text) = token else {
            parts
                .last_mut()
                .into_iter()
                .for_each(|part| part.push(token.clone()));
            continue;
        };
        let left = PARTS - parts.len() + 1;
        for (index, piece) in text.splitn(left, ':').enumerate() {
            if index > 0 {
                parts.push(Vec::new());
            }
            if !piece.is_empty() {
                let piece = Token::Text(piece.to_owned());
                parts
                    .last_mut()
                    .into_iter()
                    .for_each(|part| part.push(piece.clone()));
            }
        }
    }
    parts
}
