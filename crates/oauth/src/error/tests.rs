use super::*;
use std::collections::BTreeSet;

#[test]
fn status_of_every_code_at_every_endpoint() {
    let mut table = String::new();
    for code in ErrorCode::ALL {
        let at = |endpoint| code.http_status(endpoint);
        table.push_str(&format!(
            "{code}: page {} client {} resource {}\n",
            at(Endpoint::Authorization),
            at(Endpoint::Client),
            at(Endpoint::Resource)
        ));
    }
    insta::assert_snapshot!(table);
}

#[test]
fn names_are_distinct() {
    let names: BTreeSet<_> = ErrorCode::ALL.map(ErrorCode::as_str).into();
    assert_eq!(names.len(), ErrorCode::ALL.len());
}

#[test]
fn body_has_exactly_the_registered_members() {
    let body = serde_json::to_string(&OAuthError::invalid_request("no \"code\"\r\n\u{e9}\\")).unwrap();
    assert_eq!(
        body,
        r#"{"error":"invalid_request","error_description":"no ?code?????"}"#
    );
    let body = serde_json::to_string(&OAuthError::new(ErrorCode::LoginRequired, "")).unwrap();
    assert_eq!(body, r#"{"error":"login_required"}"#);
}
