//! The phases of a request in pingora's words.
//! They refuse to forward what was not permitted: without a route and an upstream there is no peer.

use super::{Context, Gateway, Noted, grpc, send};
use crate::bearer;
use crate::config::Identity;
use crate::forwarded;
use crate::identity;
use crate::live_connections::of_response;
use crate::metrics::Outcome;
use crate::refusal::Refusal;
use crate::respond::{self, Names, REQUEST_ID, limit_headers, problem};
use async_trait::async_trait;
use bytes::Bytes;
use http::header::{HeaderMap, HeaderValue, InvalidHeaderValue};
use http::request::Parts;
use http::{StatusCode, header};
use oauth::client_cert;
use pingora::http::{RequestHeader, ResponseHeader};
use pingora::proxy::{FailToProxy, ProxyHttp, Session};
use pingora::upstreams::peer::HttpPeer;
use pingora::{Error, ErrorSource, ErrorType, OrErr};
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
        let upstream = ctx
            .live
            .as_ref()
            .zip(ctx.route.as_ref())
            .and_then(|(live, route)| {
                route
                    .upstream
                    .as_deref()
                    .and_then(|name| live.upstreams.get(name))
                    .cloned()
            });
        ctx.upstream = upstream;
        if ctx.upstream.is_none() {
            let answer = self.refuse(session, ctx, &Refusal::NoUpstream);
            return send(session, answer).await;
        }
        Ok(false)
    }

    async fn upstream_peer(
        &self,
        _session: &mut Session,
        ctx: &mut Box<Context>,
    ) -> pingora::Result<Box<HttpPeer>> {
        let mut peer = self.choose(ctx)?;
        ctx.course.suit(ctx, &mut peer);
        Ok(peer)
    }

    async fn upstream_request_filter(
        &self,
        _session: &mut Session,
        request: &mut RequestHeader,
        ctx: &mut Box<Context>,
    ) -> pingora::Result<()> {
        let (Some(route), Some(peer)) = (&ctx.route, &ctx.peer) else {
            return Err(Error::explain(
                ErrorType::InternalError,
                "a request without a decision",
            ));
        };
        edit_headers(request, |headers| {
            identity::strip(headers);
            if !route.forward_credential {
                headers.remove(header::AUTHORIZATION);
                headers.remove(bearer::API_KEY);
                headers.remove(oauth::dpop::HEADER);
                strip_cookies(headers);
            }
            headers.remove(header::PROXY_AUTHORIZATION);
            if !(peer.trusted && self.origin.client_cert_header) {
                headers.remove(&client_cert::HEADER);
                headers.remove(&client_cert::CHAIN_HEADER);
            }
            forwarded::rewrite(headers, peer, self.origin.tls, &ctx.host)?;
            headers.insert(REQUEST_ID, HeaderValue::from_str(&ctx.request_id)?);
            if let (Identity::Headers, Some(permit)) = (route.identity, &ctx.permit) {
                headers.extend(identity::headers(permit));
            }
            Ok(())
        })?;
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
        _end: bool,
        ctx: &mut Box<Context>,
    ) -> pingora::Result<Option<Duration>> {
        if body.is_some() {
            Self::passes(session, ctx);
            self.goes_on(session, ctx)?;
        }
        Ok(None)
    }

    async fn response_filter(
        &self,
        session: &mut Session,
        response: &mut ResponseHeader,
        ctx: &mut Box<Context>,
    ) -> pingora::Result<()> {
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
        response.insert_header(REQUEST_ID, ctx.request_id.as_str())?;
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
        format!("{} {}", session.req_header().method, ctx.request_id)
    }
}

impl Gateway {
    fn failed(&self, session: &Session, ctx: &mut Context, status: u16, error: &Error) -> respond::Answer {
        let decision_id = self.core.decision_id();
        let unasked = ctx.attempts.refusal().cloned();
        let refusal = unasked.unwrap_or(Refusal::UpstreamFailed(status));
        self.note(session, ctx, Noted::refused(&refusal, &decision_id));
        tracing::warn!(
            request_id = ctx.request_id,
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

/// Edits the headers as a plain map. Pingora keeps the spelling of every name beside it and parses each name that is
/// inserted; without the spelling a name is a constant that is inserted as it is.
fn edit_headers(
    request: &mut RequestHeader,
    edit: impl FnOnce(&mut HeaderMap) -> Result<(), InvalidHeaderValue>,
) -> pingora::Result<()> {
    let ends_stream = request.send_end_stream();
    let (nothing, ()) = http::Request::new(()).into_parts();
    let mut parts = Parts::from(std::mem::replace(request, nothing.into()));
    let edited = edit(&mut parts.headers);
    *request = parts.into();
    if let Some(ends_stream) = ends_stream {
        request.set_send_end_stream(ends_stream);
    }
    edited.or_err(ErrorType::InvalidHTTPHeader, "a header toward the service")
}

/// Removes cookies whose value is a credential of ours.
fn strip_cookies(headers: &mut HeaderMap) {
    let ours = |pair: &str| {
        pair.split_once('=')
            .is_some_and(|(_, value)| bearer::is_ours(value.trim().trim_matches('"')))
    };
    let cookies: Vec<_> = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect();
    if !cookies.iter().any(|cookie| cookie.split(';').any(ours)) {
        return;
    }
    let kept: Vec<_> = cookies
        .iter()
        .flat_map(|cookie| cookie.split(';'))
        .filter(|pair| !ours(pair))
        .map(str::trim)
        .collect();
    let kept = HeaderValue::from_str(&kept.join("; "))
        .ok()
        .filter(|value| !value.is_empty());
    headers.remove(header::COOKIE);
    if let Some(kept) = kept {
        headers.insert(header::COOKIE, kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// X18
    #[test]
    fn our_session_cookie_is_cut_out_and_others_stay() {
        let secret = oauth::opaque::encode(oauth::opaque::OpaqueKind::SessionCookie, &[1; 32]);
        let cookies = |text: String| {
            let cookies = HeaderValue::from_str(&text).unwrap();
            let mut headers = HeaderMap::from_iter([(header::COOKIE, cookies)]);
            strip_cookies(&mut headers);
            headers
        };
        let left = cookies(format!("theme=dark; __Host-session={}; lang=de", *secret));
        assert_eq!(left[header::COOKIE], "theme=dark; lang=de");
        assert!(!cookies(format!("s={}", *secret)).contains_key(header::COOKIE));
    }
}
