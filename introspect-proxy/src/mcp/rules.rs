//! Scopes by the name of the tool: every pattern that fits adds its scopes.
//! They refuse patterns that fit nothing.

use oauth::scope::ScopeSet;
use std::collections::BTreeMap;

/// The rules of one route.
#[derive(Clone, Debug, Default)]
pub struct ToolRules(Vec<(Box<str>, ScopeSet)>);

impl ToolRules {
    /// Reads the table of a route.
    ///
    /// # Errors
    /// A sentence for the person who wrote it.
    pub fn compile(table: &BTreeMap<String, Vec<String>>) -> Result<Self, String> {
        let compile = |(pattern, scopes): (&String, &Vec<String>)| {
            if pattern.is_empty() || pattern.len() > 128 || scopes.is_empty() {
                return Err(format!(
                    "mcp_tools: `{pattern}` needs a name and at least one scope"
                ));
            }
            let scopes = ScopeSet::parse(&scopes.join(" "))
                .map_err(|_| format!("mcp_tools.{pattern}: must be distinct scope names"))?;
            Ok((pattern.as_str().into(), scopes))
        };
        table.iter().map(compile).collect::<Result<_, _>>().map(Self)
    }

    /// Whether calls need not be looked at.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What these tools need, all of them.
    #[must_use]
    pub fn demand(&self, tools: &[impl AsRef<str>]) -> ScopeSet {
        let fits = |pattern: &str| {
            tools
                .iter()
                .any(|tool| matches(pattern.as_bytes(), tool.as_ref().as_bytes()))
        };
        let demanded = self.0.iter().filter(|(pattern, _)| fits(pattern));
        demanded.fold(ScopeSet::default(), |sum, (_, scopes)| sum.union(scopes))
    }

    /// What any tool needs: for whoever asks without showing the call.
    #[must_use]
    pub fn all(&self) -> ScopeSet {
        self.0
            .iter()
            .fold(ScopeSet::default(), |sum, (_, scopes)| sum.union(scopes))
    }
}

/// `*` stands for any text, also none; linear in time but for the last star.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut read) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while read < name.len() {
        if pattern.get(at) == Some(&b'*') {
            star = Some((at, read));
            at += 1;
        } else if pattern.get(at) == name.get(read) {
            at += 1;
            read += 1;
        } else if let Some((from, began)) = star {
            star = Some((from, began + 1));
            at = from + 1;
            read = began + 1;
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rules(pairs: &[(&str, &[&str])]) -> ToolRules {
        let own = |scopes: &[&str]| scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let table = pairs
            .iter()
            .map(|(pattern, scopes)| ((*pattern).to_owned(), own(scopes)));
        ToolRules::compile(&table.collect()).unwrap()
    }

    fn demand(rules: &ToolRules, tools: &[&str]) -> String {
        let tools: Vec<_> = tools.iter().map(|tool| (*tool).to_owned()).collect();
        rules.demand(&tools).to_string()
    }

    #[test]
    fn every_pattern_that_fits_adds_its_scopes() {
        let rules = rules(&[
            ("*", &["tools"]),
            ("delete_*", &["files:delete"]),
            ("delete_all", &["root"]),
        ]);
        assert_eq!(demand(&rules, &["read"]), "tools");
        assert_eq!(demand(&rules, &["delete_one"]), "files:delete tools");
        assert_eq!(demand(&rules, &["read", "delete_all"]), "files:delete root tools");
        assert_eq!(demand(&rules, &[] as &[&str]), "");
        assert_eq!(rules.all().to_string(), "files:delete root tools");
    }

    #[test]
    fn rules_without_scopes_or_with_broken_ones_are_refused() {
        for scopes in [
            vec![],
            vec!["a b".to_owned(), "a".to_owned()],
            vec!["\"".to_owned()],
        ] {
            assert!(ToolRules::compile(&BTreeMap::from([("x".to_owned(), scopes)])).is_err());
        }
    }

    proptest! {
        #[test]
        fn a_star_stands_for_any_text(before in "[ab]{0,6}", middle in "[ab]{0,9}", after in "[ab]{0,6}") {
            let name = format!("{before}{middle}{after}");
            let pattern = format!("{before}*{after}");
            prop_assert!(matches(pattern.as_bytes(), name.as_bytes()));
            prop_assert!(matches(name.as_bytes(), name.as_bytes()));
            let longer = format!("{name}a");
            prop_assert!(!matches(name.as_bytes(), longer.as_bytes()));
        }
    }
}
