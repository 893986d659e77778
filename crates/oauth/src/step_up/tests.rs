//! Demands on logins: how they are read, and which logins meet them.
//! No tokens here: class, instant and now are all there is.

use super::*;
use proptest::prelude::*;

fn demand(acr_values: Option<&str>, max_age: Option<&str>) -> LoginDemand {
    LoginDemand::parse(acr_values, max_age).unwrap()
}

#[test]
fn one_of_several_classes_is_enough() {
    let either = demand(Some("gold silver"), None);
    assert_eq!(either.shortfall(Some("silver"), None, 0), None);
    assert_eq!(either.shortfall(Some("gold"), None, 0), None);
    for weak in [None, Some(""), Some("bronze"), Some("gold silver")] {
        assert_eq!(
            either.shortfall(weak, Some(0), 0),
            Some(Shortfall::Class),
            "{weak:?}"
        );
    }
    assert_eq!(either.acr_values().as_deref(), Some("gold silver"));
}

#[test]
fn two_factors_are_enough_where_a_password_is() {
    let any = demand(Some(acr::PASSWORD), None);
    assert_eq!(any.shortfall(Some(acr::MFA), None, 0), None);
    let both = demand(Some(acr::MFA), None);
    assert_eq!(
        both.shortfall(Some(acr::PASSWORD), None, 0),
        Some(Shortfall::Class)
    );
}

#[test]
fn the_age_is_exact_and_an_unknown_one_is_too_old() {
    let fresh = demand(None, Some("300"));
    assert_eq!(fresh.shortfall(None, Some(1000), 1300), None);
    assert_eq!(fresh.shortfall(None, Some(1000), 1301), Some(Shortfall::Age));
    assert_eq!(fresh.shortfall(None, Some(2000), 1000), None);
    assert_eq!(fresh.shortfall(Some("gold"), None, 1000), Some(Shortfall::Age));
    assert_eq!(
        fresh.shortfall(None, Some(i64::MIN), i64::MAX),
        Some(Shortfall::Age)
    );
    assert_eq!(demand(None, Some("0")).shortfall(None, Some(5), 5), None);
}

#[test]
fn no_demand_is_met_by_nothing() {
    let none = demand(None, None);
    assert!(none.is_empty());
    assert_eq!(none.shortfall(None, None, 0), None);
    assert_eq!((none.acr_values(), none.max_age()), (None, None));
}

#[test]
fn what_cannot_be_meant_is_not_read() {
    for acr_values in ["", " ", "a  b", "a ", "a a", "a\"b", "a\\b", "a\tb", "\u{e9}"] {
        assert!(
            LoginDemand::parse(Some(acr_values), None).is_err(),
            "{acr_values:?}"
        );
    }
    for max_age in [
        "",
        "-1",
        "+1",
        "1.5",
        "1 ",
        "five",
        "31536001",
        "99999999999999999999",
    ] {
        assert_eq!(
            LoginDemand::parse(None, Some(max_age)),
            Err(DemandError::Age),
            "{max_age}"
        );
    }
    let many: Vec<_> = (0..=MAX_CLASSES).map(|number| number.to_string()).collect();
    let read = LoginDemand::of_classes(many.iter().map(String::as_str));
    assert_eq!(read, Err(DemandError::TooMany));
    let long = "x".repeat(MAX_CLASS_LEN + 1);
    assert_eq!(LoginDemand::of_classes([long.as_str()]), Err(DemandError::Class));
}

proptest! {
    #[test]
    fn asking_for_more_never_lets_more_through(
        classes in proptest::collection::btree_set("[a-c]", 0..3), max_age in proptest::option::of(0_u64..10),
        acr in proptest::option::of("[a-d]"), auth_time in proptest::option::of(0_i64..20), now in 0_i64..20,
    ) {
        let weaker = LoginDemand::of_classes(classes.iter().map(String::as_str)).unwrap();
        let stronger = max_age.map_or(weaker.clone(), |age| weaker.clone().within(age).unwrap());
        let met = |demand: &LoginDemand| demand.shortfall(acr.as_deref(), auth_time, now).is_none();
        prop_assert!(met(&weaker) || !met(&stronger));
    }

    #[test]
    fn what_is_said_reads_back_as_the_same_demand(
        classes in proptest::collection::btree_set("[!#-\\[\\]-~]{1,8}", 0..4), age in proptest::option::of(0..=LONGEST_MAX_AGE),
    ) {
        let mut demand = LoginDemand::of_classes(classes.iter().map(String::as_str)).unwrap();
        if let Some(age) = age {
            demand = demand.within(age).unwrap();
        }
        let age = demand.max_age().map(|age| age.to_string());
        let again = LoginDemand::parse(demand.acr_values().as_deref(), age.as_deref());
        prop_assert_eq!(again, Ok(demand));
    }
}
