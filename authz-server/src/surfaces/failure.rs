//! Why a surface does not do what was asked, in words for people and for programs.
//! Refuses private detail: a fault is logged here, once, and says nothing of itself.

use std::borrow::Cow;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use domain::Fault;
use http::{HeaderValue, StatusCode, header};
use oauth::challenge::Challenge;
use oauth::confirmation::HolderError;
use oauth::error::{Endpoint, OAuthError};
use serde_json::{Map, Value, json};

use crate::endpoints::{DPOP_ALGORITHMS, REALM};
use crate::http::Problem;

/// An error answer before it is written down; the frame adds the request id and the envelope.
#[derive(Clone, Debug)]
pub struct Failure(Box<Content>);

#[derive(Clone, Debug)]
struct Content {
    status: StatusCode,
    code: &'static str,
    message: Cow<'static, str>,
    details: Map<String, Value>,
    retry_after: Option<u64>,
    challenges: Vec<Cow<'static, str>>,
}

impl Failure {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Content {
            status,
            code,
            message: message.into(),
            details: Map::new(),
            retry_after: None,
            challenges: Vec::new(),
        }))
    }

    /// 400: what was sent makes no sense.
    pub fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", message)
    }

    /// 400: these members, each with what is wrong with it.
    pub fn invalid_fields<N: Into<String>>(fields: impl IntoIterator<Item = (N, String)>) -> Self {
        let fields: Map<String, Value> = fields
            .into_iter()
            .map(|(name, reason)| (name.into(), Value::String(reason)))
            .collect();
        let names: Vec<&str> = fields.keys().map(String::as_str).collect();
        let message = format!("Please check: {}.", names.join(", "));
        Self::invalid(message).with("fields", Value::Object(fields))
    }

    /// 400: one member.
    pub fn invalid_field(name: &str, reason: impl Into<String>) -> Self {
        Self::invalid_fields([(name, reason.into())])
    }

    /// 401: no credential was sent.
    pub fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "You need to sign in first.",
        )
        .challenging("Bearer realm=\"authz\"")
    }

    /// 401: the credential is not, or no more, good for anything.
    pub fn dead_credential() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "Invalid or expired token.",
        )
        .challenging("Bearer realm=\"authz\", error=\"invalid_token\"")
    }

    /// The same of a token that came with a proof of possession (RFC 9449 §7.1).
    pub fn dead_bound_token() -> Self {
        Self::dead_credential().challenging_only([dpop(&OAuthError::invalid_token())])
    }

    /// 401: a live token whose sender does not prove to hold its key (RFC 9449 §7.1, RFC 8705 §3).
    pub fn unproven_holder(holder: HolderError) -> Self {
        let said = Challenge::unproven_holder(REALM, DPOP_ALGORITHMS, holder);
        Self::dead_credential().challenging_only(said.map(|challenge| challenge.to_string()))
    }

    /// 401: the proof that came with the token is none (RFC 9449 §7.1), or lacks its nonce (§9).
    pub fn unproven(error: &OAuthError) -> Self {
        let status = StatusCode::from_u16(error.http_status(Endpoint::Resource));
        let words = format!("{}.", error.description());
        Self::new(
            status.unwrap_or(StatusCode::UNAUTHORIZED),
            error.code().as_str(),
            words,
        )
        .challenging(dpop(error))
    }

    /// 401 of a sign-in.
    pub fn refused_sign_in(code: &'static str, message: &'static str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, message).challenging("Bearer realm=\"authz\"")
    }

    /// 400 or 401 of a signed request.
    pub fn of_signature(status: StatusCode, code: &'static str, message: String) -> Self {
        let failure = Self::new(status, code, message);
        match status {
            StatusCode::UNAUTHORIZED => failure.challenging("AWS4-HMAC-SHA256"),
            _ => failure,
        }
    }

    /// 403
    pub fn forbidden(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, message)
    }

    /// 403: the token of an IAM user at a door for people.
    pub fn person_required() -> Self {
        let message = "This is for people with an account of their own; an IAM user can't do it.";
        Self::forbidden("person_required", message)
    }

    /// 403: a credential of a program.
    pub fn session_required() -> Self {
        let message =
            "This needs somebody who is signed in; the token of an application or an API key can't do it.";
        Self::forbidden("session_required", message)
    }

    /// 404: absent, or somebody else's.
    pub fn not_found(message: &'static str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    /// 409
    pub fn conflict(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::CONFLICT, code, message)
    }

    /// 410: something that worked once, or for a time.
    pub fn gone(message: &'static str) -> Self {
        Self::new(StatusCode::GONE, "expired_token", message)
    }

    /// 429
    pub fn too_many(retry_after: Duration) -> Self {
        let message = "Too many requests. Please try again later.";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", message).retrying_in(retry_after)
    }

    /// The same with a time after which it makes sense to try again.
    #[must_use]
    pub fn retrying_in(mut self, retry_after: Duration) -> Self {
        let seconds = retry_after.as_secs().max(1);
        self.0.retry_after = Some(seconds);
        self.with("retry_after", json!(seconds))
    }

    /// The same with a member in `details`.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.0.details.insert(name.to_owned(), value);
        self
    }

    fn challenging(mut self, challenge: impl Into<Cow<'static, str>>) -> Self {
        self.0.challenges.push(challenge.into());
        self
    }

    fn challenging_only(mut self, challenges: impl IntoIterator<Item = String>) -> Self {
        self.0.challenges = challenges.into_iter().map(Cow::Owned).collect();
        self
    }

    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    pub(super) fn code(&self) -> &str {
        self.0.code
    }

    pub(super) fn message(&self) -> &str {
        &self.0.message
    }

    pub(super) fn details(&self) -> &Map<String, Value> {
        &self.0.details
    }
}

fn dpop(error: &OAuthError) -> String {
    Challenge::dpop(REALM, DPOP_ALGORITHMS).error(error).to_string()
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        let code = match problem.status {
            StatusCode::BAD_REQUEST => "invalid_request",
            StatusCode::TOO_MANY_REQUESTS => "rate_limited",
            _ => problem.code,
        };
        let mut failure = Self::new(problem.status, code, problem.message);
        failure.0.retry_after = problem.retry_after.map(u64::from);
        failure
    }
}

/// 503 when trying again makes sense, else 500.
impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        if fault.is_transient() {
            tracing::warn!(%fault, "a request was turned away");
            Problem::OVERLOADED.into()
        } else {
            tracing::error!(%fault, "a request failed");
            Problem::INTERNAL.into()
        }
    }
}

/// A bare answer that carries the words; the frame writes them.
impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.0.status.into_response();
        if let Some(seconds) = self.0.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        let said = self.0.challenges.iter();
        for challenge in said.filter_map(|said| HeaderValue::from_str(said).ok()) {
            response.headers_mut().append(header::WWW_AUTHENTICATE, challenge);
        }
        response.extensions_mut().insert(self);
        response
    }
}
