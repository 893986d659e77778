//! The simplest things: allow, deny, neither, and why.

mod decide;

use decide::decide;
use policy::{Context, Decision, Document, Request, Source, evaluate};

#[test]
fn own_orders_are_read_and_those_of_others_are_not() {
    let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "orders:Read*",
        "Resource": "arn:authz:orders::1:user/${iam:username}/*"}}"#;
    let context = Context::new().with("iam:username", "al*ce");
    let documents = [Document::parse(text).unwrap()];
    let of = |resource: &str| decide(&documents, "Orders:readItem", resource, &context);
    assert_eq!(of("arn:authz:orders::1:user/al*ce/7"), Decision::Allow);
    assert_eq!(of("arn:authz:orders::1:user/alice/7"), Decision::ImplicitDeny);
}

#[test]
fn the_explanation_names_what_is_missing() {
    let text = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "Office", "Effect": "Allow", "Action": "orders:Read",
        "Resource": "*", "Condition": {"IpAddress": {"request:ip": "192.0.2.0/24"}}}]}"#;
    let document = Document::parse(text).unwrap();
    let sources = [Source::new("office", &document)];
    let context = Context::new().with("request:ip", "198.51.100.7");
    let request = Request {
        action: "orders:Read",
        resource: "arn:a:b:c:d:x*",
        context: &context,
    };
    let told = evaluate(&sources, request).explain();
    let text = "Statement Office of office would have allowed it but for IpAddress.request:ip.";
    assert_eq!(told.near_misses[0].text(), text);
    assert_eq!(told.missing.unwrap()["Resource"], "arn:a:b:c:d:x${*}");
}

#[test]
fn a_refusal_tells_line_column_and_path() {
    let text = "{\"Version\": \"2012-10-17\",\n \"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\",\n  \"Condition\": {\"IpAddress\": {\"request:ip\": \"nowhere\"}}}]}";
    let error = Document::parse(text).unwrap_err();
    assert_eq!((error.line, error.column), (3, 45));
    assert_eq!(error.path, "Statement[0].Condition.IpAddress.request:ip");
}
