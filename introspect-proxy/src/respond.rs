//! Answers the proxy gives itself: problem bodies, challenges, limit headers.
//! It refuses to close a connection that could go on.

use crate::config::Sender;
use crate::entitlement::Told;
use crate::proof::{self, Unproven};
pub use crate::rate_limit::limit_headers;
use crate::refusal::Refusal;
use crate::routes::Policy;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode, header};
use oauth::challenge::Challenge;
use oauth::confirmation::HolderError;
use oauth::dpop::NONCE_HEADER;
use oauth::error::{ErrorCode, OAuthError};
use oauth::step_up::LoginDemand;
use pingora::http::ResponseHeader;
use pingora::proxy::Session;
use serde::Serialize;
use std::time::Duration;

/// The header with the request's id.
pub const REQUEST_ID: HeaderName = HeaderName::from_static(REQUEST_ID_NAME);
/// Its name, for pingora, which copies every name that is not a constant text.
pub const REQUEST_ID_NAME: &str = "x-request-id";

/// An answer ready to be written.
#[derive(Debug)]
pub struct Answer {
    /// Status code.
    pub status: StatusCode,
    /// Headers besides the framing.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The body.
    pub body: Bytes,
}

/// Names of this request and of the decision about it.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    /// `req_…`, or what the client called it.
    pub request_id: &'a str,
    /// `dec_…`
    pub decision_id: &'a str,
}

#[derive(Serialize)]
struct Body<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a str,
    code: &'static str,
    request_id: &'a str,
    decision_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing_scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acr_values: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_age: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<&'a Told>,
}

/// The answer to a refused request; `policy` is that of the route, when there is one.
#[must_use]
pub fn problem(refusal: &Refusal, policy: Option<&Policy>, names: Names<'_>) -> Answer {
    let form = refusal.form();
    let status = StatusCode::from_u16(form.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let retry_after = refusal.retry_after().map(seconds);
    let missing = match refusal {
        Refusal::MissingScope(missing) | Refusal::ToolScope { missing, .. } => Some(missing.to_string()),
        _ => None,
    };
    let login = policy
        .map(|policy| &policy.login)
        .filter(|_| matches!(refusal, Refusal::WeakLogin(_)));
    let body = Body {
        // RFC 9457 §4.2.1: the title is that of the status code.
        r#type: "about:blank",
        title: status.canonical_reason().unwrap_or("Error"),
        status: form.status,
        detail: form.detail,
        code: form.code,
        request_id: names.request_id,
        decision_id: names.decision_id,
        missing_scope: missing,
        acr_values: login.and_then(LoginDemand::acr_values),
        max_age: login.and_then(LoginDemand::max_age),
        retry_after,
        details: match refusal {
            Refusal::Exceeded(exceeded) => Some(&exceeded.told),
            _ => None,
        },
    };
    let mut headers = vec![
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    headers.extend(value(names.request_id).map(|id| (REQUEST_ID, id)));
    headers.extend(retry_after.map(|wait| (header::RETRY_AFTER, HeaderValue::from(wait))));
    let challenges = challenges(refusal, policy).into_iter();
    let challenges = challenges.filter_map(|one| value(&located(one, policy).to_string()));
    headers.extend(challenges.map(|challenge| (header::WWW_AUTHENTICATE, challenge)));
    if let Refusal::Unproven(Unproven::Nonce(nonce)) = refusal {
        let nonce = value(nonce).map(|nonce| (HeaderName::from_static(NONCE_HEADER), nonce));
        headers.extend(nonce);
    }
    if matches!(refusal, Refusal::MethodNotAllowed) {
        headers.push((
            header::ALLOW,
            HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),
        ));
    }
    Answer {
        status,
        headers,
        body: serde_json::to_vec(&body).unwrap_or_default().into(),
    }
}

/// Which challenges a refusal carries: how the caller could do better.
fn challenges(refusal: &Refusal, policy: Option<&Policy>) -> Vec<Challenge> {
    match refusal {
        Refusal::NoCredential => without_credential(policy),
        Refusal::Unproven(unproven) => without_proof(unproven, policy),
        other => without_merit(other, policy).into_iter().collect(),
    }
}

/// RFC 6750 §3.1: no error code when no credential was sent. Proofs would do, too, where nothing else is demanded (RFC 9449 §7.1).
fn without_credential(policy: Option<&Policy>) -> Vec<Challenge> {
    let bearer = || scoped(Challenge::bearer(realm(policy)), policy);
    let dpop = || Challenge::dpop(realm(policy), proof::ALGORITHMS);
    match policy.and_then(|policy| policy.sender) {
        Some(Sender::Dpop) => vec![dpop()],
        Some(Sender::Mtls) => vec![bearer()],
        Some(Sender::Any) | None => vec![bearer(), dpop()],
    }
}

/// RFC 9449 §7.1 and §9, RFC 8705 §3: what the holder of a key should show; never a way in that the route does not have.
fn without_proof(unproven: &Unproven, policy: Option<&Policy>) -> Vec<Challenge> {
    let realm = realm(policy);
    let said = |challenge: Challenge, code| {
        let error = OAuthError::new(code, unproven.detail());
        vec![challenge.error(&error)]
    };
    let dpop = |code| said(Challenge::dpop(realm, proof::ALGORITHMS), code);
    let sender = policy.and_then(|policy| policy.sender);
    match (unproven, sender) {
        (Unproven::Proof(_), _) => dpop(ErrorCode::InvalidDpopProof),
        (Unproven::Nonce(_), _) => dpop(ErrorCode::UseDpopNonce),
        (Unproven::Unbound(_), Some(Sender::Mtls)) => said(Challenge::bearer(realm), ErrorCode::InvalidToken),
        (Unproven::Unbound(_), _) => dpop(ErrorCode::InvalidToken),
        (Unproven::Holder(error), Some(Sender::Dpop)) if *error != HolderError::OtherCertificate => {
            dpop(ErrorCode::InvalidToken)
        }
        (Unproven::Holder(error), _) => {
            Challenge::unproven_holder(realm, proof::ALGORITHMS, *error).collect()
        }
    }
}

/// RFC 6750 §3: what is wrong with a credential that was looked at.
fn without_merit(refusal: &Refusal, policy: Option<&Policy>) -> Option<Challenge> {
    let bearer = Challenge::bearer(realm(policy));
    let error = |code, text| bearer.clone().error(&OAuthError::new(code, text));
    match refusal {
        // RFC 9728 §5.1: whoever is sent to ask again is told for what.
        Refusal::InvalidToken(why) if policy.is_some_and(|policy| policy.metadata_url.is_some()) => {
            Some(scoped(error(ErrorCode::InvalidToken, *why), policy))
        }
        Refusal::InvalidToken(why) => Some(error(ErrorCode::InvalidToken, *why)),
        Refusal::AmbiguousCredential => Some(error(ErrorCode::InvalidRequest, "send exactly one credential")),
        Refusal::MissingScope(_) => {
            let lacking = error(ErrorCode::InsufficientScope, "the token lacks a scope");
            Some(scoped(lacking, policy))
        }
        Refusal::ToolScope { wanted, .. } => {
            Some(error(ErrorCode::InsufficientScope, "the tool needs another scope").scope(wanted))
        }
        // RFC 9068 §4 names the error; the status says that a new token of the same kind is of no use.
        Refusal::WrongAudience => Some(error(
            ErrorCode::InvalidToken,
            "the token is meant for another service",
        )),
        // RFC 9470 §3
        Refusal::WeakLogin(shortfall) => {
            let challenge = bearer.error(&shortfall.error());
            Some(
                policy
                    .iter()
                    .fold(challenge, |said, policy| said.login(&policy.login)),
            )
        }
        _ => None,
    }
}

/// With the scopes that the route demands.
fn scoped(challenge: Challenge, policy: Option<&Policy>) -> Challenge {
    match policy {
        Some(policy) if !policy.scopes.is_empty() => challenge.scope(&policy.scopes),
        _ => challenge,
    }
}

fn realm(policy: Option<&Policy>) -> &str {
    policy
        .and_then(|policy| policy.audience.as_deref())
        .unwrap_or("api")
}

/// RFC 9728 §5.1: where the metadata are.
fn located(challenge: Challenge, policy: Option<&Policy>) -> Challenge {
    match policy.and_then(|policy| policy.metadata_url.as_deref()) {
        Some(url) => challenge.resource_metadata(url),
        None => challenge,
    }
}

/// Writes an answer; the connection stays open.
///
/// # Errors
/// When the client is gone.
pub async fn write(session: &mut Session, answer: Answer) -> pingora::Result<()> {
    let mut head = ResponseHeader::build(answer.status, Some(answer.headers.len() + 1))?;
    for (name, value) in answer.headers {
        head.append_header(name, value)?;
    }
    head.insert_header(header::CONTENT_LENGTH, answer.body.len())?;
    let bodiless = session.req_header().method == http::Method::HEAD || answer.body.is_empty();
    session.write_response_header(Box::new(head), bodiless).await?;
    if !bodiless {
        session.write_response_body(Some(answer.body), true).await?;
    }
    Ok(())
}

/// Whole seconds, rounded up, at least one.
fn seconds(wait: Duration) -> u64 {
    let whole = wait.as_secs();
    if wait.subsec_nanos() > 0 {
        whole + 1
    } else {
        whole.max(1)
    }
}

fn value(text: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(text).ok()
}
