use super::*;
use proptest::prelude::*;

fn event(position: u64, kind: RevocationKind, id: &str) -> RevocationEvent {
    RevocationEvent {
        position,
        kind,
        id: id.to_owned(),
        issued_before: None,
        until: 100,
    }
}

/// C04: a fill that was in flight comes with an older position and stays dead.
#[test]
fn facts_read_before_the_revocation_are_dead_and_facts_read_after_it_live() {
    let mut index = RevocationIndex::default();
    index.apply(&event(7, RevocationKind::Grant, "gra_1"));
    let keys = TokenKeys {
        grant_id: Some("gra_1"),
        ..TokenKeys::default()
    };
    assert!(index.killed(&keys, Some(6)));
    assert!(!index.killed(&keys, Some(7)));
    assert!(index.killed(&keys, None));
}

#[test]
fn tokens_issued_after_a_subject_was_cut_off_live() {
    let mut index = RevocationIndex::default();
    let cut = RevocationEvent {
        issued_before: Some(5_000_000),
        ..event(1, RevocationKind::Subject, "usr_1")
    };
    index.apply(&cut);
    let keys = |iat| TokenKeys {
        sub: Some("usr_1"),
        iat_seconds: iat,
        ..TokenKeys::default()
    };
    assert!(index.killed(&keys(Some(5)), None));
    assert!(!index.killed(&keys(Some(6)), None));
    assert!(index.killed(&keys(None), None));
    assert!(!index.killed(&keys(Some(i64::MAX)), None));
}

#[test]
fn the_same_id_of_another_kind_is_not_touched() {
    let mut index = RevocationIndex::default();
    index.apply(&event(1, RevocationKind::Client, "x"));
    assert!(!index.killed(
        &TokenKeys {
            sub: Some("x"),
            ..TokenKeys::default()
        },
        None
    ));
    assert!(index.killed(
        &TokenKeys {
            client_id: Some("x"),
            ..TokenKeys::default()
        },
        None
    ));
}

#[test]
fn forgetting_waits_for_the_end_of_until() {
    let mut index = RevocationIndex::default();
    index.apply(&event(1, RevocationKind::Token, "tok_1"));
    index.forget(100);
    assert_eq!(index.len(), 1);
    index.forget(101);
    assert!(index.is_empty());
}

fn any_event() -> impl Strategy<Value = RevocationEvent> {
    (
        1_u64..20,
        0_usize..7,
        "[ab]",
        proptest::option::of(0_i64..8_000_000),
        0_i64..6,
    )
        .prop_map(|(position, kind, id, issued_before, until)| RevocationEvent {
            position,
            kind: RevocationKind::ALL[kind],
            id,
            issued_before,
            until,
        })
}

fn naive(events: &[RevocationEvent], keys: &TokenKeys<'_>, position: Option<u64>) -> bool {
    events.iter().any(|event| {
        let id = match event.kind {
            RevocationKind::Token => keys.jti,
            RevocationKind::Session => keys.sid,
            RevocationKind::Grant => keys.grant_id,
            RevocationKind::Key => keys.key,
            RevocationKind::Subject => keys.sub,
            RevocationKind::Client => keys.client_id,
            RevocationKind::Account => keys.account_id,
        };
        let old = match (event.issued_before, keys.iat_seconds) {
            (Some(limit), Some(iat)) => iat * 1_000_000 <= limit,
            (Some(_), None) | (None, _) => true,
        };
        id == Some(event.id.as_str()) && old && position.is_none_or(|known| event.position > known)
    })
}

proptest! {
    #[test]
    fn agrees_with_a_plain_list(
        events in proptest::collection::vec(any_event(), 0..40),
        now in 0_i64..6,
        ids in proptest::array::uniform7(proptest::option::of("[abc]")),
        iat in proptest::option::of(0_i64..9),
        position in proptest::option::of(0_u64..20),
    ) {
        let mut index = RevocationIndex::default();
        for event in events.iter().chain(&events) {
            index.apply(event);
        }
        index.forget(now);
        let kept: Vec<_> = events.into_iter().filter(|event| event.until >= now).collect();
        let [jti, sid, grant_id, key, sub, client_id, account_id] = ids.each_ref().map(Option::as_deref);
        let keys = TokenKeys { jti, sid, grant_id, key, sub, client_id, account_id, iat_seconds: iat };
        prop_assert_eq!(index.killed(&keys, position), naive(&kept, &keys, position));
        prop_assert_eq!(index.is_empty(), kept.is_empty());
    }
}
