//! How much room a request takes while it is judged: pingora moves its futures, so what few requests need is boxed.
//! It refuses nothing at run time; these are bounds on types.

use super::{Context, Gateway};
use pingora::proxy::Session;

/// The size of the future that a call gives.
fn room<A, F: Future>(_: fn(A) -> F) -> usize {
    size_of::<F>()
}

#[test]
fn a_request_that_is_judged_takes_little_room() {
    type Call = (&'static Gateway, &'static mut Session, &'static mut Context);
    let room = room(|(gateway, session, ctx): Call| gateway.judge(session, ctx));
    assert!(room <= 3584, "{room} bytes");
}
