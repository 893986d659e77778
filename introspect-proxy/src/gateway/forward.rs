//! The phases of a request in pingora's words.
//! They refuse to forward what was not permitted: without a route and an upstream there is no peer.

use super::{Context, Gateway, Noted, grpc, incoming, outgoing, send, tool_lists};
use crate::live_connections::of_response;
use crate::metrics::Outcome;
use crate::refusal::Refusal;
use crate::respond::{self, Names, REQUEST_ID_NAME, limit_headers, problem};
use async_trait::async_trait;
use bytes::Bytes;
use http::StatusCode;
use pingora::http::{RequestHeader, ResponseHeader};
use pingora::proxy::{FailToProxy, ProxyHttp, Session};
use pingora::upstreams::peer::HttpPeer;
use pingora::{Error, ErrorSource, ErrorType};
use std::time::Duration;

#[async_trait]
impl ProxyHttp for Gateway {
    // Pingora moves it from future to future.
    type CTX = Box<Context>;

    fn new_ctx(&self) -> Box<Context> {
        Box::default()
    }

    fn init_downstream_modules(&self, _modules: &mut pingora::modules::http::HttpModules) {}

    async fn request_filter(&self, session: &mut Session, ctx: &mut Box<Context>) -> pingora::Result<bool> {
        if let Some(answer) = self.judge(session, ctx).await {
            return send(session, answer).await;
        }
        let way = ctx.live.as_ref().zip(ctx.route.as_ref());
        ctx.upstream = way.and_then(|(live, route)| live.service(route));
        if ctx.upstream.is_none() {
            let answer = self.refuse(session, ctx, &Refusal::NoUpstream);
            return send(session, answer).await;
        }
        Ok(false)
    }

    async fn upstream_peer(
        &self,
        session: &mut Session,
        ctx: &mut Box<Context>,
    ) -> pingora::Result<Box<HttpPeer>> {
        let mut peer = self.choose(ctx)?;
        outgoing::spare(session.req_header(), &mut peer);
        ctx.course.suit(ctx, &mut peer);
        Ok(peer)
    }

    async fn upstream_request_filter(
        &self,
        _session: &mut Session,
        request: &mut RequestHeader,
        ctx: &mut Box<Context>,
    ) -> pingora::Result<()> {
        outgoing::edit(request, ctx, &self.origin)?;
        tool_lists::ask_plainly(request, ctx);
        self.goes_out(request, ctx)
    }

    async fn request_body_filter(
        &self,
        session: &mut Session,
        body: &mut Option<Bytes>,
        _end: bool,
        ctx: &mut Box<Context>,
    ) -> pingora::Result<()> {
        if body.is_some() {
            Self::passes(session, ctx);
            self.goes_on(session, ctx)
        } else {
            Ok(())
        }
    }

    fn response_body_filter(
        &self,
        session: &mut Session,
        body: &mut Option<Bytes>,
        end: bool,
        ctx: &mut Box<Context>,
    ) -> pingora::Result<Option<Duration>> {
        if body.is_some() {
            Self::passes(session, ctx);
            self.goes_on(session, ctx)?;
        }
        tool_lists::shorten(body, end, ctx)?;
        Ok(None)
    }

    async fn response_filter(
        &self,
        session: &mut Session,
        response: &mut ResponseHeader,
        ctx: &mut Box<Context>,
    ) -> pingora::Result<()> {
        if incoming::is_interim(response.status) {
            return Ok(());
        }
        self.comes_back(ctx, response.status.as_u16());
        ctx.attempts.answered(response.status, self);
        Self::counts(session, response, ctx);
        let method = &session.req_header().method;
        if let Some(nature) = of_response(method, response.status, &response.headers) {
            self.lasts(session, ctx, nature)?;
        }
        if response.status == StatusCode::SWITCHING_PROTOCOLS {
            self.switch(session, response, ctx)?;
        }
        incoming::edit(response);
        tool_lists::begin(session, response, ctx)?;
        incoming::spare_old_client_chunks(session, response);
        response.insert_header(REQUEST_ID_NAME, ctx.request_id.value())?;
        for (name, value) in ctx.standing.iter().flat_map(limit_headers) {
            response.insert_header(name, value)?;
        }
        Ok(())
    }

    fn fail_to_connect(
        &self,
        _session: &mut Session,
        _peer: &HttpPeer,
        ctx: &mut Box<Context>,
        error: Box<Error>,
    ) -> Box<Error> {
        Self::did_not_connect(ctx);
        self.not_connected(ctx, error)
    }

    fn error_while_proxy(
        &self,
        _peer: &HttpPeer,
        session: &mut Session,
        error: Box<Error>,
        ctx: &mut Box<Context>,
        reused: bool,
    ) -> Box<Error> {
        self.broken_off(session, ctx, error, reused)
    }

    async fn fail_to_proxy(
        &self,
        session: &mut Session,
        error: &Error,
        ctx: &mut Box<Context>,
    ) -> FailToProxy {
        let status = status_of(error);
        if status > 0 {
            let answer = match ctx.course.cut() {
                Some(reason) => self.refuse(session, ctx, &reason.into()),
                None => self.failed(session, ctx, status, error),
            };
            session.as_downstream_mut().set_keepalive(None);
            let told = match session.response_written() {
                None => respond::write(session, answer).await,
                Some(_) if ctx.course.grpc => {
                    let trailers = grpc::trailers(&answer);
                    session
                        .as_downstream_mut()
                        .write_response_trailers(trailers)
                        .await
                }
                Some(_) => Ok(()),
            };
            if told.is_err() {
                tracing::debug!("the client left before the answer");
            }
        }
        FailToProxy {
            error_code: status,
            can_reuse_downstream: false,
        }
    }

    async fn logging(&self, session: &mut Session, _error: Option<&Error>, ctx: &mut Box<Context>) {
        ctx.attempts.end();
        self.is_over(session, ctx);
    }

    fn suppress_error_log(&self, _session: &Session, _ctx: &Box<Context>, _error: &Error) -> bool {
        true
    }

    fn request_summary(&self, session: &Session, ctx: &Box<Context>) -> String {
        // Neither path nor query: they may carry secrets.
        format!("{} {}", session.req_header().method, &*ctx.request_id)
    }
}

impl Gateway {
    fn failed(&self, session: &Session, ctx: &mut Context, status: u16, error: &Error) -> respond::Answer {
        let decision_id = self.core.decision_id();
        let unasked = ctx.attempts.refusal().cloned();
        let refusal = unasked.unwrap_or(Refusal::UpstreamFailed(status));
        self.note(session, ctx, Noted::refused(&refusal, &decision_id));
        tracing::warn!(
            request_id = &*ctx.request_id,
            decision_id,
            upstream = ctx.upstream.as_ref().map_or("", |upstream| &*upstream.name),
            status,
            kind = error.etype().as_str(),
            "upstream failed"
        );
        self.count(ctx, Outcome::UpstreamFailed);
        let names = Names {
            request_id: &ctx.request_id,
            decision_id: &decision_id,
        };
        ctx.course.spoken(problem(&refusal, None, names), &refusal.form())
    }
}

/// The status for a failure; zero when the client is gone.
fn status_of(error: &Error) -> u16 {
    match (error.etype(), error.esource()) {
        (ErrorType::HTTPStatus(status), _) => *status,
        (
            ErrorType::WriteError | ErrorType::ReadError | ErrorType::ConnectionClosed,
            ErrorSource::Downstream,
        ) => 0,
        (_, ErrorSource::Downstream) => 400,
        (ErrorType::ConnectTimedout | ErrorType::ReadTimedout | ErrorType::WriteTimedout, _) => 504,
        (_, ErrorSource::Upstream) => 502,
        _ => 500,
    }
}
