//! What is no policy document, and where that is told.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use policy::{Document, MAX_DOCUMENT_BYTES};

fn with(statement: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#)
}

fn refused(text: &str) -> (String, String) {
    let error = Document::parse(text).expect_err(text);
    (error.path, error.reason)
}

const GOOD: &str = r#"{"Effect":"Allow","Action":"a:b","Resource":"*"}"#;

#[test]
fn a_good_document_is_read() {
    for text in [
        with(GOOD),
        format!(r#"{{"Version":"2008-10-17","Id":"x","Statement":{GOOD}}}"#),
        with(
            r#"{"Sid":"A","Effect":"Deny","NotAction":["a:*","*"],"NotResource":["arn:a:b:c:d:e","arn:x:*"],
            "Condition":{"NumericEquals":{"x:y":[1,-2.50]},"Bool":{"x:z":true}}}"#,
        ),
    ] {
        assert!(
            Document::parse(&text).is_ok(),
            "{text}: {:?}",
            Document::parse(&text)
        );
    }
}

/// P05: each refusal names the place.
#[test]
fn a_document_with_a_flaw_is_refused_where_it_is() {
    let good = GOOD;
    let cases = [
        ("".to_owned(), ""),
        ("[]".to_owned(), ""),
        (format!("{} x", with(good)), ""),
        (format!(r#"{{"Statement":{good}}}"#), ""),
        (r#"{"Version":"2012-10-17"}"#.to_owned(), ""),
        (
            format!(r#"{{"Version":"2012-10-18","Statement":{good}}}"#),
            "Version",
        ),
        (
            format!(r#"{{"Version":"2012-10-17","version":"x","Statement":{good}}}"#),
            "version",
        ),
        (
            format!(r#"{{"Version":"2012-10-17","Id":" ","Statement":{good}}}"#),
            "Id",
        ),
        (
            format!(r#"{{"Version":"2012-10-17","Version":"2012-10-17","Statement":{good}}}"#),
            "Version",
        ),
        (
            r#"{"Version":"2012-10-17","Statement":[]}"#.to_owned(),
            "Statement",
        ),
        (with("7"), "Statement[0]"),
        (
            with(&format!(
                r#"{good},{{"Effect":"Perhaps","Action":"*","Resource":"*"}}"#
            )),
            "Statement[1].Effect",
        ),
        (
            with(r#"{"Effect":"allow","Action":"*","Resource":"*"}"#),
            "Statement[0].Effect",
        ),
        (
            with(r#"{"Effect":"Allow","Action":"*","NotAction":"a:b","Resource":"*"}"#),
            "Statement[0].NotAction",
        ),
        (
            with(r#"{"Effect":"Allow","Action":"*","Resource":"*","NotResource":"*"}"#),
            "Statement[0].NotResource",
        ),
        (with(r#"{"Effect":"Allow","Resource":"*"}"#), "Statement[0]"),
        (with(r#"{"Effect":"Allow","Action":"*"}"#), "Statement[0]"),
        (with(r#"{"Action":"*","Resource":"*"}"#), "Statement[0]"),
        (
            with(r#"{"Effect":"Allow","Action":[],"Resource":"*"}"#),
            "Statement[0].Action",
        ),
        (
            with(r#"{"Effect":"Allow","Action":["a:b",""],"Resource":"*"}"#),
            "Statement[0].Action[1]",
        ),
        (
            with(r#"{"Effect":"Allow","Action":["a:b",["c:d"]],"Resource":"*"}"#),
            "Statement[0].Action[1]",
        ),
        (
            with(r#"{"Effect":"Allow","Action":"read","Resource":"*"}"#),
            "Statement[0].Action",
        ),
        (
            with(r#"{"Effect":"Allow","Action":"a:${iam:username}","Resource":"*"}"#),
            "Statement[0].Action",
        ),
        (
            with(r#"{"Effect":"Allow","Action":"a:b","Resource":"orders"}"#),
            "Statement[0].Resource",
        ),
        (
            with(r#"{"Effect":"Allow","Action":"a:b","Resource":"arn:a:b"}"#),
            "Statement[0].Resource",
        ),
        (
            with(r#"{"Effect":"Allow","Action":"a:b","Resource":"arn:a:b:c:d:${iam:nobody}"}"#),
            "Statement[0].Resource",
        ),
        (
            with(r#"{"Effect":"Allow","Action":"a:b","Resource":"arn:a:b:c:d:${iam:groups}"}"#),
            "Statement[0].Resource",
        ),
        (
            with(r#"{"Effect":"Allow","Action":"a:b","Resource":"arn:a:b:c:d:${iam:username"}"#),
            "Statement[0].Resource",
        ),
        (
            with(r#"{"Effect":"Allow","Action":"a:b","Resource":"arn:a:b:c:d:${iam:username, x}"}"#),
            "Statement[0].Resource",
        ),
        (
            with(r#"{"Sid":"","Effect":"Allow","Action":"a:b","Resource":"*"}"#),
            "Statement[0].Sid",
        ),
        (
            with(r#"{"Effect":"Allow","Action":"a:b","Resource":"*","Principal":"*"}"#),
            "Statement[0].Principal",
        ),
        (
            with(r#"{"Effect":"Allow","Action":"a:b","Resource":"*","action":"a:c"}"#),
            "Statement[0].action",
        ),
    ];
    for (text, path) in cases {
        assert_eq!(refused(&text).0, path, "{text}");
    }
}

/// P04: malformed conditions never get in.
#[test]
fn a_condition_with_a_flaw_is_refused_where_it_is() {
    let cases = [
        (r#"{}"#, ""),
        (r#"[]"#, ""),
        (r#"{"StringSame":{"a:b":"c"}}"#, ".StringSame"),
        (r#"{"stringequals":{"a:b":"c"}}"#, ".stringequals"),
        (
            r#"{"ForSomeValues:StringEquals":{"a:b":"c"}}"#,
            ".ForSomeValues:StringEquals",
        ),
        (r#"{"NullIfExists":{"a:b":"true"}}"#, ".NullIfExists"),
        (r#"{"ForAnyValue:Null":{"a:b":"true"}}"#, ".ForAnyValue:Null"),
        (r#"{"StringEquals":{}}"#, ".StringEquals"),
        (r#"{"StringEquals":{"plain":"c"}}"#, ".StringEquals.plain"),
        (
            r#"{"StringEquals":{"iam:shoe_size":"44"}}"#,
            ".StringEquals.iam:shoe_size",
        ),
        (r#"{"StringEquals":{"a:b":"1","A:B":"2"}}"#, ".StringEquals.A:B"),
        (r#"{"StringEquals":{"a:b":[]}}"#, ".StringEquals.a:b"),
        (r#"{"StringEquals":{"a:b":["x"," "]}}"#, ".StringEquals.a:b[1]"),
        (r#"{"StringEquals":{"a:b":null}}"#, ".StringEquals.a:b"),
        (r#"{"NumericEquals":{"a:b":"1e9"}}"#, ".NumericEquals.a:b"),
        (
            r#"{"NumericEquals":{"a:b":"1234567890123456789"}}"#,
            ".NumericEquals.a:b",
        ),
        (
            r#"{"DateLessThan":{"a:b":"2026-01-01T00:00:00"}}"#,
            ".DateLessThan.a:b",
        ),
        (r#"{"DateLessThan":{"a:b":"yesterday"}}"#, ".DateLessThan.a:b"),
        (r#"{"Bool":{"a:b":"yes"}}"#, ".Bool.a:b"),
        (r#"{"Null":{"a:b":"maybe"}}"#, ".Null.a:b"),
        (r#"{"BinaryEquals":{"a:b":"%%"}}"#, ".BinaryEquals.a:b"),
        (
            r#"{"IpAddress":{"request:ip":["10.0.0.0/8","10.0.0.0/33"]}}"#,
            ".IpAddress.request:ip[1]",
        ),
        (r#"{"ArnLike":{"a:b":"arn:a:b"}}"#, ".ArnLike.a:b"),
    ];
    for (condition, path) in cases {
        let statement =
            format!(r#"{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{condition}}}"#);
        assert_eq!(
            refused(&with(&statement)).0,
            format!("Statement[0].Condition{path}"),
            "{condition}"
        );
    }
}

/// P05: two statements of one Sid.
#[test]
fn a_sid_stands_for_one_statement() {
    let one = r#"{"Sid":"A","Effect":"Allow","Action":"a:b","Resource":"*"}"#;
    let (path, reason) = refused(&with(&format!("{one},{one}")));
    assert_eq!(
        (path.as_str(), reason.as_str()),
        ("Statement[1].Sid", "two statements have the Sid `A`")
    );
}

/// P05: duplicate members anywhere, also written with escapes.
#[test]
fn a_member_that_stands_twice_is_refused() {
    let text = with(
        r#"{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"Bool":{"a:b":true,"\u0061:b":false}}}"#,
    );
    assert_eq!(refused(&text).0, "Statement[0].Condition.Bool.a:b");
    let text = with(r#"{"Effect":"Deny","Effect":"Allow","Action":"a:b","Resource":"*"}"#);
    assert_eq!(refused(&text).0, "Statement[0].Effect");
}

/// P05: 10 000 levels and a megabyte, with and without the bound of size.
#[test]
fn a_hostile_text_is_refused_early() {
    let deep = "[".repeat(10_000);
    assert!(refused(&deep).1.contains("6144"));
    let error = Document::parse_bounded(&deep, 1 << 20).unwrap_err();
    assert_eq!((error.line, error.column), (1, 33));
    let wide = with(&format!(
        r#"{{"Effect":"Allow","Action":"a:{}","Resource":"*"}}"#,
        "x".repeat(1 << 20)
    ));
    assert!(refused(&wide).1.contains("bytes"));
    let names: Vec<String> = (0..50_000).map(|index| format!("\"m{index}\":0")).collect();
    assert!(Document::parse_bounded(&format!("{{{}}}", names.join(",")), 1 << 20).is_err());
    assert_eq!(MAX_DOCUMENT_BYTES, 6_144);
}

/// P05: what RFC 8259 does not know.
#[test]
fn a_text_that_is_no_json_is_refused() {
    for text in [
        "{",
        "{\"a\"",
        "{\"a\":}",
        "{'a':1}",
        "{\"a\":1,}",
        "[1,]",
        "\u{feff}{}",
        "{\"a\":01}",
        "{\"a\":.5}",
        "{\"a\":NaN}",
        "{\"a\":\"\u{1}\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\\ud800\\u0041\"}",
        "{\"a\":\"\\u12\"}",
        "// x\n{}",
        "{\"a\":\"",
    ] {
        assert!(Document::parse(text).is_err(), "{text}");
    }
}

proptest::proptest! {
    /// P05: no text makes it panic, whatever was cut out of a document or put into it.
    #[test]
    fn any_text_is_read_or_refused(cut in 0_usize..200, noise in "\\PC{0,12}", at in 0_usize..200) {
        let mut text: Vec<char> = with(r#"{"Sid":"A","Effect":"Allow","Action":["a:*"],"Resource":"arn:a:b:c:d:${iam:username, 'x'}",
            "Condition":{"ForAnyValue:DateLessThanIfExists":{"a:b":["2026-01-01T00:00:00Z",5]},"IpAddress":{"request:ip":"::1"}}}"#).chars().collect();
        text.remove(cut % text.len());
        let at = at % text.len();
        text.splice(at..at, noise.chars());
        let text: String = text.into_iter().collect();
        if let Err(error) = Document::parse(&text) {
            proptest::prop_assert!(error.line >= 1 && error.column >= 1 && !error.reason.is_empty());
        }
    }
}
