//! `valid_for` of an answer of `/check`: how many seconds it may be remembered, while the revocation log is silent.
//! Refuses to vouch for longer than a minute, and for an answer of two parts longer than for each of them.

use std::time::Duration;

use model::Timestamp;
use serde_json::{Map, Value, json};

const MEMBER: &str = "valid_for";
/// When neither the log nor a date ends it before.
const LONGEST: Duration = Duration::from_secs(60);

/// What the plan says holds until a date, or without one.
pub fn tell_until(document: &mut Map<String, Value>, (until, now): (Option<Timestamp>, Timestamp)) {
    tell_for(document, until.map_or(LONGEST, |until| until.since(now)));
}

/// What the policies said, where they were asked, holds for so long. Where that is not known nothing is said of the whole.
pub fn tell(document: &mut Map<String, Value>, (steady, by_policies): (Option<Duration>, bool)) {
    match steady {
        Some(steady) => tell_for(document, steady),
        None if by_policies => withdraw(document),
        None => {}
    }
}

/// Says nothing of how long it holds.
pub fn withdraw(document: &mut Map<String, Value>) {
    document.remove(MEMBER);
}

fn tell_for(document: &mut Map<String, Value>, hold: Duration) {
    let seconds = hold.min(LONGEST).as_secs();
    let said = document.get(MEMBER).and_then(Value::as_u64);
    let least = said.map_or(seconds, |said| said.min(seconds));
    document.insert(MEMBER.to_owned(), json!(least));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(tell: impl FnOnce(&mut Map<String, Value>)) -> Option<u64> {
        let mut document = Map::new();
        tell(&mut document);
        document.get(MEMBER).and_then(Value::as_u64)
    }

    #[test]
    fn an_answer_is_never_remembered_beyond_a_date() {
        let now = Timestamp::from_seconds(1_000);
        let until = |until| after(|document| tell_until(document, (until, now)));
        assert_eq!(until(None), Some(60));
        assert_eq!(until(Some(now.plus(Duration::from_millis(3_900)))), Some(3));
        assert_eq!(until(Some(now.plus(Duration::from_secs(3_600)))), Some(60));
        assert_eq!(until(Some(Timestamp::EPOCH)), Some(0));
    }

    #[test]
    fn an_answer_of_two_parts_holds_as_long_as_the_shorter_one() {
        let now = Timestamp::from_seconds(1_000);
        let both = |until: u64, steady: Option<u64>, by_policies| {
            after(|document| {
                let until = now.plus(Duration::from_secs(until));
                tell_until(document, (Some(until), now));
                tell(document, (steady.map(Duration::from_secs), by_policies));
            })
        };
        assert_eq!(both(30, Some(7), true), Some(7));
        assert_eq!(both(30, Some(40), true), Some(30));
        assert_eq!(
            both(30, None, true),
            None,
            "nobody knows how long the policies say so"
        );
        assert_eq!(both(30, None, false), Some(30), "they were not asked");
        assert_eq!(
            after(|document| tell(document, (Some(Duration::MAX), true))),
            Some(60)
        );
    }
}
