//! The published cases of evaluation logic, and what lints and managed policies say.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod decide;

use decide::decide;
use policy::{Context, Decision, Document, LintKind, Request, Service, Source, evaluate, managed};
use serde_json::{Value, json};

const BUCKET: &str = "arn:aws:s3:::shop/cart";

fn document(statements: &Value) -> Document {
    Document::parse(&json!({"Version": "2012-10-17", "Statement": statements}).to_string()).unwrap()
}

fn decided(statements: &[Value], action: &str, resource: &str, context: &Context) -> &'static str {
    let documents: Vec<Document> = statements.iter().map(document).collect();
    decide(&documents, action, resource, context).as_str()
}

/// P01: an explicit Deny beats an Allow, an Allow beats nothing.
#[test]
fn a_deny_wins_then_an_allow_then_nothing() {
    let allow = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"});
    let deny = json!({"Effect": "Deny", "Action": "s3:Put*", "Resource": "arn:aws:s3:::shop/*"});
    let none = Context::new();
    for (policies, action, verdict) in [
        (vec![], "s3:GetObject", "implicit_deny"),
        (vec![allow.clone()], "s3:GetObject", "allow"),
        (vec![allow.clone()], "ec2:Run", "implicit_deny"),
        (vec![deny.clone()], "s3:PutObject", "explicit_deny"),
        (vec![deny.clone()], "s3:GetObject", "implicit_deny"),
        (vec![allow.clone(), deny.clone()], "s3:PutObject", "explicit_deny"),
        (vec![deny.clone(), allow.clone()], "s3:PutObject", "explicit_deny"),
        (vec![json!([allow, deny])], "s3:GetObject", "allow"),
    ] {
        assert_eq!(
            decided(&policies, action, BUCKET, &none),
            verdict,
            "{policies:?} {action}"
        );
    }
}

/// The published examples of NotAction, NotResource, IfExists, set operators and Null.
#[test]
fn the_published_examples_decide_as_published() {
    let outside = json!({"Effect": "Deny", "NotAction": "iam:*", "Resource": "*",
        "Condition": {"BoolIfExists": {"iam:mfa": "false"}}});
    let elsewhere =
        json!({"Effect": "Deny", "Action": "s3:*", "NotResource": ["arn:aws:s3:::hr/*", "arn:aws:s3:::hr"]});
    let tags = json!({"Effect": "Allow", "Action": "ec2:CreateTags", "Resource": "*",
        "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["team", "cost"]}}});
    let tagged = json!({"Effect": "Allow", "Action": "ec2:CreateTags", "Resource": "*", "Condition": {
        "ForAllValues:StringEquals": {"aws:TagKeys": ["team", "cost"]}, "Null": {"aws:TagKeys": "false"}}});
    let any = json!({"Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": {"ForAnyValue:StringEquals": {"aws:TagKeys": "secret"}}});
    let context = |values: &[(&str, &str)]| {
        values
            .iter()
            .fold(Context::new(), |all, (key, value)| all.with(key, *value))
    };
    for (policy, action, known, verdict) in [
        (
            &outside,
            "s3:GetObject",
            context(&[("iam:mfa", "false")]),
            "explicit_deny",
        ),
        (&outside, "s3:GetObject", context(&[]), "explicit_deny"),
        (
            &outside,
            "s3:GetObject",
            context(&[("iam:mfa", "true")]),
            "implicit_deny",
        ),
        (
            &outside,
            "iam:EnableMfa",
            context(&[("iam:mfa", "false")]),
            "implicit_deny",
        ),
        (&elsewhere, "s3:GetObject", context(&[]), "explicit_deny"),
        (
            &tags,
            "ec2:CreateTags",
            context(&[("aws:tagkeys", "team"), ("aws:tagkeys", "cost")]),
            "allow",
        ),
        (
            &tags,
            "ec2:CreateTags",
            context(&[("aws:tagkeys", "team"), ("aws:tagkeys", "other")]),
            "implicit_deny",
        ),
        (&tags, "ec2:CreateTags", context(&[]), "allow"),
        (&tagged, "ec2:CreateTags", context(&[]), "implicit_deny"),
        (
            &tagged,
            "ec2:CreateTags",
            context(&[("aws:tagkeys", "cost")]),
            "allow",
        ),
        (
            &any,
            "ec2:CreateTags",
            context(&[("aws:tagkeys", "team"), ("aws:tagkeys", "secret")]),
            "explicit_deny",
        ),
        (&any, "ec2:CreateTags", context(&[]), "implicit_deny"),
    ] {
        assert_eq!(
            decided(std::slice::from_ref(policy), action, BUCKET, &known),
            verdict,
            "{policy} {action} {known:?}"
        );
    }
}

/// P03: over every action and resource, a Not means the complement and nothing else.
#[test]
fn a_not_means_the_complement() {
    let actions = ["a:Get", "a:Put", "b:Get", "b:List"];
    let resources = ["arn:p:a::1:x", "arn:p:a::1:y", "arn:p:b::1:x"];
    for effect in ["Allow", "Deny"] {
        for patterns in [
            json!(["a:*"]),
            json!(["a:Get", "b:*"]),
            json!("*"),
            json!(["*:Get"]),
        ] {
            for action in actions {
                let of = |member: &str| {
                    let statement = json!({"Effect": effect, member: patterns, "Resource": "*"});
                    decided(&[statement], action, resources[0], &Context::new()) != "implicit_deny"
                };
                assert_ne!(of("Action"), of("NotAction"), "{effect} {patterns} {action}");
            }
        }
        for patterns in [
            json!("arn:p:a::1:*"),
            json!(["arn:p:a::1:x", "arn:p:b::*"]),
            json!("*"),
        ] {
            for resource in resources {
                let of = |member: &str| {
                    let statement = json!({"Effect": effect, "Action": "*", member: patterns});
                    decided(&[statement], "a:Get", resource, &Context::new()) != "implicit_deny"
                };
                assert_ne!(
                    of("Resource"),
                    of("NotResource"),
                    "{effect} {patterns} {resource}"
                );
            }
        }
    }
}

/// A variable without a value never helps to allow, and never stops a Deny.
#[test]
fn an_unknown_variable_fails_closed() {
    let own =
        |effect: &str| json!({"Effect": effect, "Action": "*", "NotResource": "arn:p:a::1:${iam:username}"});
    let others = |effect: &str| {
        json!({"Effect": effect, "Action": "*", "Resource": "*",
        "Condition": {"StringNotEquals": {"c:owner": "${iam:username}"}}})
    };
    let known = Context::new().with("c:owner", "ada");
    for (statement, verdict) in [
        (own("Allow"), "implicit_deny"),
        (own("Deny"), "explicit_deny"),
        (others("Allow"), "implicit_deny"),
        (others("Deny"), "explicit_deny"),
    ] {
        assert_eq!(decided(&[statement], "a:b", "arn:p:a::1:x", &known), verdict);
    }
}

/// P05: a stored document that cannot be read any more may have denied anything.
#[test]
fn an_unreadable_policy_denies() {
    let all = document(&json!({"Effect": "Allow", "Action": "*", "Resource": "*"}));
    let sources = [Source::new("all", &all), Source::unreadable("broken")];
    let context = &Context::new();
    let evaluation = evaluate(
        &sources,
        Request {
            action: "a:b",
            resource: "r",
            context,
        },
    );
    assert_eq!(evaluation.decision, Decision::ExplicitDeny);
    assert_eq!(
        evaluation.explain().text,
        "Denied because the document of broken cannot be read."
    );
}

/// The verdict names what led to it.
#[test]
fn a_verdict_names_its_statements() {
    let office = document(
        &json!([{"Sid": "Read", "Effect": "Allow", "Action": "a:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "a:Get", "Resource": "*"}]),
    );
    let sources = [Source::new("office", &office)];
    let context = &Context::new();
    let evaluation = evaluate(
        &sources,
        Request {
            action: "a:Get",
            resource: "r",
            context,
        },
    );
    let names: Vec<String> = evaluation
        .matched
        .iter()
        .map(policy::StatementRef::name)
        .collect();
    assert_eq!(names, ["Read", "#1"]);
    assert_eq!(
        evaluation.explain().text,
        "Denied by statement #1 of office; a Deny beats every Allow."
    );
    assert_eq!(evaluation.explain().missing, None);
}

/// What would have been enough is enough.
#[test]
fn the_missing_statement_allows_just_that() {
    let context = &Context::new();
    for resource in ["arn:p:a::1:x", "arn:p:a::1:*?$", "arn:p:a::1:${x}"] {
        let request = Request {
            action: "a:Get",
            resource,
            context,
        };
        let missing = evaluate(&[], request).explain().missing.unwrap();
        assert_eq!(
            decided(std::slice::from_ref(&missing), "a:Get", resource, context),
            "allow",
            "{missing}"
        );
        assert_eq!(
            decided(&[missing], "a:Get", "arn:p:a::1:other", context),
            "implicit_deny"
        );
    }
}

/// P03: what is seldom meant is told.
#[test]
fn lints_tell_what_is_seldom_meant() {
    use LintKind::{
        AllowNotAction, AllowNotResource, AllowsEverything, Redundant, SeveralValues, Unreachable,
    };
    let odd = document(&json!([
        {"Effect": "Allow", "NotAction": "a:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "a:*", "NotResource": "arn:p:a::1:x"},
        {"Effect": "Deny", "NotAction": "a:*", "NotResource": "arn:p:a::1:x"},
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Allow", "Action": "b:Get", "Resource": "arn:p:b::1:x"},
        {"Effect": "Allow", "Action": "a:Get", "Resource": "*", "Condition": {"StringEquals": {"iam:groups": "x"}}},
    ]));
    let found: Vec<(usize, LintKind)> = odd
        .lints()
        .into_iter()
        .map(|lint| (lint.statement, lint.kind))
        .collect();
    let due = [
        (0, AllowNotAction),
        (1, AllowNotResource),
        (3, AllowsEverything),
        (4, Unreachable),
        (5, Redundant),
        (5, SeveralValues),
    ];
    assert_eq!(found, due);
}

/// P07: what somebody holds may be granted on, and nothing above it.
#[test]
fn nobody_grants_above_himself() {
    let held = document(&json!([
        {"Effect": "Allow", "Action": "orders:*", "Resource": "arn:p:orders::1:*"},
        {"Effect": "Allow", "Action": "iam:*", "Resource": "arn:p:iam::1:user/${iam:username}"},
        {"Effect": "Allow", "Action": "mail:Send", "Resource": "*", "Condition": {"Bool": {"iam:mfa": true}}},
        {"Effect": "Deny", "Action": "orders:Delete*", "Resource": "*"},
    ]));
    let mfa = json!({"Bool": {"iam:mfa": true}});
    for (wanted, passes) in [
        (
            json!({"Effect": "Allow", "Action": "orders:Read", "Resource": "arn:p:orders::1:x/*"}),
            true,
        ),
        (
            json!({"Effect": "Allow", "Action": ["orders:Read*", "orders:Put?"], "Resource": ["arn:p:orders::1:*"]}),
            true,
        ),
        (
            json!({"Effect": "Allow", "Action": "orders:Read", "Resource": "*"}),
            false,
        ),
        (
            json!({"Effect": "Allow", "Action": "orders:*", "Resource": "arn:p:orders::1:*"}),
            false,
        ),
        (
            json!([{"Effect": "Allow", "Action": "orders:*", "Resource": "arn:p:orders::1:*"},
            {"Effect": "Deny", "Action": "orders:D*", "Resource": "*"}]),
            true,
        ),
        (json!({"Effect": "Allow", "Action": "*", "Resource": "*"}), false),
        (
            json!({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
            false,
        ),
        (
            json!({"Effect": "Allow", "Action": "iam:*", "Resource": "arn:p:iam::1:user/${iam:username}"}),
            false,
        ),
        (
            json!({"Effect": "Allow", "Action": "mail:Send", "Resource": "*"}),
            false,
        ),
        (
            json!({"Effect": "Allow", "Action": "mail:Send", "Resource": "*", "Condition": mfa}),
            true,
        ),
        (json!({"Effect": "Deny", "Action": "*", "Resource": "*"}), true),
    ] {
        let excess = policy::exceeds(&[&held], &[&document(&wanted)]);
        assert_eq!(excess.is_none(), passes, "{wanted} {excess:?}");
    }
}

/// Managed policies are documents like others.
#[test]
fn managed_policies_say_what_their_names_say() {
    let services = [Service {
        name: "order-desk".to_owned(),
        read: vec!["Peek".to_owned()],
    }];
    let all = managed(&services).unwrap();
    let allows = |name: &str, action: &str| {
        let found = all.iter().find(|one| one.name == name).unwrap();
        let documents = std::slice::from_ref(&found.document);
        decide(documents, action, "r", &Context::new()).is_allowed()
    };
    for (name, allowed, denied) in [
        ("AdministratorAccess", "x:Any", ""),
        ("ReadOnlyAccess", "iam:ListUsers", "iam:CreateUser"),
        ("BillingAccess", "billing:Topup", "iam:ListUsers"),
        ("IAMFullAccess", "iam:CreateUser", "billing:Topup"),
        ("PowerUserAccess", "billing:Topup", "iam:CreateUser"),
        ("OrderDeskFullAccess", "order-desk:Take", "iam:ListUsers"),
        ("OrderDeskReadOnlyAccess", "order-desk:Peek", "order-desk:Take"),
    ] {
        assert!(allows(name, allowed), "{name} {allowed}");
        assert!(denied.is_empty() || !allows(name, denied), "{name} {denied}");
    }
    assert!(
        managed(&[Service {
            name: "a b".to_owned(),
            read: Vec::new()
        }])
        .is_err()
    );
}
