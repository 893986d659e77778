//! What the log says of facts, and when it says nothing any more.
//! No clocks but those of the tests.

use super::*;
use oauth::introspection::ActiveToken;
use oauth::revocations::{RevocationEvent, RevocationKind};
use std::time::Duration;

fn facts(position: u64) -> Facts {
    let token = ActiveToken {
        exp: Some(1000),
        iat: Some(100),
        jti: Some("tok_1".to_owned()),
        sub: Some("usr_1".to_owned()),
        ..ActiveToken::default()
    };
    Facts::from_introspection(&token, "i", position, Tick(u64::MAX)).unwrap()
}

fn event(position: u64, kind: RevocationKind, id: &str, issued_before: Option<i64>) -> RevocationEvent {
    RevocationEvent {
        position,
        kind,
        id: id.to_owned(),
        issued_before,
        until: 5000,
    }
}

fn apply(revocations: &Revocations, events: Vec<RevocationEvent>) -> Applied {
    let head = events.last().map_or(0, |event| event.position);
    let feed = RevocationFeed {
        head,
        events,
        ..RevocationFeed::default()
    };
    revocations.apply(&feed, Tick(1), 0)
}

/// C04
#[test]
fn a_fill_with_an_older_position_cannot_resurrect() {
    let revocations = Revocations::new(Duration::from_secs(5));
    apply(&revocations, vec![event(7, RevocationKind::Token, "tok_1", None)]);
    assert!(!revocations.alive(&facts(6)));
    assert!(revocations.alive(&facts(7)));
}

#[test]
fn facts_found_alive_are_looked_up_again_after_a_change() {
    let revocations = Revocations::new(Duration::from_secs(5));
    let known = facts(0);
    assert!(revocations.alive(&known) && revocations.alive(&known));
    apply(
        &revocations,
        vec![event(1, RevocationKind::Subject, "usr_1", Some(100_000_000))],
    );
    assert!(!revocations.alive(&known));
}

#[test]
fn a_subject_event_spares_what_was_issued_later() {
    let revocations = Revocations::new(Duration::from_secs(5));
    apply(
        &revocations,
        vec![event(1, RevocationKind::Subject, "usr_1", Some(99_999_999))],
    );
    assert!(revocations.alive(&facts(0)));
}

#[test]
fn a_part_of_the_events_counts_at_once_and_renews_no_lease() {
    let revocations = Revocations::new(Duration::from_secs(5));
    let part = RevocationFeed {
        head: 1,
        events: vec![event(1, RevocationKind::Token, "tok_1", None)],
        more: true,
        ..RevocationFeed::default()
    };
    assert_eq!(revocations.apply(&part, Tick(1), 0), Applied::Forward);
    assert!(!revocations.alive(&facts(0)) && !revocations.lease().is_fresh(Tick(1)));
    assert_eq!(revocations.position(), Some(1));
}

#[tokio::test]
async fn those_who_wait_hear_of_changes_and_of_the_end_of_the_lease() {
    let clock = Clock::manual(0);
    let revocations = Revocations::new(Duration::from_secs(5));
    let mut changes = revocations.changes();
    revocations.lapsed(&clock).await;
    let feed = RevocationFeed {
        head: 1,
        events: vec![event(1, RevocationKind::Token, "tok_1", None)],
        ..RevocationFeed::default()
    };
    revocations.apply(&feed, clock.tick(), 0);
    assert!(changes.has_changed().unwrap());
    assert_eq!(*changes.borrow_and_update(), 2);
    let mut lapse = std::pin::pin!(revocations.lapsed(&clock));
    clock.advance(Duration::from_secs(4));
    assert!(futures::poll!(lapse.as_mut()).is_pending());
    clock.advance(Duration::from_secs(1));
    lapse.await;
    assert!(!changes.has_changed().unwrap());
}

/// R8: by a clock ten years ahead everything has expired; that clock is wrong.
#[test]
fn a_clock_that_is_set_forward_and_back_forgets_no_revocation() {
    let revocations = Revocations::new(Duration::from_secs(5));
    let told = |second: u64, id: &str, until: i64, now: i64| {
        let mut event = event(second * 1_000_000, RevocationKind::Token, id, None);
        event.until = until;
        let feed = RevocationFeed {
            head: event.position,
            events: vec![event],
            ..RevocationFeed::default()
        };
        revocations.apply(&feed, Tick(1), now)
    };
    told(1000, "tok_1", 5000, 1000);
    told(1001, "tok_2", 5001, 300_000_000);
    assert!(!revocations.alive(&facts(6)) && revocations.marks() == 2);
    told(5001, "tok_3", 9000, 5001);
    assert_eq!(revocations.marks(), 2, "the time of the first is over");
}

#[test]
fn a_server_that_lost_history_is_noticed() {
    let revocations = Revocations::new(Duration::from_secs(5));
    apply(&revocations, vec![event(7, RevocationKind::Token, "tok_1", None)]);
    assert_eq!(
        apply(&revocations, vec![event(3, RevocationKind::Token, "tok_2", None)]),
        Applied::Backward
    );
    assert_eq!(
        (revocations.position(), revocations.lease().ends_at()),
        (None, Tick(0))
    );
    assert_eq!(revocations.histories_lost(), 1);
    assert_eq!(apply(&revocations, Vec::new()), Applied::Forward);
    assert!(!revocations.alive(&facts(6)), "what was revoked stays revoked");
}
