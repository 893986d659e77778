//! How long a verdict holds while only time passes: never longer than it does, and for ever where time plays no part.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use policy::{Context, Decision, Document, Request, Source, evaluate};
use std::time::Duration;

/// 2026-11-22T00:00:00Z
const START: i64 = 1_795_305_600;
/// When the second factor was shown.
const PROVED: i64 = START - 10;

const FOREVER: Option<Duration> = Some(Duration::MAX);

fn seconds(count: u64) -> Option<Duration> {
    Some(Duration::from_secs(count))
}

fn context(millis: i64) -> Context {
    let at = jiff::Timestamp::from_millisecond(START * 1_000 + millis).unwrap();
    Context::new()
        .with("request:time", at.to_string())
        .with("iam:mfa_age", (at.as_second() - PROVED).to_string())
        .with("iam:username", "ada")
}

/// The verdict so many milliseconds after the start, and how long it is said to hold.
fn at(documents: &[Document], millis: i64) -> (Decision, Option<Duration>) {
    let sources: Vec<_> = documents.iter().map(|one| Source::new("p", one)).collect();
    let request = Request {
        action: "orders:Read",
        resource: "arn:authz:orders::1:order/7",
        context: &context(millis),
    };
    let evaluation = evaluate(&sources, request);
    (evaluation.decision, evaluation.steady_for())
}

fn statement(effect: &str, more: &str) -> Document {
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "{effect}", "Action": "orders:*", {more}}}}}"#
    );
    Document::parse(&text).unwrap()
}

fn when(effect: &str, condition: &str) -> Document {
    statement(effect, &format!(r#""Resource": "*", "Condition": {condition}"#))
}

#[test]
fn what_does_not_speak_of_time_holds_for_ever() {
    for condition in [
        r#"{"StringEquals": {"iam:username": "ada"}}"#,
        // Whether there is a time does not depend on it.
        r#"{"Null": {"request:time": "false"}}"#,
        // Bob's hours are nothing to ada.
        r#"{"StringEquals": {"iam:username": "bob"}, "DateLessThan": {"request:time": "2026-11-22T00:00:03Z"}}"#,
        // That is past.
        r#"{"DateGreaterThan": {"request:time": "2026-11-21T00:00:00Z"}}"#,
        r#"{"NumericLessThan": {"iam:mfa_age": "5"}}"#,
    ] {
        assert_eq!(at(&[when("Allow", condition)], 0).1, FOREVER, "{condition}");
    }
    let elsewhere = r#""Resource": "arn:authz:orders::1:order/8", "Condition": {"DateLessThan": {"request:time": "2026-11-22T00:00:03Z"}}"#;
    assert_eq!(at(&[statement("Deny", elsewhere)], 0).1, FOREVER);
    assert_eq!(at(&[], 0), (Decision::ImplicitDeny, FOREVER));
}

#[test]
fn the_next_date_or_age_ends_it() {
    let until = when(
        "Allow",
        r#"{"DateLessThan": {"request:time": "2026-11-22T00:01:00Z"}}"#,
    );
    let from = when(
        "Deny",
        r#"{"DateGreaterThanEquals": {"request:time": ["2026-11-22T00:00:40Z", "2026-11-22"]}}"#,
    );
    let fresh = when("Allow", r#"{"NumericLessThan": {"iam:mfa_age": "40"}}"#);
    assert_eq!(
        at(std::slice::from_ref(&until), 0),
        (Decision::Allow, seconds(60))
    );
    assert_eq!(
        at(std::slice::from_ref(&until), 60_000),
        (Decision::ImplicitDeny, seconds(0))
    );
    assert_eq!(at(std::slice::from_ref(&until), 60_001).1, FOREVER);
    assert_eq!(at(&[until.clone(), from], 1_000).1, seconds(39));
    // Ten seconds old at the start; and how much of the second is over is not told by its age.
    assert_eq!(at(&[until, fresh], 0), (Decision::Allow, seconds(29)));
}

#[test]
fn other_ways_to_read_time_are_not_vouched_for() {
    for condition in [
        r#"{"StringLike": {"request:time": "2026-11-*"}}"#,
        r#"{"StringEquals": {"iam:username": "${request:time}"}}"#,
        r#"{"StringEquals": {"app:none": "${iam:mfa_age}"}}"#,
        r#"{"DateLessThan": {"iam:mfa_age": "2026-11-22"}}"#,
        r#"{"NumericLessThan": {"request:time": "5"}}"#,
    ] {
        assert_eq!(at(&[when("Deny", condition)], 0).1, None, "{condition}");
    }
    let resource = r#""Resource": "arn:authz:orders::1:${request:time}""#;
    assert_eq!(at(&[statement("Allow", resource)], 0).1, None);
}

/// Every operator on dates and ages, looked at each quarter of a second.
#[test]
fn a_verdict_never_changes_while_it_is_said_to_hold() {
    let mut changes = 0;
    for order in [
        "Equals",
        "NotEquals",
        "LessThan",
        "LessThanEquals",
        "GreaterThan",
        "GreaterThanEquals",
    ] {
        for test in [
            format!(
                r#"{{"Date{order}": {{"request:time": ["2026-11-22T00:00:03.5Z", "2026-11-22T00:00:07Z"]}}}}"#
            ),
            format!(r#"{{"ForAllValues:Date{order}": {{"request:time": "2026-11-22T00:00:05Z"}}}}"#),
            format!(r#"{{"Numeric{order}": {{"iam:mfa_age": ["13", "15.5", "18"]}}}}"#),
        ] {
            let documents = [when("Allow", &test)];
            let verdicts: Vec<_> = (0..48).map(|step| at(&documents, step * 250)).collect();
            for (step, (verdict, steady)) in verdicts.iter().enumerate() {
                let steady = steady.unwrap().as_millis();
                let held = verdicts[step..].iter().zip(0_u128..);
                for ((later, _), _) in held.take_while(|(_, steps)| steps * 250 < steady) {
                    assert_eq!(verdict, later, "{test} from {step}");
                }
            }
            changes += verdicts.windows(2).filter(|pair| pair[0].0 != pair[1].0).count();
        }
    }
    assert!(changes > 18, "{changes}");
}
