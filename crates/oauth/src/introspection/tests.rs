use super::*;
use serde_json::{from_value, json, to_value};

/// O31
#[test]
fn inactive_token_has_no_other_member() {
    assert_eq!(
        serde_json::to_string(&IntrospectionResponse::Inactive).unwrap(),
        r#"{"active":false}"#
    );
}

#[test]
fn members_of_an_inactive_answer_are_dropped() {
    let answer = from_value(json!({"active": false, "sub": "usr_1", "exp": "soon"}));
    assert_eq!(answer.ok(), Some(IntrospectionResponse::Inactive));
}

#[test]
fn active_answer_reads_back() {
    let wire =
        json!({"active": true, "scope": "a b", "aud": ["x", "y"], "exp": 12, "sub": "usr_1", "amr": ["pwd"]});
    let answer: IntrospectionResponse = from_value(wire.clone()).unwrap();
    let token = answer.active().unwrap();
    assert!(token.aud.as_ref().unwrap().contains("y"));
    assert_eq!(to_value(&answer).unwrap(), wire);
}

#[test]
fn unknown_members_are_left_out() {
    let answer: IntrospectionResponse = from_value(json!({"active": true, "role": "admin"})).unwrap();
    assert_eq!(to_value(&answer).unwrap(), json!({"active": true}));
}

#[test]
fn loose_types_are_refused() {
    let cases = [
        json!({}),
        json!({"active": "true"}),
        json!({"active": 1}),
        json!({"active": true, "exp": 1e19}),
        json!({"active": true, "exp": "12"}),
        json!({"active": true, "scope": "a  b"}),
        json!({"active": true, "aud": 3}),
        json!([true]),
    ];
    for case in cases {
        assert!(
            from_value::<IntrospectionResponse>(case.clone()).is_err(),
            "{case}"
        );
    }
}

#[test]
fn one_audience_is_a_string() {
    let collect = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Audience>();
    assert_eq!(collect(&["a"]), Audience::One("a".to_owned()));
    assert_eq!(
        collect(&["a", "b"]),
        Audience::Many(vec!["a".to_owned(), "b".to_owned()])
    );
    assert_eq!(collect(&[]), Audience::Many(vec![]));
}

#[test]
fn token_is_required() {
    let params = |text: &str| Params::parse(text.as_bytes(), &crate::params::ParamLimits::default()).unwrap();
    assert!(IntrospectionRequest::from_params(&params("token_type_hint=access_token")).is_err());
    let params = params("token=t&token_type_hint=h");
    let request = IntrospectionRequest::from_params(&params).unwrap();
    assert_eq!((request.token, request.token_type_hint), ("t", Some("h")));
}
