//! What the server says of one account and one feature.
//! It refuses answers about another account or feature, and such that say half.

use super::exceeded::{Exceeded, LIMIT_REACHED, Told};
use crate::clock::Tick;
use crate::usage::Cell;
use serde::Deserialize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::Duration;

const LONGEST_URL: usize = 2048;

/// An answer, as it is remembered.
#[derive(Debug)]
pub struct Ruling {
    /// What callers learn when it is against them.
    pub told: Told,
    /// Whether the account may.
    pub granted: bool,
    /// Up to where this proxy may let the account's counter come; none without a limit.
    pub ceiling: Option<u64>,
    /// The counter that the ceiling is about, kept as long as this; none when there was none yet.
    pub cell: Option<Arc<Cell>>,
    /// Asked for because the one before left nothing: asking again at once would change nothing.
    pub renewed: AtomicBool,
    /// Where the log stood.
    pub position: u64,
    /// Histories that the server had lost when it was asked.
    pub history: u64,
    /// When it was asked for.
    pub read_at: Tick,
    /// When it must be asked for anew.
    pub stale_at: Tick,
    /// Generation of the log up to which nothing was said of the account.
    pub cleared: AtomicU64,
}

/// What comes back from `POST /check`.
#[derive(Deserialize)]
pub(super) struct Answer {
    pub active: bool,
    account_id: Option<Box<str>>,
    entitlement: Option<Entitlement>,
    /// In seconds; what it depends on besides the log may change then.
    valid_for: Option<u64>,
}

#[derive(Deserialize)]
struct Entitlement {
    feature: Box<str>,
    granted: bool,
    limit: Option<u64>,
    used: Option<u64>,
    remaining: Option<u64>,
    resets_at: Option<Box<str>>,
    reason: Option<Box<str>>,
    topup_url: Option<Box<str>>,
    upgrade_url: Option<Box<str>>,
}

/// What was known when the question was put.
pub(super) struct Before {
    pub account: Box<str>,
    pub feature: Arc<str>,
    pub cell: Option<Arc<Cell>>,
    /// What the server had taken of the counter.
    pub settled: u64,
    pub read_at: Tick,
    pub position: u64,
    pub history: u64,
    /// The longest that an answer is remembered.
    pub ttl: Duration,
    /// Now, in seconds.
    pub now: i64,
}

impl Answer {
    /// The ruling.
    ///
    /// # Errors
    /// When it is about something else, or says nothing.
    pub(super) fn ruling(self, before: Before) -> Result<Ruling, String> {
        let said = self
            .entitlement
            .ok_or("the answer says nothing of the entitlement")?;
        if *said.feature != *before.feature {
            return Err("the answer is about another feature".to_owned());
        }
        if self.account_id.is_some_and(|account| account != before.account) {
            return Err("the answer is about another account".to_owned());
        }
        let ttl = said.ttl(&before, self.valid_for);
        let ceiling = said.remaining.map(|left| before.settled.saturating_add(left));
        Ok(Ruling {
            granted: said.granted,
            ceiling,
            renewed: AtomicBool::new(false),
            cell: before.cell,
            position: before.position,
            history: before.history,
            read_at: before.read_at,
            stale_at: before.read_at.after(ttl),
            cleared: AtomicU64::new(0),
            told: Told {
                feature: said.feature,
                limit: said.limit,
                used: said.used,
                resets_at: said.resets_at,
                reason: said.reason,
                topup_url: said.topup_url.filter(|url| is_web(url)),
                upgrade_url: said.upgrade_url.filter(|url| is_web(url)),
            },
        })
    }
}

impl Entitlement {
    /// Neither beyond what the server vouches for, nor into the next period.
    fn ttl(&self, before: &Before, valid_for: Option<u64>) -> Duration {
        let vouched = valid_for.map(Duration::from_secs);
        let period = self.resets_at.as_deref().and_then(seconds).map(|at| {
            let left = u64::try_from(at.saturating_sub(before.now)).unwrap_or(0);
            Duration::from_secs(left)
        });
        [vouched, period]
            .into_iter()
            .flatten()
            .fold(before.ttl, Duration::min)
    }
}

impl Ruling {
    /// The refusal that follows.
    #[must_use]
    pub fn exceeded(&self, account: &str, now: Tick) -> Box<Exceeded> {
        let counted_here = self.granted;
        let mut told = self.told.clone();
        if counted_here {
            // All of it is used or promised to requests on their way.
            told.used = told.limit.or(told.used);
            told.reason = Some(LIMIT_REACHED.into());
        }
        Box::new(Exceeded {
            used_up: told.is_used_up(),
            told,
            account: account.into(),
            age: now.since(self.read_at),
            position: self.position,
            counted_here,
        })
    }
}

fn is_web(url: &str) -> bool {
    let scheme = url.starts_with("https://") || url.starts_with("http://");
    scheme && url.len() <= LONGEST_URL && url.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Seconds since the epoch of an RFC 3339 instant in UTC; nothing of other texts.
fn seconds(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let number = |range: std::ops::Range<usize>| -> Option<i64> {
        let digits = bytes.get(range)?;
        let all = digits.iter().all(u8::is_ascii_digit);
        all.then(|| {
            digits
                .iter()
                .fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'))
        })
    };
    let form = bytes.last() == Some(&b'Z') && bytes.get(10) == Some(&b'T');
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let time = number(11..13)? * 3600 + number(14..16)? * 60 + number(17..19)?;
    // Days from the civil calendar, years beginning in March.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let days = of_era * 365 + of_era / 4 - of_era / 100 + (month * 153 + 2) / 5 + day - 1;
    form.then_some((era * 146_097 + days - 719_468) * 86_400 + time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn before() -> Before {
        Before {
            account: "1".into(),
            feature: "exports".into(),
            cell: None,
            settled: 40,
            read_at: Tick(5),
            position: 7,
            history: 0,
            ttl: Duration::from_secs(10),
            now: 1_800_000_000,
        }
    }

    fn ruling(entitlement: &Value, account: &str) -> Result<Ruling, String> {
        let answer = json!({ "active": true, "account_id": account, "entitlement": entitlement });
        let answer: Answer = serde_json::from_value(answer).unwrap();
        answer.ruling(before())
    }

    #[test]
    fn what_remains_is_above_what_the_server_had_taken() {
        let said =
            json!({ "feature": "exports", "granted": true, "limit": 100, "used": 90, "remaining": 10 });
        let ruling = ruling(&said, "1").unwrap();
        assert_eq!((ruling.ceiling, ruling.granted), (Some(50), true));
        assert_eq!(
            ruling.exceeded("1", Tick(5)).told.used,
            Some(100),
            "by our own count"
        );
    }

    #[test]
    fn answers_about_something_else_are_none() {
        let said = |feature: &str| json!({ "feature": feature, "granted": true });
        assert!(ruling(&said("exports"), "1").is_ok());
        assert!(ruling(&said("imports"), "1").is_err());
        assert!(ruling(&said("exports"), "2").is_err());
        assert!(ruling(&Value::Null, "1").is_err());
    }

    #[test]
    fn a_ruling_ends_with_its_period_and_with_what_the_server_vouches_for() {
        let until = |resets_at: Option<&str>, valid_for: Option<u64>| {
            let said = json!({ "feature": "exports", "granted": true, "resets_at": resets_at });
            let answer = json!({ "active": true, "entitlement": said, "valid_for": valid_for });
            let answer: Answer = serde_json::from_value(answer).unwrap();
            answer.ruling(before()).unwrap().stale_at
        };
        let after = |seconds| Tick(5).after(Duration::from_secs(seconds));
        assert_eq!(until(None, None), after(10));
        assert_eq!(until(None, Some(3)), after(3));
        assert_eq!(until(None, Some(3600)), after(10));
        assert_eq!(until(Some("2027-01-15T08:00:04Z"), Some(60)), after(4));
        assert_eq!(until(Some("2020-01-01T00:00:00Z"), None), after(0));
    }

    #[test]
    fn instants_are_read_as_they_are_meant() {
        for (text, at) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2000-02-29T12:30:15.5Z", Some(951_827_415)),
            ("2027-01-15T08:00:00Z", Some(1_800_000_000)),
            ("2027-01-15 08:00:00", None),
            ("2027-01-15T08:00:00+01:00", None),
            ("x", None),
        ] {
            assert_eq!(seconds(text), at, "{text}");
        }
    }

    #[test]
    fn only_web_addresses_are_handed_on() {
        assert!(is_web("https://id.example/account/billing?a=b"));
        for bad in ["javascript:alert(1)", "https://a b", "//x", "https://\u{e9}"] {
            assert!(!is_web(bad), "{bad}");
        }
    }
}
