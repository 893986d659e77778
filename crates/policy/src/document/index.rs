//! Finds the statements that may concern an action without looking at the others.
//! Never leaves one out that concerns it.

use std::collections::HashMap;

use crate::pattern::{Pattern, Token};
use crate::statement::Statement;

/// Statements by the actions they name; each stands in one list at most for any one action.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    actions: HashMap<String, Vec<usize>>,
    services: HashMap<String, Vec<usize>>,
    /// Those with wildcards before the colon, and with `NotAction`.
    rest: Vec<usize>,
}

impl Index {
    pub(crate) fn of(statements: &[Statement]) -> Self {
        let mut index = Self::default();
        for (at, statement) in statements.iter().enumerate() {
            index.insert(at, statement);
        }
        index
    }

    /// The statements that may concern this action, in lower case.
    pub(crate) fn candidates(&self, action: &str) -> impl Iterator<Item = usize> {
        let service = action.split(':').next().unwrap_or_default();
        let exact = self.actions.get(action).map_or(&[][..], Vec::as_slice);
        let services = self.services.get(service).map_or(&[][..], Vec::as_slice);
        exact.iter().chain(services).chain(&self.rest).copied()
    }

    fn insert(&mut self, at: usize, statement: &Statement) {
        let actions = &statement.actions;
        let open = |pattern: &Pattern| pattern.plain().is_none() && service(pattern).is_none();
        if actions.not || actions.any.iter().any(open) {
            self.rest.push(at);
            return;
        }
        let wild = actions.any.iter().filter(|pattern| pattern.plain().is_none());
        let mut wild: Vec<&str> = wild.filter_map(service).collect();
        wild.sort_unstable();
        wild.dedup();
        for name in &wild {
            self.services.entry((*name).to_owned()).or_default().push(at);
        }
        for action in actions.any.iter().filter_map(Pattern::plain) {
            let service = action.split(':').next().unwrap_or_default();
            let list = self.actions.entry(action.to_owned()).or_default();
            if !wild.contains(&service) && list.last() != Some(&at) {
                list.push(at);
            }
        }
    }
}

/// The service a pattern names in full.
fn service(pattern: &Pattern) -> Option<&str> {
    match pattern.tokens.first() {
        Some(Token::Text(text)) => text.split_once(':').map(|(service, _)| service),
        _ => None,
    }
}
