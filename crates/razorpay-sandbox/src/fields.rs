//! The members of a request, read one by one with Razorpay's rules.
//! Refuses unknown members: the original does, and a misspelt one is noticed.

use serde_json::{Map, Value};

use crate::notes::Notes;
use crate::problem::Problem;

/// The most that one payment may be, in minor units.
pub(crate) const MOST_AMOUNT: i64 = 100_000_000_000;
/// The least that one payment may be.
pub(crate) const LEAST_AMOUNT: i64 = 100;

const CURRENCIES: [&str; 12] = [
    "INR", "USD", "EUR", "GBP", "SGD", "AED", "AUD", "CAD", "CHF", "HKD", "MYR", "SEK",
];

pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    pub(crate) fn new(members: Map<String, Value>) -> Self {
        Self(members)
    }

    /// No other members than these.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), Problem> {
        match self.0.keys().find(|name| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some(name) => {
                let description = format!("{name} is/are not required and should not be sent");
                Err(Problem::input(name, description))
            }
        }
    }

    /// A member that is there and not null.
    fn present(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// A text of at most so many characters.
    pub(crate) fn text(&self, name: &str, most: usize) -> Result<Option<String>, Problem> {
        let text = match self.present(name) {
            None => return Ok(None),
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            Some(_) => return Err(Problem::input(name, format!("The {name} must be a string."))),
        };
        if text.chars().count() > most {
            let description = format!("The {name} may not be greater than {most} characters.");
            return Err(Problem::input(name, description));
        }
        Ok(Some(text))
    }

    pub(crate) fn required_text(&self, name: &str, most: usize) -> Result<String, Problem> {
        let text = self.text(name, most)?.filter(|text| !text.is_empty());
        text.ok_or_else(|| required(name))
    }

    /// A whole number; the clients may write it as digits in a text.
    pub(crate) fn number(&self, name: &str) -> Result<Option<i64>, Problem> {
        let number = match self.present(name) {
            None => return Ok(None),
            Some(Value::Number(number)) => number.as_i64(),
            Some(Value::String(text)) => text.parse().ok(),
            Some(_) => None,
        };
        let problem = || Problem::input(name, format!("The {name} must be an integer."));
        number.map(Some).ok_or_else(problem)
    }

    pub(crate) fn number_within(&self, name: &str, least: i64, most: i64) -> Result<Option<i64>, Problem> {
        let number = self.number(name)?;
        match number {
            Some(number) if number < least => Err(Problem::input(
                name,
                format!("The {name} must be at least {least}."),
            )),
            Some(number) if number > most => {
                let description = format!("The {name} may not be greater than {most}.");
                Err(Problem::input(name, description))
            }
            within => Ok(within),
        }
    }

    /// An amount in minor units, not below `least`.
    pub(crate) fn amount(&self, name: &str, least: i64) -> Result<Option<i64>, Problem> {
        let amount = self.number(name)?;
        match amount {
            Some(amount) if amount < least => Err(Problem::input(
                name,
                "Order amount less than minimum amount allowed",
            )),
            Some(amount) if amount > MOST_AMOUNT => {
                Err(Problem::input(name, "Amount exceeds maximum amount allowed."))
            }
            within => Ok(within),
        }
    }

    pub(crate) fn required_amount(&self, name: &str, least: i64) -> Result<i64, Problem> {
        self.amount(name, least)?.ok_or_else(|| required(name))
    }

    pub(crate) fn currency(&self, name: &str) -> Result<String, Problem> {
        let currency = self.required_text(name, 3)?;
        if CURRENCIES.contains(&currency.as_str()) {
            return Ok(currency);
        }
        Err(Problem::input(name, "Currency is not supported"))
    }

    /// true, false, 1 or 0, also in quotes.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, Problem> {
        let text = match self.present(name) {
            None => return Ok(None),
            Some(Value::Bool(flag)) => return Ok(Some(*flag)),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        match text.as_str() {
            "1" | "true" => Ok(Some(true)),
            "0" | "false" => Ok(Some(false)),
            _ => Err(Problem::input(
                name,
                format!("The {name} field must be true or false."),
            )),
        }
    }

    /// One of these words.
    pub(crate) fn word(&self, name: &str, words: &[&str]) -> Result<Option<String>, Problem> {
        let text = self.text(name, 40)?;
        match text {
            Some(text) if !words.contains(&text.as_str()) => {
                Err(Problem::input(name, format!("The selected {name} is invalid.")))
            }
            known => Ok(known),
        }
    }

    pub(crate) fn notes(&self) -> Result<Notes, Problem> {
        self.present("notes")
            .map_or_else(|| Ok(Notes::default()), Notes::read)
    }

    /// The members of a member.
    pub(crate) fn object(&self, name: &str) -> Result<Option<Self>, Problem> {
        match self.present(name) {
            None => Ok(None),
            Some(Value::Object(members)) => Ok(Some(Self(members.clone()))),
            Some(_) => Err(Problem::input(name, format!("The {name} must be an array."))),
        }
    }
}

pub(crate) fn required(name: &str) -> Problem {
    Problem::input(name, format!("The {name} field is required."))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(value: &Value) -> Fields {
        Fields::new(value.as_object().unwrap().clone())
    }

    #[test]
    fn amounts_are_whole_numbers_within_bounds() {
        let good = fields(&json!({"a": 100, "b": "100"}));
        assert_eq!(good.amount("a", 100), Ok(Some(100)));
        assert_eq!(good.amount("b", 100), Ok(Some(100)));
        assert_eq!(good.amount("c", 100), Ok(None));
        let bad = json!({"a": 10.5, "b": "1e3", "c": 99, "d": 100_000_000_001_i64, "e": true, "f": [1], "g": -5, "h": 1e30});
        let bad = fields(&bad);
        for name in ["a", "b", "c", "d", "e", "f", "g", "h"] {
            assert!(bad.amount(name, 100).is_err(), "{name}");
        }
    }

    #[test]
    fn unknown_members_are_named() {
        let problem = fields(&json!({"amount": 1, "ammount": 2}))
            .only(&["amount"])
            .unwrap_err();
        assert_eq!(problem.body()["error"]["field"], "ammount");
    }

    #[test]
    fn flags_come_in_six_spellings() {
        let found = fields(&json!({"a": true, "b": 1, "c": "1", "d": false, "e": 0, "f": "0", "g": "yes"}));
        for name in ["a", "b", "c"] {
            assert_eq!(found.flag(name), Ok(Some(true)));
        }
        for name in ["d", "e", "f"] {
            assert_eq!(found.flag(name), Ok(Some(false)));
        }
        assert!(found.flag("g").is_err());
    }
}
