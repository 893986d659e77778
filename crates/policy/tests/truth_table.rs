//! What each condition operator says of a key that is missing, matches, differs, has the wrong type or several values.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use policy::{Context, Document, Request, Source, evaluate};
use serde_json::json;

/// Operator, a value of the policy, a value that matches, one that differs, one of another type where there is a type.
const POSITIVE: &[(&str, &str, &str, &str, Option<&str>)] = &[
    ("StringEquals", "ab*", "ab*", "abc", None),
    ("StringEqualsIgnoreCase", "Café", "cAFÉ", "cafe", None),
    ("StringLike", "a?c*", "abcd", "ABCD", None),
    (
        "NumericEquals",
        "9007199254740993",
        "9007199254740993.0",
        "9007199254740992",
        Some("nine"),
    ),
    ("NumericLessThan", "10", "9.99", "10", Some("1e1")),
    ("NumericLessThanEquals", "10", "10.000", "10.001", Some("ten")),
    ("NumericGreaterThan", "-1", "-0.5", "-1", Some("0x10")),
    ("NumericGreaterThanEquals", "-1", "-1", "-1.5", Some("ten")),
    (
        "DateEquals",
        "2026-01-01T00:00:00Z",
        "2026-01-01T01:00:00+01:00",
        "2026-01-01T00:00:01Z",
        Some("today"),
    ),
    (
        "DateLessThan",
        "2026-01-01",
        "2025-12-31T23:59:59Z",
        "2026-01-01T00:00:00Z",
        Some("2026-13-01"),
    ),
    (
        "DateLessThanEquals",
        "1767225600",
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00.5Z",
        Some("soon"),
    ),
    (
        "DateGreaterThan",
        "2026-01-01",
        "1767225601",
        "1767225600",
        Some("2026-01-01T00:00:01"),
    ),
    (
        "DateGreaterThanEquals",
        "2026-01-01",
        "2026-01-01",
        "2025-12-31",
        Some("x"),
    ),
    ("Bool", "true", "TRUE", "false", Some("1")),
    ("BinaryEquals", "YWI=", "YWI=", "YWM=", Some("%")),
    (
        "IpAddress",
        "192.0.2.0/24",
        "::ffff:192.0.2.7",
        "192.0.3.7",
        Some("192.0.2.0/25"),
    ),
    (
        "ArnEquals",
        "arn:p:*:r:?:x/*",
        "arn:p:a:r:1:x/1:2",
        "arn:p:a:b:r:1:x/1",
        Some("x"),
    ),
    (
        "ArnLike",
        "arn:p:a:*:1:*",
        "arn:p:a::1:x",
        "arn:p:a::12:x",
        Some("arn:p"),
    ),
];

/// The operators that say the opposite of another.
const NEGATIONS: &[(&str, &str)] = &[
    ("StringEquals", "StringNotEquals"),
    ("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
    ("StringLike", "StringNotLike"),
    ("NumericEquals", "NumericNotEquals"),
    ("DateEquals", "DateNotEquals"),
    ("IpAddress", "NotIpAddress"),
    ("ArnEquals", "ArnNotEquals"),
    ("ArnLike", "ArnNotLike"),
];

/// The columns: no value, one that matches, one that differs, one of another type, one of each, two that differ.
type Row = [bool; 6];

const PLAIN: Row = [false, true, false, false, true, false];
const PLAIN_NEGATED: Row = [true, false, true, true, false, true];
const IF_EXISTS: Row = [true, true, false, false, true, false];
const ALL: Row = [true, true, false, false, false, false];
const ALL_NEGATED: Row = [true, false, true, true, false, true];
const ANY: Row = [false, true, false, false, true, false];
const ANY_NEGATED: Row = [false, false, true, true, true, true];
const ANY_IF_EXISTS: Row = [true, true, false, false, true, false];
const ANY_NEGATED_IF_EXISTS: Row = [true, false, true, true, true, true];

fn holds(operator: &str, due: &str, found: &[&str]) -> bool {
    let statement =
        json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {operator: {"c:key": due}}});
    let text = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
    let document = Document::parse(&text).unwrap();
    let mut context = Context::new();
    context.set("C:Key", found.iter().copied());
    let sources = [Source::new("p", &document)];
    let request = Request {
        action: "a:b",
        resource: "r",
        context: &context,
    };
    evaluate(&sources, request).decision.is_allowed()
}

fn check(name: &str, (due, same, other, strange): (&str, &str, &str, Option<&str>), row: Row) {
    let strange = strange.unwrap_or(other);
    let columns: [&[&str]; 6] = [
        &[],
        &[same],
        &[other],
        &[strange],
        &[other, same],
        &[other, strange],
    ];
    for (found, expected) in columns.into_iter().zip(row) {
        assert_eq!(holds(name, due, found), expected, "{name} {due} of {found:?}");
    }
}

fn positive() -> impl Iterator<
    Item = (
        &'static str,
        (&'static str, &'static str, &'static str, Option<&'static str>),
    ),
> {
    let all = POSITIVE.iter();
    all.map(|(name, due, same, other, strange)| (*name, (*due, *same, *other, *strange)))
}

/// P04: an operator alone, with IfExists, and with both set operators.
#[test]
fn each_operator_says_what_its_row_says() {
    for (name, values) in positive() {
        check(name, values, PLAIN);
        check(&format!("{name}IfExists"), values, IF_EXISTS);
        check(&format!("ForAllValues:{name}"), values, ALL);
        check(&format!("ForAllValues:{name}IfExists"), values, ALL);
        check(&format!("ForAnyValue:{name}"), values, ANY);
        check(&format!("ForAnyValue:{name}IfExists"), values, ANY_IF_EXISTS);
    }
}

/// P04: a negated operator says the opposite of each value, and holds where there is none.
#[test]
fn each_negation_says_what_its_row_says() {
    for (name, values) in positive() {
        for (_, negation) in NEGATIONS.iter().filter(|(positive, _)| *positive == name) {
            check(negation, values, PLAIN_NEGATED);
            check(&format!("{negation}IfExists"), values, PLAIN_NEGATED);
            check(&format!("ForAllValues:{negation}"), values, ALL_NEGATED);
            check(&format!("ForAllValues:{negation}IfExists"), values, ALL_NEGATED);
            check(&format!("ForAnyValue:{negation}"), values, ANY_NEGATED);
            check(
                &format!("ForAnyValue:{negation}IfExists"),
                values,
                ANY_NEGATED_IF_EXISTS,
            );
        }
    }
}

/// P04: Null asks whether there is a value; a blank one is none.
#[test]
fn null_tells_whether_a_key_has_a_value() {
    for (found, absent) in [
        (&[][..], true),
        (&[""][..], true),
        (&["x"][..], false),
        (&["", "x"][..], false),
    ] {
        assert_eq!(holds("Null", "true", found), absent);
        assert_eq!(holds("Null", "false", found), !absent);
    }
}

/// P04: a set operator over a key whose only value is blank is one over nothing.
#[test]
fn a_blank_value_is_no_value() {
    assert!(holds("ForAllValues:StringEquals", "x", &[""]));
    assert!(!holds("ForAnyValue:StringEquals", "x", &[""]));
}

/// P04: values of different address families never match.
#[test]
fn an_ipv6_network_holds_no_ipv4_address() {
    assert!(!holds("IpAddress", "::/0", &["192.0.2.7"]));
    assert!(!holds("IpAddress", "0.0.0.0/0", &["2001:db8::1"]));
    assert!(holds("IpAddress", "10.1.2.3/8", &["10.9.9.9"]));
}
