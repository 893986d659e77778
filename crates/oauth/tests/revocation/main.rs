//! The revocation log as a model, searched through exhaustively: no request is let through later than the lease after the
//! commit that ended its credential. The rules are those the proxy runs; each rule left out must show as a counterexample.

mod clearing;
mod protocol;
mod steps;

use protocol::{Fault, Protocol};
use stateright::{Checker, Model};

const LATE: &str = "nothing is let through later than the lease";

#[test]
fn no_request_is_let_through_later_than_the_lease() {
    let checker = Protocol::sound().checker().threads(2).spawn_bfs().join();
    assert!(checker.is_done());
    checker.assert_properties();
    report("log, feed, lease and fill", checker.unique_state_count());
}

#[test]
fn each_rule_left_out_lets_something_through() {
    for fault in Fault::ALL {
        let model = Protocol {
            fault: Some(fault),
            ..Protocol::sound()
        };
        let checker = model
            .checker()
            .threads(2)
            .finish_when(stateright::HasDiscoveries::AnyOf([LATE].into()))
            .spawn_bfs()
            .join();
        let path = checker.discovery(LATE);
        assert!(path.is_some(), "{fault:?} does no harm");
        report(
            &format!("counterexample without {fault:?}, steps"),
            path.unwrap().into_vec().len() - 1,
        );
    }
}

#[test]
fn facts_found_alive_are_looked_up_again_after_each_change() {
    let checker = clearing::Clearing::sound().checker().spawn_bfs().join();
    assert!(checker.is_done());
    checker.assert_properties();
    report("facts found alive", checker.unique_state_count());
    let late = clearing::Clearing { notes_late: true };
    let checker = late.checker().spawn_bfs().join();
    assert!(
        checker.discovery(clearing::ENDED).is_some(),
        "a late note does no harm"
    );
}

/// For whoever runs the tests with `--nocapture`.
fn report(what: &str, count: usize) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "{what}: {count}");
}
