//! Lists of tools on their way back, on routes that show each caller what it may call.
//! They refuse answers that nobody here can read; others keep their bytes.

use super::Context;
use crate::mcp::{Framing, ToolLists, Unlistable};
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, header};
use pingora::http::{RequestHeader, ResponseHeader};
use pingora::proxy::Session;
use pingora::{Error, ErrorSource, ErrorType};

/// What is done about lists in the answer to one request.
#[derive(Debug, Default)]
pub(super) enum Shown {
    /// They are none of our business.
    #[default]
    AsTheyAre,
    /// The answer has not begun.
    Expected,
    /// What may not be called is taken out.
    Shortened(Box<ToolLists>),
}

/// The answer may list tools.
pub(super) fn expect(ctx: &mut Context) {
    let hides = ctx.route.as_ref().is_some_and(|route| route.hides_tools);
    // Without a permit the route only observes.
    if hides && ctx.permit.is_some() {
        ctx.tool_lists = Shown::Expected;
    }
}

/// Asks the service for an answer without a content coding.
pub(super) fn ask_plainly(request: &mut RequestHeader, ctx: &Context) {
    if !matches!(ctx.tool_lists, Shown::AsTheyAre) {
        request.remove_header(&header::ACCEPT_ENCODING);
    }
}

/// Readies the head of an answer whose length may change.
///
/// # Errors
/// When the list could not be read: 502.
pub(super) fn begin(
    session: &Session,
    response: &mut ResponseHeader,
    ctx: &mut Context,
) -> pingora::Result<()> {
    if matches!(ctx.tool_lists, Shown::AsTheyAre) || !has_content(session, response) {
        return Ok(());
    }
    let asked = session.req_header().method == Method::POST;
    let framing = match framing(&response.headers) {
        Some(Framing::Json) if !asked => None,
        None if asked => return Err(unreadable("the list of tools has another media type")),
        found => found,
    };
    let Some(framing) = framing else {
        ctx.tool_lists = Shown::AsTheyAre;
        return Ok(());
    };
    if response.headers.contains_key(header::CONTENT_ENCODING) {
        return Err(unreadable("the list of tools is encoded"));
    }
    if response.remove_header(&header::CONTENT_LENGTH).is_some() {
        response.insert_header(header::TRANSFER_ENCODING, "chunked")?;
    }
    ctx.tool_lists = Shown::Shortened(Box::new(ToolLists::new(framing)));
    Ok(())
}

/// Takes out of this part of the answer what may not be called.
///
/// # Errors
/// When it can't be read; the answer breaks off.
pub(super) fn shorten(body: &mut Option<Bytes>, end: bool, ctx: &mut Context) -> pingora::Result<()> {
    let Shown::Shortened(lists) = &mut ctx.tool_lists else {
        return Ok(());
    };
    let (Some(route), Some(facts)) = (&ctx.route, ctx.permit.as_ref().and_then(|permit| permit.facts()))
    else {
        return Err(unreadable("a list of tools for nobody"));
    };
    let may_call = |tool: &str| facts.scopes.uncovered(&route.tools.demand(&[tool])).is_empty();
    let part = body.take().unwrap_or_default();
    let passed = lists.feed(&part, end, &may_call).map_err(|error: Unlistable| {
        tracing::warn!(request_id = &*ctx.request_id, route = &*route.name, %error, "an answer is not passed on");
        unreadable("the list of tools cannot be read")
    })?;
    *body = (!passed.is_empty()).then_some(passed);
    Ok(())
}

fn has_content(session: &Session, response: &ResponseHeader) -> bool {
    let status = response.status;
    let empty = matches!(status, StatusCode::NO_CONTENT | StatusCode::ACCEPTED) || !status.is_success();
    !empty && session.req_header().method != Method::HEAD
}

fn framing(headers: &HeaderMap) -> Option<Framing> {
    let media = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let media = media.split(';').next().unwrap_or_default().trim();
    if media.eq_ignore_ascii_case("application/json") {
        Some(Framing::Json)
    } else if media.eq_ignore_ascii_case("text/event-stream") {
        Some(Framing::Events)
    } else {
        None
    }
}

fn unreadable(why: &'static str) -> Box<Error> {
    Error::create(
        ErrorType::HTTPStatus(502),
        ErrorSource::Upstream,
        Some(why.into()),
        None,
    )
}
