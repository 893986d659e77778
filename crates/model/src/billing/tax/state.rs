//! States and union territories by the codes that GST knows them by.
//! Refuses the codes that are no more given: 25 (Daman and Diu, now 26) and 28 (Andhra Pradesh before its division).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A place of supply.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct State(u8);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the two-digit code of a state or union territory")]
pub struct StateError;

/// 96 stands for places outside India, 97 for India's waters and zones that belong to no state.
const TABLE: [(u8, &str); 38] = [
    (1, "Jammu and Kashmir"),
    (2, "Himachal Pradesh"),
    (3, "Punjab"),
    (4, "Chandigarh"),
    (5, "Uttarakhand"),
    (6, "Haryana"),
    (7, "Delhi"),
    (8, "Rajasthan"),
    (9, "Uttar Pradesh"),
    (10, "Bihar"),
    (11, "Sikkim"),
    (12, "Arunachal Pradesh"),
    (13, "Nagaland"),
    (14, "Manipur"),
    (15, "Mizoram"),
    (16, "Tripura"),
    (17, "Meghalaya"),
    (18, "Assam"),
    (19, "West Bengal"),
    (20, "Jharkhand"),
    (21, "Odisha"),
    (22, "Chhattisgarh"),
    (23, "Madhya Pradesh"),
    (24, "Gujarat"),
    (26, "Dadra and Nagar Haveli and Daman and Diu"),
    (27, "Maharashtra"),
    (29, "Karnataka"),
    (30, "Goa"),
    (31, "Lakshadweep"),
    (32, "Kerala"),
    (33, "Tamil Nadu"),
    (34, "Puducherry"),
    (35, "Andaman and Nicobar Islands"),
    (36, "Telangana"),
    (37, "Andhra Pradesh"),
    (38, "Ladakh"),
    (96, "Other country"),
    (97, "Other territory"),
];

/// Union territories without a legislature: their own tax is called UTGST (UTGST Act, section 1).
const WITHOUT_LEGISLATURE: [u8; 6] = [4, 26, 31, 35, 38, 97];

impl State {
    pub const OTHER_COUNTRY: Self = Self(96);

    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|(code, _)| Self(*code))
    }

    pub fn from_code(code: u8) -> Option<Self> {
        let known = TABLE.iter().any(|(one, _)| *one == code);
        known.then_some(Self(code))
    }

    pub fn name(self) -> &'static str {
        let found = TABLE.iter().find(|(code, _)| *code == self.0);
        found.map_or("", |(_, name)| name)
    }

    /// What the tax beside the central one is called within it.
    pub fn own_tax(self) -> &'static str {
        if WITHOUT_LEGISLATURE.contains(&self.0) {
            "UTGST"
        } else {
            "SGST"
        }
    }

    /// Whether somebody can be registered in it.
    pub fn registers(self) -> bool {
        self != Self::OTHER_COUNTRY
    }
}

impl FromStr for State {
    type Err = StateError;

    fn from_str(text: &str) -> Result<Self, StateError> {
        let two_digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        let code = two_digits.then(|| text.parse().ok()).flatten();
        code.and_then(Self::from_code).ok_or(StateError)
    }
}

impl TryFrom<String> for State {
    type Error = StateError;
    fn try_from(text: String) -> Result<Self, StateError> {
        text.parse()
    }
}
impl From<State> for String {
    fn from(state: State) -> Self {
        state.to_string()
    }
}
/// The code, with two digits.
impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}", self.0)
    }
}
impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02} {}", self.0, self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_28_states_and_8_union_territories_and_two_other_places() {
        assert_eq!(State::all().count(), 28 + 8 + 2);
        for state in State::all() {
            assert_eq!(state.to_string().parse(), Ok(state));
            assert!(!state.name().is_empty());
        }
        for wrong in ["", "7", "007", "25", "28", "39", "98", "+7", " 7", "२७"] {
            assert_eq!(wrong.parse::<State>(), Err(StateError), "{wrong}");
        }
    }

    #[test]
    fn territories_without_a_legislature_have_a_tax_of_another_name() {
        let tax = |code: &str| code.parse::<State>().unwrap().own_tax();
        assert_eq!(["07", "34", "01", "27"].map(tax), ["SGST"; 4]);
        assert_eq!(["04", "26", "31", "35", "38"].map(tax), ["UTGST"; 5]);
    }
}
