//! The attempts of one request at an upstream: which instance, whether once more, and what it tells of the instance.
//! They refuse a second attempt for what may have been done already.

use super::{Context, Gateway};
use crate::refusal::Refusal;
use crate::upstream::{Attempt, NoInstance};
use http::StatusCode;
use pingora::proxy::Session;
use pingora::upstreams::peer::HttpPeer;
use pingora::{Error, ErrorSource, ErrorType};
use std::net::SocketAddr;

/// What was tried so far.
#[derive(Default)]
pub struct Attempts {
    tried: Vec<SocketAddr>,
    current: Option<Attempt>,
    refusal: Option<Refusal>,
}

impl Attempts {
    /// How many instances were tried.
    pub fn count(&self) -> usize {
        self.tried.len()
    }

    /// Why no instance was asked.
    pub fn refusal(&self) -> Option<&Refusal> {
        self.refusal.as_ref()
    }

    /// The exchange is over.
    pub fn end(&mut self) {
        self.current = None;
    }

    /// An answer began: the instance is there, unless it says itself that it is in trouble.
    pub fn answered(&mut self, status: StatusCode, gateway: &Gateway) {
        let in_trouble = matches!(
            status,
            StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT
        );
        if let Some(attempt) = &mut self.current {
            if in_trouble {
                attempt.failed(gateway.core.clock.tick());
            } else {
                attempt.succeeded();
            }
        }
    }

    fn failed(&mut self, gateway: &Gateway) {
        if let Some(attempt) = &mut self.current {
            attempt.failed(gateway.core.clock.tick());
        }
    }
}

impl Gateway {
    /// The next instance for a request.
    pub(super) fn choose(&self, ctx: &mut Context) -> pingora::Result<Box<HttpPeer>> {
        let attempts = &mut ctx.attempts;
        attempts.current = None;
        let upstream = ctx.upstream.as_ref().ok_or(NoInstance::None);
        match upstream.and_then(|upstream| upstream.pick(&attempts.tried, self.core.clock.tick())) {
            Ok((attempt, peer)) => {
                attempts.tried.push(attempt.address());
                attempts.current = Some(attempt);
                Ok(peer)
            }
            Err(reason) => {
                attempts.refusal = Some(reason.into());
                Err(Error::explain(ErrorType::HTTPStatus(503), "no instance"))
            }
        }
    }

    /// Nothing was sent yet, so any method may be tried again.
    pub(super) fn not_connected(&self, ctx: &mut Context, mut error: Box<Error>) -> Box<Error> {
        ctx.attempts.failed(self);
        error.set_retry(self.may_try_again(ctx));
        error
    }

    /// The connection broke, or the answer did not come.
    pub(super) fn broken_off(
        &self,
        session: &Session,
        ctx: &mut Context,
        mut error: Box<Error>,
        reused: bool,
    ) -> Box<Error> {
        let safe = session.req_header().method.is_idempotent()
            && session.response_written().is_none()
            && !session.as_ref().retry_buffer_truncated();
        // A kept connection that the other side closed meanwhile says nothing about the instance.
        error.retry.decide_reuse(reused && safe);
        // It did answer; what it said is not passed on.
        if let ErrorType::HTTPStatus(_) = error.etype() {
            return error;
        }
        if error.esource() == &ErrorSource::Downstream || error.retry() {
            let retry = error.retry() && safe;
            error.set_retry(retry);
            return error;
        }
        ctx.attempts.failed(self);
        let broken = matches!(
            error.etype(),
            ErrorType::ConnectionClosed | ErrorType::ReadError | ErrorType::WriteError
        );
        error.set_retry(broken && safe && self.may_try_again(ctx));
        error
    }

    fn may_try_again(&self, ctx: &Context) -> bool {
        let now = self.core.clock.tick();
        let upstream = ctx.upstream.as_ref();
        upstream.is_some_and(|upstream| upstream.may_retry(ctx.attempts.tried.len(), now))
    }
}

impl From<NoInstance> for Refusal {
    fn from(reason: NoInstance) -> Self {
        match reason {
            NoInstance::Paused(wait) => Self::UpstreamPaused(wait),
            NoInstance::Busy => Self::UpstreamBusy,
            NoInstance::None => Self::NoUpstream,
        }
    }
}
