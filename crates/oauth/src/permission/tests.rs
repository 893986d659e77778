use super::*;
use crate::scope::ScopeSet;
use proptest::collection::vec;
use proptest::prelude::*;

fn problem(text: &str) -> PermissionProblem {
    Permission::parse(text)
        .err()
        .unwrap_or_else(|| panic!("accepted: {text}"))
}

#[test]
fn a_shorter_path_grants_what_is_below_it() {
    for (held, wanted, granted) in [
        ("compute.u1:read", "compute.u1.containers.c9:read", true),
        (
            "compute.u1.containers:read",
            "compute.u1.containers.c9:read",
            true,
        ),
        ("compute.u1:read", "compute.u1:read", true),
        ("compute.u1:read", "compute.u10:read", false),
        ("compute.u1:read", "compute.u1.containers:delete", false),
        ("compute.u1.containers:read", "compute.u1:read", false),
        ("compute.u1.c:read", "compute.u1.containers:read", false),
        ("compute:read", "compute.u1:read", false),
        ("orders:read", "orders:read", true),
        ("orders:read", "orders:read:all", false),
        ("admin:users", "admin:users:read", false),
    ] {
        assert_eq!(covers(held, wanted), granted, "{held} → {wanted}");
        let set = ScopeSet::parse(held).unwrap();
        assert_eq!(set.covers(wanted), granted, "{held} → {wanted}");
    }
}

/// A plain scope stays a word, also when it looks a little like a path.
#[test]
fn plain_scopes_match_exactly() {
    for (held, wanted) in [
        ("a.b", "a.b.c"),
        ("https://a.example/x.y:read", "https://a.example/x.y.z:read"),
        ("a.b:run", "a.b.c:run"),
        ("a..b:read", "a..b.c:read"),
        ("a.b.c.d.e:read", "a.b.c.d.e.f:read"),
    ] {
        assert!(!covers(held, wanted), "{held} → {wanted}");
        assert!(covers(held, held));
    }
}

#[test]
fn bad_entries_are_named() {
    assert_eq!(problem("databases"), PermissionProblem::NoAction);
    assert_eq!(problem("compute.u1:execute"), PermissionProblem::UnknownAction);
    for text in [
        "",
        ":",
        ":read",
        "a:",
        "a::read",
        "a.:read",
        ".u:read",
        "a b:read",
        "ä:read",
        "*:read",
        "a:*",
        "a.b.c.d.e:read",
        "a:b.c:read",
        "a:b:c:d:read",
    ] {
        let found = problem(text);
        assert!(
            matches!(found, PermissionProblem::Malformed | PermissionProblem::NoAction),
            "{text}: {found}"
        );
    }
    assert_eq!(
        problem(&format!("{}:read", "a".repeat(200))),
        PermissionProblem::TooLong
    );
    let long = format!("a.{}:read", "b".repeat(65));
    assert_eq!(problem(&long), PermissionProblem::TooLong);
}

#[test]
fn a_bad_map_names_its_entry() {
    let refused = |key, actions: &[&'static str]| {
        let error = PermissionSet::from_map([("ok.u1", vec!["read"]), (key, actions.to_vec())]);
        let error = error.expect_err(key);
        (error.entry, error.problem)
    };
    for key in ["", "compute", "compute.", "a.b.c.d.e", "databases:read", "a.u 1"] {
        assert_eq!(
            refused(key, &["read"]),
            (key.to_owned(), PermissionProblem::Malformed)
        );
    }
    assert_eq!(
        refused("c.u1", &[]),
        ("c.u1".to_owned(), PermissionProblem::NoAction)
    );
    assert_eq!(
        refused("c.u1", &["read", "own"]),
        ("c.u1: own".to_owned(), PermissionProblem::UnknownAction)
    );
    let none = PermissionSet::from_map([]).expect_err("an empty map");
    assert_eq!(none.problem, PermissionProblem::None);
    assert!(PermissionSet::from_list([]).is_err() && PermissionSet::from_scope_string("").is_err());
}

#[test]
fn more_than_a_scope_parameter_can_carry_is_refused() {
    let keys: Vec<String> = (0..26).map(|number| format!("compute.u1.r{number}")).collect();
    let all = vec!["create", "read", "update", "delete"];
    let map = |keys: &[String]| {
        let entries: Vec<_> = keys.iter().map(|key| (key.as_str(), all.clone())).collect();
        PermissionSet::from_map(entries).map(|set| set.iter().count())
    };
    assert_eq!(map(&keys[..25]), Ok(100));
    assert_eq!(
        map(&keys).map_err(|error| error.problem),
        Err(PermissionProblem::TooMany)
    );
    let long: Vec<String> = (10..60)
        .map(|number| format!("a{number}{}:read", "b".repeat(60)))
        .collect();
    let long = PermissionSet::from_list(
        long.iter()
            .map(String::as_str)
            .chain(long.iter().map(String::as_str)),
    );
    assert!(long.is_ok(), "each once");
    let longer: Vec<String> = (10..99)
        .map(|number| format!("a{number}{}:read", "b".repeat(60)))
        .collect();
    let longer = PermissionSet::from_list(longer.iter().map(String::as_str));
    assert_eq!(
        longer.map_err(|error| error.problem),
        Err(PermissionProblem::TooMany)
    );
}

#[test]
fn parts_are_told() {
    let owned = Permission::parse("compute.u1.containers:read").unwrap();
    assert_eq!((owned.realm(), owned.owner()), ("compute", Some("u1")));
    assert_eq!((owned.key(), owned.action()), ("compute.u1.containers", "read"));
    let named = Permission::parse("admin:users:read").unwrap();
    assert_eq!((named.realm(), named.owner()), ("admin", None));
    assert_eq!((named.key(), named.action()), ("admin:users", "read"));
}

/// Few words, so that paths meet.
fn path() -> impl Strategy<Value = String> {
    vec(prop_oneof![Just("a"), Just("b"), Just("aa"), Just("a-1")], 2..=4).prop_map(|parts| parts.join("."))
}

fn permission() -> impl Strategy<Value = Permission> {
    let action = prop_oneof![Just("create"), Just("read"), Just("update"), Just("delete")];
    let named = prop_oneof![Just("a:read"), Just("a:b:read"), Just("b:run")];
    prop_oneof![
        4 => (path(), action).prop_map(|(path, action)| format!("{path}:{action}")),
        1 => named.prop_map(str::to_owned),
    ]
    .prop_map(|text| Permission::parse(&text).unwrap())
}

fn scopes() -> impl Strategy<Value = ScopeSet> {
    vec(permission(), 0..6).prop_map(|all| all.iter().map(|one| one.scope().clone()).collect())
}

proptest! {
    #[test]
    fn containment_is_a_partial_order(a in permission(), b in permission(), c in permission()) {
        prop_assert!(a.covers(&a));
        prop_assert!(!(a.covers(&b) && b.covers(&a)) || a == b);
        prop_assert!(!(a.covers(&b) && b.covers(&c)) || a.covers(&c));
    }

    #[test]
    fn paths_and_scopes_agree(a in path(), b in path()) {
        let (left, right) = (Path::parse(&a).unwrap(), Path::parse(&b).unwrap());
        let scopes = [left, right].map(|path| Permission::owned(&path, Action::Read).unwrap());
        prop_assert_eq!(left.covers(&right), scopes[0].covers(&scopes[1]));
        prop_assert_eq!(left.covers(&right), b.split('.').take(a.split('.').count()).eq(a.split('.')));
    }

    /// Below both, and above everything that is below both.
    #[test]
    fn what_is_common_is_the_greatest_lower_bound(a in scopes(), b in scopes(), c in scopes()) {
        let common = a.common(&b);
        prop_assert!(a.covers_all(&common) && b.covers_all(&common));
        prop_assert!(!(a.covers_all(&c) && b.covers_all(&c)) || common.covers_all(&c));
        prop_assert_eq!(&common, &b.common(&a));
        prop_assert_eq!(&a.common(&a), &a.common(&a).common(&a));
    }

    #[test]
    fn what_is_not_covered_is_what_is_missing(a in scopes(), b in scopes()) {
        let missing = a.uncovered(&b);
        prop_assert_eq!(missing.is_empty(), a.covers_all(&b));
        prop_assert!(a.union(&missing).covers_all(&b));
        prop_assert!(missing.iter().all(|scope| !a.covers(scope.as_str())));
    }

    #[test]
    fn notations_round_trip(all in vec(permission(), 1..20)) {
        let texts: Vec<String> = all.iter().map(ToString::to_string).collect();
        let set = PermissionSet::from_list(texts.iter().map(String::as_str)).unwrap();
        prop_assert_eq!(&PermissionSet::from_list(set.to_list()).unwrap(), &set);
        prop_assert_eq!(&PermissionSet::from_scope_string(&set.to_string()).unwrap(), &set);
        prop_assert_eq!(&ScopeSet::parse(&set.to_string()).unwrap(), &set.scopes());
        let owned = set.to_map().into_iter().filter(|(key, _)| key.contains('.'));
        if let Ok(map) = PermissionSet::from_map(owned) {
            let owned = texts.iter().filter(|text| text.contains('.')).map(String::as_str);
            prop_assert_eq!(map.scopes(), PermissionSet::from_list(owned).unwrap().scopes());
        }
    }

    #[test]
    fn foreign_text_never_panics(text in "\\PC{0,150}", other in "[a-b.:]{0,12}(read|x)?") {
        let _ = (Permission::parse(&text), PermissionSet::from_scope_string(&text));
        if let Ok(permission) = Permission::parse(&other) {
            prop_assert_eq!(permission.as_str(), other.as_str());
        }
        prop_assert!(covers(&text, &text));
    }
}
