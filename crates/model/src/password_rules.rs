//! What an account asks of its users' passwords.
//! Refuses figures that would lock everybody out or mean nothing.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::password::{MAX_BYTES, Password};

pub const SHORTEST: u32 = 8;
pub const LONGEST: u32 = 128;
/// The most passwords back that are compared: each costs a slow hash.
pub const MOST_REMEMBERED: u32 = 24;
/// The longest age, three years.
pub const OLDEST_DAYS: u32 = 1095;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct PasswordRules {
    /// In characters.
    pub min_length: u32,
    pub require_uppercase: bool,
    pub require_lowercase: bool,
    pub require_number: bool,
    pub require_symbol: bool,
    /// Days after which a password has to be changed; 0: never.
    pub max_age_days: u32,
    /// How many passwords back, the present one among them, may not be taken again.
    pub prevent_reuse: u32,
    /// Whether only an administrator may replace a password that is too old.
    pub hard_expiry: bool,
}

impl Default for PasswordRules {
    fn default() -> Self {
        Self {
            min_length: SHORTEST,
            require_uppercase: false,
            require_lowercase: false,
            require_number: false,
            require_symbol: false,
            max_age_days: 0,
            prevent_reuse: 0,
            hard_expiry: false,
        }
    }
}

/// A rule that a password does not keep.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BrokenRule {
    MinLength,
    RequireUppercase,
    RequireLowercase,
    RequireNumber,
    RequireSymbol,
    PreventReuse,
    /// More bytes than are hashed.
    TooLong,
    /// Among those that are tried first, or made of the user's own names.
    Guessable,
}

impl BrokenRule {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MinLength => "min_length",
            Self::RequireUppercase => "require_uppercase",
            Self::RequireLowercase => "require_lowercase",
            Self::RequireNumber => "require_number",
            Self::RequireSymbol => "require_symbol",
            Self::PreventReuse => "prevent_reuse",
            Self::TooLong => "too_long",
            Self::Guessable => "guessable",
        }
    }

    /// What the password would have to be.
    pub fn demand(self, rules: &PasswordRules) -> String {
        match self {
            Self::MinLength => format!("have at least {} characters", rules.min_length),
            Self::RequireUppercase => "have a capital letter".to_owned(),
            Self::RequireLowercase => "have a small letter".to_owned(),
            Self::RequireNumber => "have a digit".to_owned(),
            Self::RequireSymbol => "have a symbol".to_owned(),
            Self::PreventReuse if rules.prevent_reuse == 1 => "differ from the one before".to_owned(),
            Self::PreventReuse => format!("differ from the last {}", rules.prevent_reuse),
            Self::TooLong => format!("have at most {MAX_BYTES} bytes"),
            Self::Guessable => "be harder to guess".to_owned(),
        }
    }
}

/// How old a password is by the rules.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PasswordAge {
    Good,
    /// Its owner has to change it.
    Expired,
    /// Only an administrator can replace it.
    HardExpired,
}

impl PasswordRules {
    /// The fields whose figures are out of range, with what is allowed.
    pub fn problems(&self) -> Vec<(&'static str, &'static str)> {
        let mut problems = Vec::new();
        if !(SHORTEST..=LONGEST).contains(&self.min_length) {
            problems.push(("min_length", "must be between 8 and 128"));
        }
        if self.max_age_days > OLDEST_DAYS {
            problems.push(("max_age_days", "must be between 0 and 1095"));
        }
        if self.prevent_reuse > MOST_REMEMBERED {
            problems.push(("prevent_reuse", "must be between 0 and 24"));
        }
        problems
    }

    /// Every rule that the password itself does not keep; whether it was used before is not known here.
    pub fn broken_by(&self, password: &Password) -> Vec<BrokenRule> {
        let has = |is: fn(char) -> bool| password.expose().chars().any(is);
        let too_short = password.characters() < self.min_length as usize;
        let rules = [
            (too_short, BrokenRule::MinLength),
            (
                self.require_uppercase && !has(char::is_uppercase),
                BrokenRule::RequireUppercase,
            ),
            (
                self.require_lowercase && !has(char::is_lowercase),
                BrokenRule::RequireLowercase,
            ),
            (
                self.require_number && !has(char::is_numeric),
                BrokenRule::RequireNumber,
            ),
            (self.require_symbol && !has(is_symbol), BrokenRule::RequireSymbol),
        ];
        rules
            .into_iter()
            .filter_map(|(broken, rule)| broken.then_some(rule))
            .collect()
    }

    /// Whether a password that was set then may still be used.
    pub fn age(&self, set_at: Option<Timestamp>, now: Timestamp) -> PasswordAge {
        let limit = DAY * self.max_age_days;
        let is_old = set_at.is_some_and(|at| now >= at.plus(limit));
        match (self.max_age_days > 0 && is_old, self.hard_expiry) {
            (false, _) => PasswordAge::Good,
            (true, false) => PasswordAge::Expired,
            (true, true) => PasswordAge::HardExpired,
        }
    }
}

fn is_symbol(symbol: char) -> bool {
    !symbol.is_alphanumeric() && !symbol.is_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: PasswordRules = PasswordRules {
        min_length: 12,
        require_uppercase: true,
        require_lowercase: true,
        require_number: true,
        require_symbol: true,
        max_age_days: 90,
        prevent_reuse: 5,
        hard_expiry: false,
    };

    fn broken(text: &str) -> Vec<BrokenRule> {
        ALL.broken_by(&Password::new(text).unwrap())
    }

    #[test]
    fn every_rule_that_failed_is_named() {
        use BrokenRule::{MinLength, RequireLowercase, RequireNumber, RequireSymbol, RequireUppercase};
        assert_eq!(broken("Correct-Horse-9"), []);
        assert_eq!(
            broken("        "),
            [
                MinLength,
                RequireUppercase,
                RequireLowercase,
                RequireNumber,
                RequireSymbol
            ]
        );
        assert_eq!(broken("correct-horse-nine"), [RequireUppercase, RequireNumber]);
        assert_eq!(broken("Übung-macht-Meister-٣"), []);
    }

    #[test]
    fn age_counts_from_when_it_was_set() {
        let set = Timestamp::from_seconds(1_000_000);
        let day = |days: u32| set.plus(DAY * days);
        assert_eq!(ALL.age(Some(set), day(89)), PasswordAge::Good);
        assert_eq!(ALL.age(Some(set), day(90)), PasswordAge::Expired);
        let hard = PasswordRules {
            hard_expiry: true,
            ..ALL
        };
        assert_eq!(hard.age(Some(set), day(90)), PasswordAge::HardExpired);
        let never = PasswordRules {
            max_age_days: 0,
            ..hard
        };
        assert_eq!(never.age(Some(set), day(5000)), PasswordAge::Good);
        assert_eq!(ALL.age(None, day(5000)), PasswordAge::Good);
    }

    #[test]
    fn figures_out_of_range_are_named() {
        assert_eq!(PasswordRules::default().problems(), []);
        let wrong = PasswordRules {
            min_length: 7,
            max_age_days: 1096,
            prevent_reuse: 25,
            ..PasswordRules::default()
        };
        let fields: Vec<_> = wrong.problems().into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["min_length", "max_age_days", "prevent_reuse"]);
    }
}
