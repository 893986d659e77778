//! The `prompt` parameter (OpenID Connect Core §3.1.2.1, Initiating User Registration §4).
//! Refuses unknown values, and `none` in any company.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What the server shall ask the user, whatever it knows already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    /// Nothing at all.
    None,
    /// To log in again.
    Login,
    /// To consent again.
    Consent,
    /// To choose an account.
    SelectAccount,
    /// To register.
    Create,
}

impl Prompt {
    fn from_name(name: &str) -> Option<Self> {
        match name {
            "none" => Some(Self::None),
            "login" => Some(Self::Login),
            "consent" => Some(Self::Consent),
            "select_account" => Some(Self::SelectAccount),
            "create" => Some(Self::Create),
            _ => None,
        }
    }
}

/// The prompts of one request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptSet(BTreeSet<Prompt>);

impl PromptSet {
    /// Reads the parameter; `None` when a value is unknown or `none` is not alone.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let set = text
            .split(' ')
            .map(Prompt::from_name)
            .collect::<Option<BTreeSet<_>>>()?;
        (set.len() == 1 || !set.contains(&Prompt::None)).then_some(Self(set))
    }

    /// Whether this is to be asked.
    #[must_use]
    pub fn contains(&self, prompt: Prompt) -> bool {
        self.0.contains(&prompt)
    }

    /// The same set without one prompt, for instance once it was answered.
    #[must_use]
    pub fn without(mut self, prompt: Prompt) -> Self {
        self.0.remove(&prompt);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_stands_alone() {
        assert!(PromptSet::parse("none").unwrap().contains(Prompt::None));
        for text in ["none login", "login none", "Login", "login  consent", "", "all"] {
            assert_eq!(PromptSet::parse(text), None, "{text}");
        }
    }

    #[test]
    fn answered_prompt_is_taken_out() {
        let set = PromptSet::parse("login consent").unwrap().without(Prompt::Login);
        assert!(!set.contains(Prompt::Login) && set.contains(Prompt::Consent));
    }
}
