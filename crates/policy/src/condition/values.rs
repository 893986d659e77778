//! The values of a condition, read once, and how a request's value is compared with them.
//! Refuses values that are not of the operator's type.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ipnet::IpNet;
use jiff::Timestamp;
use std::net::IpAddr;
use std::time::Duration;

use super::arn::ArnPattern;
use super::decimal::Decimal;
use super::instant;
use super::operator::{Family, Order};
use crate::context::Context;
use crate::pattern::{Match, Pattern, Rules};
use crate::steady;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Values {
    Texts(Vec<Pattern>),
    Numbers(Order, Vec<Decimal>),
    Dates(Order, Vec<Timestamp>),
    Bools(Vec<bool>),
    Binaries(Vec<Vec<u8>>),
    Networks(Vec<IpNet>),
    Arns(Vec<ArnPattern>),
    Null(Vec<bool>),
}

impl Values {
    /// An empty list of the family.
    pub(super) fn of(family: Family) -> Self {
        match family {
            Family::Text | Family::TextWithoutCase | Family::TextLike => Self::Texts(Vec::new()),
            Family::Number(order) => Self::Numbers(order, Vec::new()),
            Family::Date(order) => Self::Dates(order, Vec::new()),
            Family::Bool => Self::Bools(Vec::new()),
            Family::Binary => Self::Binaries(Vec::new()),
            Family::Address => Self::Networks(Vec::new()),
            Family::Arn => Self::Arns(Vec::new()),
            Family::Null => Self::Null(Vec::new()),
        }
    }

    /// Reads one more value.
    pub(super) fn push(&mut self, text: &str, family: Family, variables: bool) -> Result<(), String> {
        match self {
            Self::Texts(all) => all.push(Pattern::parse(
                text,
                Rules {
                    wildcards: family == Family::TextLike,
                    variables,
                    fold: family == Family::TextWithoutCase,
                },
            )?),
            Self::Numbers(_, all) => all.push(
                Decimal::parse(text)
                    .ok_or("not a number: at most 18 digits before and 18 behind the point, no exponent")?,
            ),
            Self::Dates(_, all) => all.push(
                instant::parse(text)
                    .ok_or("not a date: write 2026-01-31, 2026-01-31T12:00:00Z or seconds since 1970")?,
            ),
            Self::Bools(all) | Self::Null(all) => all.push(boolean(text).ok_or("not true or false")?),
            Self::Binaries(all) => all.push(BASE64_STANDARD.decode(text).map_err(|_| "not base64")?),
            Self::Networks(all) => all.push(
                network(text)
                    .ok_or("not an address or network: write 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32")?,
            ),
            Self::Arns(all) => all.push(ArnPattern::parse(text, variables)?),
        }
        Ok(())
    }

    pub(super) fn has_variables(&self) -> bool {
        match self {
            Self::Texts(all) => all.iter().any(Pattern::has_variables),
            Self::Arns(all) => all.iter().any(ArnPattern::has_variables),
            _ => false,
        }
    }

    /// The keys of its variables.
    pub(super) fn variables(&self) -> impl Iterator<Item = &str> {
        let (texts, arns) = match self {
            Self::Texts(all) => (all.as_slice(), [].as_slice()),
            Self::Arns(all) => ([].as_slice(), all.as_slice()),
            _ => ([].as_slice(), [].as_slice()),
        };
        let texts = texts.iter().flat_map(Pattern::variables);
        texts.chain(arns.iter().flat_map(ArnPattern::variables))
    }

    /// How long it takes until the value of a key that moves may reach the next of these.
    pub(super) fn steady_for(&self, key: &str, value: &str) -> Option<Duration> {
        match self {
            Self::Dates(_, all) if key == steady::NOW => {
                let now = instant::parse(value)?;
                let ahead = all.iter().filter(|due| **due >= now);
                let waits = ahead.filter_map(|due| Duration::try_from(due.duration_since(now)).ok());
                Some(waits.min().unwrap_or(Duration::MAX))
            }
            Self::Numbers(_, all) if key == steady::AGE => {
                let age = Decimal::parse(value)?;
                let waits = all.iter().filter_map(|due| due.seconds_above(age));
                // The second that runs began some time ago.
                let waits = waits.map(|seconds| Duration::from_secs(seconds.saturating_sub(1)));
                Some(waits.min().unwrap_or(Duration::MAX))
            }
            _ => None,
        }
    }

    /// Whether any of these takes the request's value; one of another type is taken by none.
    pub(super) fn accept(&self, value: &str, context: &Context) -> Match {
        match self {
            Self::Texts(all) => texts(all, value, context),
            Self::Arns(all) => any(all.iter().map(|one| one.matches(value, context))),
            Self::Numbers(order, all) => ordered(*order, Decimal::parse(value), all),
            Self::Dates(order, all) => ordered(*order, instant::parse(value), all),
            Self::Bools(all) => found(boolean(value), |value| all.contains(value)),
            Self::Binaries(all) => found(BASE64_STANDARD.decode(value).ok(), |value| all.contains(value)),
            Self::Networks(all) => {
                let address = value.parse::<IpAddr>().ok();
                let address = address.map(|one| one.to_canonical());
                found(address, |one| all.iter().any(|net| net.contains(one)))
            }
            // Judged by presence alone, before any value is looked at.
            Self::Null(_) => Match::No,
        }
    }
}

fn texts(all: &[Pattern], value: &str, context: &Context) -> Match {
    let folded = all.iter().any(Pattern::folds).then(|| value.to_lowercase());
    let value = folded.as_deref().unwrap_or(value);
    any(all.iter().map(|pattern| pattern.matches(value, context)))
}

fn found<T>(value: Option<T>, takes: impl Fn(&T) -> bool) -> Match {
    value.is_some_and(|value| takes(&value)).into()
}

fn ordered<T: Ord>(order: Order, value: Option<T>, all: &[T]) -> Match {
    found(value, |value| all.iter().any(|due| order.holds(value, due)))
}

/// `Yes` beats `Unresolved` beats `No`.
fn any(matches: impl Iterator<Item = Match>) -> Match {
    let mut verdict = Match::No;
    for one in matches {
        match one {
            Match::Yes => return Match::Yes,
            Match::Unresolved => verdict = Match::Unresolved,
            Match::No => {}
        }
    }
    verdict
}

fn boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

fn network(text: &str) -> Option<IpNet> {
    let net = text.parse::<IpNet>().ok();
    let net = net.or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))?;
    Some(net.trunc())
}
