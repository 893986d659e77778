//! What wildcards, case, escapes and variables match.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod decide;

use decide::decide;
use policy::{Context, Document};
use serde_json::json;

fn allows(actions: &str, resources: &str, (action, resource): (&str, &str), context: &Context) -> bool {
    let statement = json!({"Effect": "Allow", "Action": actions, "Resource": resources});
    let text = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
    let documents = [Document::parse(&text).unwrap()];
    decide(&documents, action, resource, context).is_allowed()
}

/// P02: an action's pattern, the action, whether it matches.
#[test]
fn actions_match_by_their_pattern_whatever_their_case() {
    for (pattern, action, fits) in [
        ("*", "orders:Read", true),
        ("orders:*", "orders:Read", true),
        ("orders:*", "orders2:Read", false),
        ("orders:*", "Orders:", true),
        ("orders:Read", "ORDERS:read", true),
        ("orders:Read", "orders:ReadItem", false),
        ("orders:Read*", "orders:read", true),
        ("orders:?ead", "orders:Read", true),
        ("orders:?ead", "orders:ead", false),
        ("orders:Rea?", "orders:Read", true),
        ("orders:*tem*", "orders:ReadItems", true),
        ("*:Read", "orders:Read", true),
        ("*:Read", "Read", false),
        ("ord*:Read", "orders:Read", true),
        ("orders:*Read*Read", "orders:Read", false),
        ("orders:Read", "orders:Read ", false),
        ("orders:Bulk", "orders:Bul\u{212a}", false),
    ] {
        let asked = (action, "arn:a:b:c:d:e");
        assert_eq!(
            allows(pattern, "*", asked, &Context::new()),
            fits,
            "{pattern} {action}"
        );
    }
}

/// P02: a resource's pattern, the resource, whether it matches.
#[test]
fn resources_match_by_their_pattern_and_their_case() {
    for (pattern, resource, fits) in [
        ("*", "", true),
        ("arn:a:b:c:d:user/*", "arn:a:b:c:d:user/x/y:z", true),
        ("arn:a:b:c:d:user/*", "arn:a:b:c:d:User/x", false),
        ("arn:a:b:c:d:user/?", "arn:a:b:c:d:user/é", true),
        ("arn:a:b:c:d:user/?", "arn:a:b:c:d:user/xy", false),
        ("arn:a:b:c:d:user/${*}", "arn:a:b:c:d:user/*", true),
        ("arn:a:b:c:d:user/${*}", "arn:a:b:c:d:user/x", false),
        ("arn:a:b:c:d:${?}${$}", "arn:a:b:c:d:?$", true),
        ("arn:a:b:c:d:$x", "arn:a:b:c:d:$x", true),
        ("arn:a:b:c:d:e", "arn:a:b:c:d:e\n", false),
        ("arn:a:b:*", "arn:a:b:c:d:e", true),
    ] {
        assert_eq!(
            allows("*", pattern, ("a:b", resource), &Context::new()),
            fits,
            "{pattern} {resource}"
        );
    }
}

/// P02: a variable stands for its value and nothing else, or for its default, or matches nothing.
#[test]
fn variables_stand_for_their_value_and_nothing_else() {
    let context = Context::new()
        .with("iam:UserName", "a*")
        .with("c:two", "1")
        .with("c:two", "2");
    for (pattern, resource, fits) in [
        ("arn:a:b:c:d:${iam:username}", "arn:a:b:c:d:a*", true),
        ("arn:a:b:c:d:${IAM:Username}*", "arn:a:b:c:d:a*b", true),
        ("arn:a:b:c:d:${iam:username}", "arn:a:b:c:d:ab", false),
        ("arn:a:b:c:d:${iam:userid}", "arn:a:b:c:d:", false),
        ("arn:a:b:c:d:${iam:userid}*", "arn:a:b:c:d:x", false),
        ("arn:a:b:c:d:${iam:userid, 'no one'}", "arn:a:b:c:d:no one", true),
        ("arn:a:b:c:d:${iam:username, 'x'}", "arn:a:b:c:d:x", false),
        ("arn:a:b:c:d:${c:two}", "arn:a:b:c:d:1", false),
    ] {
        assert_eq!(
            allows("*", pattern, ("a:b", resource), &context),
            fits,
            "{pattern} {resource}"
        );
    }
}

/// Documents of 2008-10-17 know no variables.
#[test]
fn a_variable_of_2008_is_plain_text() {
    let statement = json!({"Effect": "Allow", "Action": "*", "Resource": "arn:a:b:c:d:${iam:username}"});
    let document =
        Document::parse(&json!({"Version": "2008-10-17", "Statement": statement}).to_string()).unwrap();
    let context = &Context::new().with("iam:username", "ada");
    let allows = |resource| decide(std::slice::from_ref(&document), "a:b", resource, context).is_allowed();
    assert!(allows("arn:a:b:c:d:${iam:username}"));
    assert!(!allows("arn:a:b:c:d:ada"));
    assert_eq!(document.lints()[0].kind.code(), "no_variables");
}

/// P02: patterns that make backtracking matchers run for ever.
#[test]
fn a_hostile_pattern_costs_no_more_than_its_length() {
    let text = format!("arn:{}", "a".repeat(200_000));
    for pattern in ["*a", "*a?", "*?a?b", "a*?"] {
        let pattern = format!("arn:{}b*", pattern.repeat(5_000 / pattern.len()));
        assert!(!allows("*", &pattern, ("a:b", &text), &Context::new()));
    }
    let middle = format!("arn:*{}b*", "a?".repeat(2_500));
    assert!(!allows("*", &middle, ("a:b", &text), &Context::new()));
}
