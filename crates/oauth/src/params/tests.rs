use super::*;
use proptest::prelude::*;

fn parse(text: &str) -> Result<Params, ParamsError> {
    Params::parse(text.as_bytes(), &ParamLimits::default())
}

/// O33
#[test]
fn repeated_parameter_is_refused_even_when_empty_equal_or_unknown() {
    for text in [
        "a=1&a=2",
        "a=1&a=1",
        "a=&a=1",
        "a&a",
        "a=1&%61=2",
        "state=x&b=1&state=y",
    ] {
        assert!(matches!(parse(text), Err(ParamsError::Repeated(_))), "{text}");
    }
}

/// O33
#[test]
fn parameter_in_query_and_body_is_refused() {
    let limits = ParamLimits::default();
    let query = parse("client_id=a").unwrap();
    let body = parse("client_id=a&x=1").unwrap();
    assert_eq!(
        query.and(body, &limits).unwrap_err(),
        ParamsError::Repeated("client_id".to_owned())
    );
}

#[test]
fn resource_repeats_in_order() {
    let mut params = parse("resource=b&x=1&resource=a&resource=").unwrap();
    let values: Vec<_> = params
        .take_all("resource")
        .iter()
        .map(|value| value.to_string())
        .collect();
    assert_eq!(values, ["b", "a"]);
    assert_eq!(params.get("resource"), None);
    assert_eq!(params.get("x"), Some("1"));
}

#[test]
fn empty_value_counts_as_absent() {
    let params = parse("scope=&state").unwrap();
    assert_eq!(params.get("scope"), None);
    assert_eq!(params.required("state"), Err(ParamsError::Missing("state")));
}

#[test]
fn broken_encoding_is_refused() {
    for text in [
        "a=%", "a=%4", "a=%zz", "a=%ff", "a=%00", "%00=a", "a=\0", "a=%c0%80", "a=%+1",
    ] {
        assert_eq!(parse(text).unwrap_err(), ParamsError::Encoding, "{text}");
    }
}

#[test]
fn limits_hold_one_below_at_and_one_above() {
    let fields = |count: usize| (0..count).map(|n| format!("f{n}=")).collect::<Vec<_>>().join("&");
    assert!(parse(&fields(99)).is_ok());
    assert!(parse(&fields(100)).is_ok());
    assert_eq!(parse(&fields(101)).unwrap_err(), ParamsError::TooLarge);
    let value = |len: usize| format!("a={}", "x".repeat(len));
    assert!(parse(&value(8191)).is_ok());
    assert!(parse(&value(8192)).is_ok());
    assert_eq!(parse(&value(8193)).unwrap_err(), ParamsError::TooLarge);
    assert_eq!(parse(&"&".repeat(6_400_000)).unwrap_err(), ParamsError::TooLarge);
}

#[test]
fn debug_shows_names_only() {
    assert_eq!(
        format!("{:?}", parse("client_secret=hush").unwrap()),
        r#"{"client_secret"}"#
    );
}

proptest! {
    #[test]
    fn encoded_pairs_read_back(pairs in proptest::collection::btree_map("[^\0]{1,20}", "[^\0]{1,40}", 0..20)) {
        let text: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
        let params = parse(&text).unwrap();
        for (name, value) in &pairs {
            prop_assert_eq!(params.get(name), Some(value.as_str()));
        }
        prop_assert_eq!(params.names().count(), pairs.len());
    }

    #[test]
    fn any_bytes_are_judged_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(params) = Params::parse(&bytes, &ParamLimits::default()) {
            let mut names: Vec<_> = params.names().filter(|name| *name != "resource").collect();
            let count = names.len();
            names.sort_unstable();
            names.dedup();
            prop_assert_eq!(names.len(), count);
        }
    }
}
