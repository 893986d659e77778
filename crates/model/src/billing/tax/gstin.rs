//! GSTIN: the number somebody is registered for GST by.
//! Refuses other shapes than that of regular taxpayers (no UIN of embassies, no deductors), and a wrong check digit.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::State;

/// State (2), PAN (10), number of the registration, `Z`, check digit; capital letters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Gstin {
    text: [u8; 15],
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GstinError {
    #[error("must have 15 letters and digits, as 27AAPFU0939F1ZV has")]
    Shape,
    #[error("does not begin with the code of a state")]
    State,
    #[error("has a wrong check digit: please look for a typing error")]
    CheckDigit,
}

/// Holders that a PAN can have, its fourth letter: companies, persons, families, firms and so on.
const HOLDERS: &[u8] = b"ABCFGHJLPT";

impl Gstin {
    pub const fn state(&self) -> State {
        self.state
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.text).unwrap_or("")
    }
}

fn value(byte: u8) -> Option<u32> {
    match byte {
        b'0'..=b'9' => Some(u32::from(byte - b'0')),
        b'A'..=b'Z' => Some(u32::from(byte - b'A') + 10),
        _ => None,
    }
}

/// The check digit of the characters before it: their values base 36, each second one doubled, the digits of each product
/// added, and what is missing to a multiple of 36.
fn check_digit(before: &[u8]) -> Option<u8> {
    let mut sum = 0;
    for (place, byte) in before.iter().enumerate() {
        let product = value(*byte)? * if place % 2 == 0 { 1 } else { 2 };
        sum += product / 36 + product % 36;
    }
    let digit = u8::try_from((36 - sum % 36) % 36).ok()?;
    Some(if digit < 10 {
        b'0' + digit
    } else {
        b'A' + digit - 10
    })
}

fn is_pan(pan: &[u8]) -> bool {
    let shaped = |(place, byte): (usize, &u8)| match place {
        5..=8 => byte.is_ascii_digit(),
        _ => byte.is_ascii_uppercase(),
    };
    pan.iter().enumerate().all(shaped) && pan.get(3).is_some_and(|holder| HOLDERS.contains(holder))
}

impl FromStr for Gstin {
    type Err = GstinError;

    /// Small letters and blanks around are forgiven.
    fn from_str(text: &str) -> Result<Self, GstinError> {
        let text = text.trim().to_ascii_uppercase();
        let text: [u8; 15] = text.as_bytes().try_into().map_err(|_| GstinError::Shape)?;
        let [s1, s2, rest @ ..] = text;
        let entity = rest[10];
        let shaped = is_pan(&rest[..10])
            && entity != b'0'
            && value(entity).is_some()
            && rest[11] == b'Z'
            && value(rest[12]).is_some()
            && s1.is_ascii_digit()
            && s2.is_ascii_digit();
        if !shaped {
            return Err(GstinError::Shape);
        }
        let state = State::from_code((s1 - b'0') * 10 + (s2 - b'0'));
        let state = state.filter(|state| state.registers()).ok_or(GstinError::State)?;
        if check_digit(&text[..14]) != Some(text[14]) {
            return Err(GstinError::CheckDigit);
        }
        Ok(Self { text, state })
    }
}

impl TryFrom<String> for Gstin {
    type Error = GstinError;
    fn try_from(text: String) -> Result<Self, GstinError> {
        text.parse()
    }
}
impl From<Gstin> for String {
    fn from(gstin: Gstin) -> Self {
        gstin.as_str().to_owned()
    }
}
impl fmt::Display for Gstin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
impl fmt::Debug for Gstin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALPHABET: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    fn any_gstin() -> impl Strategy<Value = String> {
        let states: Vec<String> = State::all()
            .filter(|state| state.registers())
            .map(|state| state.to_string())
            .collect();
        let state = proptest::sample::select(states);
        let parts = (state, "[A-Z]{3}[ABCFGHJLPT][A-Z][0-9]{4}[A-Z]", "[1-9A-Z]");
        parts.prop_map(|(state, pan, entity)| {
            let before = format!("{state}{pan}{entity}Z");
            let digit = check_digit(before.as_bytes()).unwrap();
            format!("{before}{}", char::from(digit))
        })
    }

    #[test]
    fn published_numbers_are_good() {
        for good in [
            "27AAPFU0939F1ZV",
            "29AAGCB7383J1Z4",
            "27AASCS2460H1Z0",
            " 27aapfu0939f1zv ",
        ] {
            assert!(good.parse::<Gstin>().is_ok(), "{good}");
        }
        let state = "27AAPFU0939F1ZV".parse::<Gstin>().unwrap().state();
        assert_eq!(state.name(), "Maharashtra");
    }

    #[test]
    fn other_shapes_are_told_apart_from_typing_errors() {
        for (wrong, why) in [
            ("", GstinError::Shape),
            ("27AAPFU0939F1Z", GstinError::Shape),
            ("27AAPFU0939F1ZVV", GstinError::Shape),
            ("27AAPFU0939F0ZV", GstinError::Shape),
            ("27AAPXU0939F1ZV", GstinError::Shape),
            ("२७AAPFU0939F1", GstinError::Shape),
            ("28AAPFU0939F1ZT", GstinError::State),
            ("27AAPFU0939F1ZW", GstinError::CheckDigit),
        ] {
            assert_eq!(wrong.parse::<Gstin>(), Err(why), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn what_is_well_made_reads_back(text in any_gstin()) {
            let gstin: Gstin = text.parse().unwrap();
            prop_assert_eq!(gstin.to_string(), text);
        }

        /// Doubling base 36 with the digits added is one to one, so another character always changes the sum.
        #[test]
        fn any_single_wrong_character_is_found(text in any_gstin(), place in 0_usize..15, other in 0_usize..36) {
            let mut bytes = text.clone().into_bytes();
            prop_assume!(bytes[place] != ALPHABET[other]);
            bytes[place] = ALPHABET[other];
            let changed = String::from_utf8(bytes).unwrap();
            prop_assert!(changed.parse::<Gstin>().is_err(), "{} {}", text, changed);
        }

        /// The digit alone overlooks `0` and `Z` in each other's place (see below); the shape has no place for that.
        #[test]
        fn any_two_neighbours_in_each_others_place_are_found(text in any_gstin(), place in 0_usize..14) {
            let mut bytes = text.clone().into_bytes();
            prop_assume!(bytes[place] != bytes[place + 1]);
            bytes.swap(place, place + 1);
            let changed = String::from_utf8(bytes).unwrap();
            prop_assert!(changed.parse::<Gstin>().is_err(), "{} {}", text, changed);
        }
    }

    #[test]
    fn the_check_digit_alone_overlooks_one_pair_of_neighbours() {
        let digit = |one: u8, other: u8| check_digit(&[one, other]);
        let mut overlooked = Vec::new();
        for one in ALPHABET {
            for other in ALPHABET.iter().filter(|other| *other > one) {
                if digit(*one, *other) == digit(*other, *one) {
                    overlooked.push((*one, *other));
                }
            }
        }
        assert_eq!(overlooked, [(b'0', b'Z')]);
    }
}
