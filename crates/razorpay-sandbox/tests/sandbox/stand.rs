//! A sandbox whose clock stands, and a client with its key.
//! Follows no redirects.

use razorpay_sandbox::{Control, Running, Sandbox, Settings};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

pub const KEY: &str = "rzp_test_stand";
pub const SECRET: &str = "key-secret";
pub const WEBHOOK_SECRET: &str = "webhook-secret";
pub const NOW: i64 = 1_750_000_000;

pub struct Stand {
    pub sandbox: Running,
    pub control: Control,
    pub http: reqwest::Client,
}

impl Stand {
    pub fn new() -> Self {
        Self::with(|_| ())
    }

    pub fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::new(([127, 0, 0, 1], 0).into(), KEY, SECRET);
        settings.webhook_secret = WEBHOOK_SECRET.to_owned();
        settings.seed = Some(1);
        settings.frozen_at = Some(NOW);
        change(&mut settings);
        let sandbox = Sandbox::start(settings).unwrap();
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        Self {
            control: sandbox.control(),
            sandbox,
            http: client.no_proxy().build().unwrap(),
        }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.sandbox.url());
        self.http.request(method, url).basic_auth(KEY, Some(SECRET))
    }

    pub async fn get(&self, path: &str) -> Value {
        good(self.request(Method::GET, path).send().await.unwrap()).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        good(self.try_post(path, body).await).await
    }

    pub async fn try_post(&self, path: &str, body: Value) -> Response {
        let request = self.request(Method::POST, path).json(&body);
        request.send().await.unwrap()
    }

    /// A new order over 500 rupees.
    pub async fn order(&self) -> String {
        let order = json!({"amount": 50_000, "currency": "INR", "receipt": "topup-1"});
        text(&self.post("/v1/orders", order).await["id"])
    }

    /// A new subscription to 499 rupees a month, three times.
    pub async fn subscription(&self) -> String {
        let item = json!({"name": "Pro", "amount": 49_900, "currency": "INR"});
        let plan = json!({"period": "monthly", "interval": 1, "item": item});
        let plan = self.post("/v1/plans", plan).await["id"].clone();
        let wish = json!({"plan_id": plan, "total_count": 3});
        text(&self.post("/v1/subscriptions", wish).await["id"])
    }
}

async fn good(answer: Response) -> Value {
    let status = answer.status();
    let body: Value = answer.json().await.unwrap();
    assert_eq!(status, 200, "{body}");
    body
}

/// The error of a refusal, whose shape is checked.
pub async fn problem(answer: Response, status: u16) -> Value {
    assert_eq!(answer.status(), status);
    let body: Value = answer.json().await.unwrap();
    let error = &body["error"];
    for member in ["code", "description", "source", "step", "reason"] {
        assert!(error[member].is_string(), "{member}: {body}");
    }
    assert!(error["metadata"].is_object());
    error.clone()
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
