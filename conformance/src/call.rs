//! A request: built, sent, and its answer checked in one breath.
//! Shows itself with secrets shortened.

use reqwest::Method;
use serde_json::Value;
use url::Url;

use crate::envelope;
use crate::http::Http;
use crate::reply::Reply;
use crate::trouble::{Outcome, wrong};

/// A request that is yet to be sent.
#[derive(Clone, Debug)]
pub struct Call {
    http: Http,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Call {
    pub(crate) fn new(http: Http, method: &str, path: &str) -> Self {
        Self {
            http,
            method: method.to_owned(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// With a Bearer credential.
    pub fn bearer(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    /// With a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With a JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string().into_bytes())
    }

    /// With a body of any type.
    pub fn body(mut self, content_type: &str, body: Vec<u8>) -> Self {
        self.body = body;
        self.header("Content-Type", content_type)
    }

    /// Asks for no rate limit in the answer: it is refused before anybody knows whose limit it would count on.
    pub fn refused_at_the_door(mut self) -> Self {
        self.http.limit_fields = false;
        self
    }

    /// Sends it.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn send(&self) -> Outcome<Reply> {
        let shown = self.shown();
        let method = Method::from_bytes(self.method.as_bytes());
        let method = method.map_err(|error| wrong(&shown, "a method", error.to_string()))?;
        let url = self.http.url(&self.path);
        let mut request = self.http.client.request(method, url).body(self.body.clone());
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let none = |error: reqwest::Error| wrong(&shown, "an answer", error.to_string());
        let response = request.send().await.map_err(none)?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.map_err(none)?.to_vec();
        Ok(Reply {
            request: shown,
            path: self.path.clone(),
            status,
            headers,
            body,
            limit_fields: self.http.limit_fields,
        })
    }

    /// Sends it; a success with a JSON body of this shape comes back.
    ///
    /// # Errors
    /// When the answer is another.
    pub async fn answers(&self, status: u16, shape: &Value) -> Outcome<Value> {
        envelope::success(&self.send().await?, status, shape)
    }

    /// The same where the answer is enveloped; gives `data`.
    ///
    /// # Errors
    /// When the answer is another.
    pub async fn enveloped(&self, status: u16, data: &Value) -> Outcome<Value> {
        envelope::enveloped(&self.send().await?, status, data)
    }

    /// Sends it; an error of this code comes back. Gives the error object.
    ///
    /// # Errors
    /// When the answer is another.
    pub async fn refused(&self, status: u16, code: &str) -> Outcome<Value> {
        envelope::refusal(&self.send().await?, status, code)
    }

    /// Sends it; a redirect comes back.
    ///
    /// # Errors
    /// When the answer is another.
    pub async fn redirects(&self) -> Outcome<Url> {
        self.send().await?.location()
    }

    fn shown(&self) -> String {
        let mut text = format!("{} {}", self.method, self.path);
        for (name, value) in &self.headers {
            text.push_str(&format!("\n{name}: {value}"));
        }
        if !self.body.is_empty() {
            text.push_str("\n\n");
            text.push_str(&without_passwords(&self.body));
        }
        crate::trouble::shorten(&text)
    }
}

fn without_passwords(body: &[u8]) -> String {
    let Ok(mut value) = serde_json::from_slice::<Value>(body) else {
        return String::from_utf8_lossy(body.get(..200).unwrap_or(body)).into_owned();
    };
    for name in ["password", "new_password", "secret_access_key"] {
        if let Some(secret) = value.get_mut(name) {
            *secret = Value::from("…");
        }
    }
    value.to_string()
}
