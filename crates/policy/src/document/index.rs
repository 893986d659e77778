//! Finds the statements that may concern an action without looking at the others.
//! Never leaves one out that concerns it; may name one too many, which is asked and says no.

use crate::pattern::{Pattern, Token};
use crate::statement::Statement;

/// Statements by the digests of the actions and services they name. Each is found once at most for any one action.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    actions: Vec<(u64, usize)>,
    services: Vec<(u64, usize)>,
    /// Those with wildcards before the colon, and with `NotAction`.
    rest: Vec<usize>,
}

/// An action of a request, made once for all documents.
#[derive(Debug)]
pub(crate) struct ActionKey {
    /// In lower case.
    pub(crate) text: String,
    action: u64,
    service: u64,
}

impl ActionKey {
    pub(crate) fn of(action: &str) -> Self {
        let text = action.to_ascii_lowercase();
        Self {
            action: digest(&text),
            service: digest(service_of(&text)),
            text,
        }
    }
}

impl Index {
    pub(crate) fn of(statements: &[Statement]) -> Self {
        let mut index = Self::default();
        for (at, statement) in statements.iter().enumerate() {
            index.insert(at, statement);
        }
        for list in [&mut index.actions, &mut index.services] {
            list.sort_unstable();
            list.dedup();
        }
        index
    }

    /// The statements that may concern this action.
    pub(crate) fn candidates(&self, key: &ActionKey) -> impl Iterator<Item = usize> {
        let exact = run(&self.actions, key.action);
        let services = run(&self.services, key.service);
        exact.chain(services).chain(self.rest.iter().copied())
    }

    fn insert(&mut self, at: usize, statement: &Statement) {
        let actions = &statement.actions;
        let open = |pattern: &Pattern| pattern.plain().is_none() && service(pattern).is_none();
        if actions.not || actions.any.iter().any(open) {
            self.rest.push(at);
            return;
        }
        let wild = actions.any.iter().filter(|pattern| pattern.plain().is_none());
        let wild: Vec<u64> = wild.filter_map(service).map(digest).collect();
        self.services.extend(wild.iter().map(|service| (*service, at)));
        let plain = actions.any.iter().filter_map(Pattern::plain);
        let alone = plain.filter(|action| !wild.contains(&digest(service_of(action))));
        self.actions.extend(alone.map(|action| (digest(action), at)));
    }
}

fn run(list: &[(u64, usize)], wanted: u64) -> impl Iterator<Item = usize> {
    let from = list.partition_point(|(digest, _)| *digest < wanted);
    let same = list[from..]
        .iter()
        .take_while(move |(digest, _)| *digest == wanted);
    same.map(|(_, at)| *at)
}

fn service_of(action: &str) -> &str {
    action.split(':').next().unwrap_or_default()
}

/// The service a pattern names in full.
fn service(pattern: &Pattern) -> Option<&str> {
    match pattern.tokens.first() {
        Some(Token::Text(text)) => text.split_once(':').map(|(service, _)| service),
        _ => None,
    }
}

/// FNV-1a: quick, and the same everywhere. Whoever finds two texts of one digest only makes his own policies slower.
fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |digest, byte| {
        (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
