//! Events on their way to an app: signed when they are made, posted one after the other.
//! Follows no redirects and does not try again; a test asks for a second delivery.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::hmac;
use bytes::Bytes;
use serde_json::Value;
use tokio::sync::mpsc;
use url::Url;

use crate::random;
use crate::settings::GithubApp;
use crate::shared::Shared;

const TIMEOUT: Duration = Duration::from_secs(10);

/// One event, ready to post.
#[derive(Clone)]
pub(crate) struct Delivery {
    pub(crate) id: String,
    pub(crate) event: &'static str,
    pub(crate) action: String,
    url: Url,
    app: u64,
    signature: Option<String>,
    body: Bytes,
}

impl Delivery {
    /// `None` when the app has no webhook address.
    pub(crate) fn new(app: &GithubApp, event: &'static str, payload: &Value) -> Option<Self> {
        let body = Bytes::from(payload.to_string());
        let sign = |secret: &String| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
            format!("sha256={}", hex::encode(hmac::sign(&key, &body)))
        };
        Some(Self {
            id: random::uuid(),
            event,
            action: payload["action"].as_str().unwrap_or_default().to_owned(),
            url: app.webhook_url.clone()?,
            app: app.id,
            signature: app.webhook_secret.as_ref().map(sign),
            body,
        })
    }

    async fn post(&self, client: &reqwest::Client) -> Option<u16> {
        let mut request = client
            .post(self.url.clone())
            .header("Accept", "*/*")
            .header("Content-Type", "application/json")
            .header("X-GitHub-Event", self.event)
            .header("X-GitHub-Delivery", &self.id)
            .header("X-GitHub-Hook-ID", self.app)
            .header("X-GitHub-Hook-Installation-Target-ID", self.app)
            .header("X-GitHub-Hook-Installation-Target-Type", "integration");
        if let Some(signature) = &self.signature {
            request = request.header("X-Hub-Signature-256", signature);
        }
        let answer = request.body(self.body.clone()).send().await.ok()?;
        Some(answer.status().as_u16())
    }
}

/// Posts events in their order until the world ends.
pub(crate) async fn deliver(
    client: reqwest::Client,
    mut queue: mpsc::Receiver<Delivery>,
    shared: Arc<Shared>,
) {
    while let Some(delivery) = queue.recv().await {
        let status = delivery.post(&client).await;
        shared.world().journal.answered(&delivery.id, status);
        shared.delivered.send_modify(|count| *count += 1);
    }
}

/// The client that posts events.
pub(crate) fn client() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .user_agent("GitHub-Hookshot/double")
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(TIMEOUT)
        .build()
}
