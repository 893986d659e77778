//! One call of the REST API: Basic authentication, JSON there and back, and what a failure means.
//! Refuses to send twice what is not only asked for, and to build an address from an id that is none.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::billing::GatewayError;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Razorpay;

const LONGEST_ID: usize = 64;
const LONGEST_WORDS: usize = 200;
/// Between two tries of a question.
const PAUSE: Duration = Duration::from_millis(200);
/// Repeats of one refund under the same key are one refund.
const REFUND_KEY: &str = "x-refund-idempotency";

/// A call that changes something.
pub(super) struct Change<'a> {
    pub method: Method,
    pub path: String,
    pub body: Value,
    /// For a refund.
    pub key: Option<&'a str>,
}

impl Change<'_> {
    pub(super) fn post(path: String, body: Value) -> Self {
        Self {
            method: Method::POST,
            path,
            body,
            key: None,
        }
    }
}

#[derive(Deserialize)]
struct Refusal {
    error: Words,
}

#[derive(Deserialize)]
struct Words {
    #[serde(default)]
    code: String,
    #[serde(default)]
    description: String,
}

/// Part of a path.
pub(super) fn segment(id: &str) -> Result<&str, GatewayError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let usable = (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(plain);
    usable.then_some(id).ok_or(GatewayError::NotFound)
}

impl Razorpay {
    /// A question, which may be asked again when there was no answer.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, GatewayError> {
        let asked = self.call(self.request(Method::GET, path)?).await;
        let answer = match asked {
            Err(GatewayError::Unavailable(_)) => {
                tokio::time::sleep(PAUSE).await;
                self.call(self.request(Method::GET, path)?).await?
            }
            answer => answer?,
        };
        read(&answer)
    }

    /// Done once, or it is not known whether it was done.
    pub(super) async fn change<T: DeserializeOwned>(&self, change: Change<'_>) -> Result<T, GatewayError> {
        let mut request = self.request(change.method, &change.path)?;
        if let Some(key) = change.key {
            let key = HeaderValue::try_from(key).map_err(|_| GatewayError::NotFound)?;
            request.headers_mut().insert(REFUND_KEY, key);
        }
        if !change.body.is_null() {
            *request.body_mut() = change.body.to_string().into_bytes();
        }
        read(&self.call(request).await?)
    }

    fn request(&self, method: Method, path: &str) -> Result<Request<Vec<u8>>, GatewayError> {
        let base = self.settings.base_url.as_str().trim_end_matches('/');
        let request = Request::builder()
            .method(method)
            .uri(format!("{base}/v1{path}"))
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/json")
            .header(AUTHORIZATION, self.authorization()?)
            .body(Vec::new());
        request.map_err(|_| GatewayError::Unavailable("an address that is none".to_owned()))
    }

    /// RFC 7617 §2; unreadable for whoever logs headers.
    fn authorization(&self) -> Result<HeaderValue, GatewayError> {
        let settings = &self.settings;
        let pair = format!("{}:{}", settings.key_id, settings.key_secret.expose());
        let value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair)));
        let mut value = value.map_err(|_| GatewayError::Unavailable("an unusable key".to_owned()))?;
        value.set_sensitive(true);
        Ok(value)
    }

    async fn call(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, GatewayError> {
        let sent = self.outside.clone().send(request).await;
        let answer = sent.map_err(|error| GatewayError::Unavailable(error.to_string()))?;
        judge(&answer)?;
        Ok(answer)
    }
}

fn read<T: DeserializeOwned>(answer: &Response<Vec<u8>>) -> Result<T, GatewayError> {
    serde_json::from_slice(answer.body())
        .map_err(|error| GatewayError::Unavailable(format!("an answer of another kind: {error}")))
}

/// Only what the gateway understood and will never do is a refusal. Wrong keys are our own fault and say nothing of what was
/// asked.
fn judge(answer: &Response<Vec<u8>>) -> Result<(), GatewayError> {
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    let words = serde_json::from_slice::<Refusal>(answer.body()).ok();
    let words = words.map(|refusal| (short(&refusal.error.code), short(&refusal.error.description)));
    let (code, reason) = words.unwrap_or_default();
    let missing = reason.to_ascii_lowercase().contains("does not exist");
    let final_word = matches!(
        status,
        StatusCode::BAD_REQUEST | StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY
    ) && code == "BAD_REQUEST_ERROR";
    Err(match status {
        StatusCode::NOT_FOUND => GatewayError::NotFound,
        _ if final_word && missing => GatewayError::NotFound,
        _ if final_word => GatewayError::Refused { code, reason },
        status => GatewayError::Unavailable(format!("{status} {code}: {reason}")),
    })
}

fn short(text: &str) -> String {
    let plain = text.chars().filter(|letter| !letter.is_control());
    plain.take(LONGEST_WORDS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(status: u16, body: &str) -> Result<(), GatewayError> {
        let answer = Response::builder().status(status);
        judge(&answer.body(body.as_bytes().to_vec()).unwrap())
    }

    #[test]
    fn a_failure_means_what_its_status_and_code_say() {
        let bad =
            |words: &str| format!(r#"{{"error":{{"code":"BAD_REQUEST_ERROR","description":"{words}"}}}}"#);
        let refused = judged(400, &bad("The amount must be atleast INR 1.00"));
        assert!(matches!(refused, Err(GatewayError::Refused { code, .. }) if code == "BAD_REQUEST_ERROR"));
        let missing = judged(400, &bad("The id provided does not exist"));
        assert!(matches!(missing, Err(GatewayError::NotFound)));
        assert!(matches!(judged(404, ""), Err(GatewayError::NotFound)));
        for (status, body) in [
            (401, bad("Authentication failed")),
            (429, bad("Request failed")),
            (502, "<html>".to_owned()),
            (
                400,
                r#"{"error":{"code":"GATEWAY_ERROR","description":"bank"}}"#.to_owned(),
            ),
            (500, r#"{"error":{"code":"SERVER_ERROR"}}"#.to_owned()),
            (302, String::new()),
        ] {
            let unknown = judged(status, &body);
            assert!(
                matches!(unknown, Err(GatewayError::Unavailable(_))),
                "{status} {body}"
            );
        }
        assert!(judged(200, "").is_ok());
    }

    #[test]
    fn ids_of_others_lead_nowhere_else() {
        assert!(segment("pay_29QQoUBi66xm2f").is_ok());
        for id in [
            "",
            "..",
            "pay_1/capture",
            "pay_1?x=1",
            "pay%2f",
            "pay 1",
            &"x".repeat(65),
        ] {
            assert!(segment(id).is_err(), "{id}");
        }
    }
}
