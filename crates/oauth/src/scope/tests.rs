use super::*;
use proptest::prelude::*;

fn scope_set() -> impl Strategy<Value = ScopeSet> {
    proptest::collection::btree_set("[a-d!#\\[\\]~]{1,3}", 0..12)
        .prop_map(|tokens| tokens.iter().map(|token| Scope::parse(token).unwrap()).collect())
}

/// O29
#[test]
fn malformed_scope_parameters_are_refused() {
    let cases = [
        (" ", ScopeError::Empty),
        ("a  b", ScopeError::Empty),
        (" a", ScopeError::Empty),
        ("a ", ScopeError::Empty),
        ("a b a", ScopeError::Repeated),
        ("a\tb", ScopeError::Character),
        ("caf\u{e9}", ScopeError::Character),
        ("a\"b", ScopeError::Character),
        ("a\\b", ScopeError::Character),
        ("a\u{7f}", ScopeError::Character),
    ];
    for (text, error) in cases {
        assert_eq!(ScopeSet::parse(text), Err(error), "{text:?}");
    }
}

/// O29
#[test]
fn limits_hold_one_below_at_and_one_above() {
    let numbered = |count: usize| (0..count).map(|n| format!("s{n}")).collect::<Vec<_>>().join(" ");
    assert!(ScopeSet::parse(&numbered(MAX_SET_COUNT - 1)).is_ok());
    assert!(ScopeSet::parse(&numbered(MAX_SET_COUNT)).is_ok());
    assert_eq!(
        ScopeSet::parse(&numbered(MAX_SET_COUNT + 1)),
        Err(ScopeError::TooLong)
    );
    assert!(Scope::parse(&"a".repeat(MAX_SCOPE_LEN)).is_ok());
    assert_eq!(
        Scope::parse(&"a".repeat(MAX_SCOPE_LEN + 1)),
        Err(ScopeError::TooLong)
    );
    assert_eq!(ScopeSet::parse(&"a ".repeat(25_000)), Err(ScopeError::TooLong));
}

#[test]
fn empty_text_is_the_empty_set() {
    assert_eq!(ScopeSet::parse("").unwrap(), ScopeSet::default());
    assert_eq!(ScopeSet::default().to_string(), "");
}

#[test]
fn json_is_one_string() {
    let set = ScopeSet::parse("openid email").unwrap();
    assert_eq!(serde_json::to_string(&set).unwrap(), "\"email openid\"");
    assert_eq!(serde_json::from_str::<ScopeSet>("\"openid email\"").unwrap(), set);
    assert!(serde_json::from_str::<ScopeSet>("[\"openid\"]").is_err());
}

proptest! {
    #[test]
    fn text_reads_back(set in scope_set()) {
        prop_assert_eq!(ScopeSet::parse(&set.to_string()).unwrap(), set);
    }

    #[test]
    fn narrowing_never_widens(left in scope_set(), right in scope_set()) {
        let both = left.intersect(&right);
        prop_assert!(both.is_subset(&left) && both.is_subset(&right));
        prop_assert_eq!(&both, &right.intersect(&left));
        prop_assert!(left.without(&right).intersect(&right).is_empty());
        prop_assert_eq!(left.without(&right).union(&both), left);
    }

    #[test]
    fn union_is_the_least_upper_bound(left in scope_set(), right in scope_set()) {
        let all = left.union(&right);
        prop_assert!(left.is_subset(&all) && right.is_subset(&all));
        prop_assert!(all.iter().all(|s| left.contains(s.as_str()) || right.contains(s.as_str())));
        prop_assert_eq!(left.is_subset(&right), right == all);
    }

    #[test]
    fn any_text_is_judged_without_panic(text in "\\PC{0,300}") {
        if let Ok(set) = ScopeSet::parse(&text) {
            prop_assert_eq!(set.len(), text.split(' ').filter(|t| !t.is_empty()).count());
        }
    }
}
