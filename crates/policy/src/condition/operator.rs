//! The names of condition operators.
//! Case matters; unknown names are refused.

use super::Quantifier;

/// An operator's name, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Operator {
    pub(crate) quantifier: Quantifier,
    pub(crate) family: Family,
    pub(crate) negated: bool,
    pub(crate) if_exists: bool,
}

/// What is compared, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    Text,
    TextWithoutCase,
    TextLike,
    Number(Order),
    Date(Order),
    Bool,
    Binary,
    Address,
    Arn,
    Null,
}

/// How ordered values are compared: the request's stands left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Order {
    pub(crate) fn holds<T: Ord>(self, left: &T, right: &T) -> bool {
        match self {
            Self::Equal => left == right,
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
        }
    }
}

/// Every operator without quantifier and suffix: name, family, negated.
pub(super) const OPERATORS: &[(&str, Family, bool)] = &[
    ("StringEquals", Family::Text, false),
    ("StringNotEquals", Family::Text, true),
    ("StringEqualsIgnoreCase", Family::TextWithoutCase, false),
    ("StringNotEqualsIgnoreCase", Family::TextWithoutCase, true),
    ("StringLike", Family::TextLike, false),
    ("StringNotLike", Family::TextLike, true),
    ("NumericEquals", Family::Number(Order::Equal), false),
    ("NumericNotEquals", Family::Number(Order::Equal), true),
    ("NumericLessThan", Family::Number(Order::Less), false),
    ("NumericLessThanEquals", Family::Number(Order::LessOrEqual), false),
    ("NumericGreaterThan", Family::Number(Order::Greater), false),
    (
        "NumericGreaterThanEquals",
        Family::Number(Order::GreaterOrEqual),
        false,
    ),
    ("DateEquals", Family::Date(Order::Equal), false),
    ("DateNotEquals", Family::Date(Order::Equal), true),
    ("DateLessThan", Family::Date(Order::Less), false),
    ("DateLessThanEquals", Family::Date(Order::LessOrEqual), false),
    ("DateGreaterThan", Family::Date(Order::Greater), false),
    (
        "DateGreaterThanEquals",
        Family::Date(Order::GreaterOrEqual),
        false,
    ),
    ("Bool", Family::Bool, false),
    ("BinaryEquals", Family::Binary, false),
    ("IpAddress", Family::Address, false),
    ("NotIpAddress", Family::Address, true),
    ("ArnEquals", Family::Arn, false),
    ("ArnLike", Family::Arn, false),
    ("ArnNotEquals", Family::Arn, true),
    ("ArnNotLike", Family::Arn, true),
    ("Null", Family::Null, false),
];

impl Operator {
    /// The operator of this name; the error tells why there is none.
    pub(crate) fn parse(name: &str) -> Result<Self, String> {
        let (quantifier, rest) = match name.split_once(':') {
            None => (Quantifier::Plain, name),
            Some(("ForAllValues", rest)) => (Quantifier::All, rest),
            Some(("ForAnyValue", rest)) => (Quantifier::Any, rest),
            Some(_) => return Err("the set operators are ForAllValues: and ForAnyValue:".to_owned()),
        };
        let bare = rest.strip_suffix("IfExists");
        let (bare, if_exists) = bare.map_or((rest, false), |bare| (bare, true));
        let mut all = OPERATORS.iter();
        let Some((_, family, negated)) = all.find(|(name, ..)| *name == bare) else {
            let names: Vec<&str> = OPERATORS.iter().map(|(name, ..)| *name).collect();
            return Err(format!("unknown operator; there are {}", names.join(", ")));
        };
        if *family == Family::Null && (if_exists || quantifier != Quantifier::Plain) {
            return Err("Null takes neither IfExists nor a set operator".to_owned());
        }
        Ok(Self {
            quantifier,
            family: *family,
            negated: *negated,
            if_exists,
        })
    }
}
