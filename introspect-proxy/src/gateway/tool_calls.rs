//! The body of a request to a route with scopes by tool: read whole, judged, handed on unchanged.
//! It refuses what it can't read: other media types, encodings, lengths, switched protocols.

use super::Gateway;
use crate::admission::Admission;
use crate::decision::Permit;
use crate::mcp::{MAX_BYTES, read_call};
use crate::refusal::Refusal;
use crate::routes::Route;
use bytes::Bytes;
use http::{HeaderMap, Method, header};
use oauth::scope::ScopeSet;
use pingora::proxy::Session;
use std::time::Duration;

/// From the end of the head to the end of the body.
const DEADLINE: Duration = Duration::from_secs(30);

impl Gateway {
    /// Turns the verdict when the tools that are called need more. Tells whether the answer may list tools.
    pub(super) async fn judge_tools(session: &mut Session, admission: &mut Admission) -> bool {
        let (Some(route), Ok(permit)) = (&admission.route, &admission.verdict) else {
            return false;
        };
        // A preflight carries no call; an anonymous route has no tools.
        if route.tools.is_empty() || permit.facts().is_none() {
            return false;
        }
        match Box::pin(judge(session, route, permit)).await {
            Ok(lists) => lists,
            Err(refusal) => {
                admission.verdict = Err(refusal);
                false
            }
        }
    }
}

async fn judge(session: &mut Session, route: &Route, permit: &Permit) -> Result<bool, Refusal> {
    if session.as_mut().is_upgrade_req() || session.req_header().headers.contains_key(header::UPGRADE) {
        return Err(Refusal::UnreadableCall(400, "Connections are not switched here."));
    }
    if session.as_mut().is_body_empty() {
        // A stream that is taken up again goes on with whatever answer it was cut off in.
        return Ok(session.req_header().method == Method::GET);
    }
    let headers = &session.req_header().headers;
    readable(headers)?;
    if route.observe && !headers.contains_key(header::CONTENT_LENGTH) {
        // It passes whatever is said, so nothing may be read that could turn out too long to be handed on.
        return Err(Refusal::UnreadableCall(
            411,
            "The length of the call is not known.",
        ));
    }
    let body = tokio::time::timeout(DEADLINE, read(session)).await;
    let body = body.map_err(|_| Refusal::UnreadableCall(408, "The body did not come in time."))??;
    let asked =
        read_call(&body).map_err(|_| Refusal::UnreadableCall(400, "The call has no single reading."))?;
    enough(route, permit, &route.tools.demand(&asked.tools))?;
    Ok(asked.lists)
}

/// # Errors
/// What is missing, and what to ask for: also what this token has and other tools here need.
fn enough(route: &Route, permit: &Permit, demand: &ScopeSet) -> Result<(), Refusal> {
    let granted = permit
        .facts()
        .map(|facts| facts.scopes.clone())
        .unwrap_or_default();
    let missing = granted.uncovered(demand);
    if missing.is_empty() {
        return Ok(());
    }
    let kept = granted.intersect(&route.tools.all());
    let wanted = route.policy.scopes.union(demand).union(&kept);
    Err(Refusal::ToolScope { missing, wanted })
}

/// Whoever asks without showing the call needs what any tool needs.
pub fn judge_unseen(admission: &mut Admission) {
    let (Some(route), Ok(permit)) = (&admission.route, &admission.verdict) else {
        return;
    };
    if permit.facts().is_some()
        && let Err(refusal) = enough(route, permit, &route.tools.all())
    {
        admission.verdict = Err(refusal);
    }
}

fn readable(headers: &HeaderMap) -> Result<(), Refusal> {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let media = match (types.next(), types.next()) {
        (Some(one), None) => one.to_str().unwrap_or_default(),
        _ => "",
    };
    let mut parts = media.split(';').map(|part| part.trim().to_ascii_lowercase());
    let json = parts.next().as_deref() == Some("application/json");
    let utf8 = parts.all(|part| matches!(part.as_str(), "charset=utf-8" | "charset=\"utf-8\""));
    if !json || !utf8 || headers.contains_key(header::CONTENT_ENCODING) {
        return Err(Refusal::UnreadableCall(
            415,
            "Calls are sent as plain application/json.",
        ));
    }
    let length = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok());
    if length
        .and_then(|length| length.parse().ok())
        .is_some_and(|length: usize| length > MAX_BYTES)
    {
        return Err(too_large());
    }
    Ok(())
}

const fn too_large() -> Refusal {
    Refusal::UnreadableCall(413, "A call may have at most 64 KiB.")
}

/// The whole body; the connection keeps it, and hands it on as it was.
async fn read(session: &mut Session) -> Result<Bytes, Refusal> {
    let broken = |_| Refusal::UnreadableCall(400, "The request broke off.");
    let expects = session.req_header().headers.contains_key(header::EXPECT);
    let stream = session.as_mut();
    stream.enable_retry_buffering();
    if expects {
        // RFC 9110 §10.1.1: who waits to be asked for the body is asked here, so not once more by the service.
        stream.write_continue_response().await.map_err(broken)?;
        session.req_header_mut().remove_header(&header::EXPECT);
    }
    let stream = session.as_mut();
    let mut length = 0;
    while let Some(part) = stream.read_request_body().await.map_err(broken)? {
        length += part.len();
        if length > MAX_BYTES {
            return Err(too_large());
        }
    }
    // Nothing kept would mean that nothing is handed on.
    stream
        .get_retry_buffer()
        .ok_or(Refusal::UnreadableCall(400, "The call has no single reading."))
}
