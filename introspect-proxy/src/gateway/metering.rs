//! The use of metered routes, noted as requests pass.
//! It refuses to guess: what counts is what the service answered and what was carried.

use super::{Context, Gateway};
use crate::usage::Passed;
use http::{HeaderValue, StatusCode};
use pingora::http::ResponseHeader;
use pingora::proxy::Session;

const GRPC_STATUS: &str = "grpc-status";

impl Gateway {
    /// The head of the service's answer is there.
    pub(super) fn counts(session: &Session, response: &ResponseHeader, ctx: &mut Context) {
        let Some(metered) = &mut ctx.metered else { return };
        let interim =
            response.status.is_informational() && response.status != StatusCode::SWITCHING_PROTOCOLS;
        if !interim {
            metered.answered(succeeds(response), passed(session));
        }
    }

    /// More contents passed, or the request is over.
    pub(super) fn passes(session: &Session, ctx: &mut Context) {
        if let Some(metered) = &mut ctx.metered {
            metered.passes(passed(session));
        }
    }
}

/// A gRPC call that fails at once says so in the head, below a status of 200.
fn succeeds(response: &ResponseHeader) -> bool {
    let said = response.headers.get(GRPC_STATUS);
    response.status.as_u16() < 400 && said.is_none_or(|said| *said == HeaderValue::from_static("0"))
}

fn passed(session: &Session) -> Passed {
    Passed {
        read: session.body_bytes_read(),
        sent: session.body_bytes_sent(),
    }
}
