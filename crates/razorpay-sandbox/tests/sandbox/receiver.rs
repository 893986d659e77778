//! A merchant's webhook door that keeps what it gets, and answers as it is told.
//! Checks nothing itself.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use url::Url;

/// One delivery.
#[derive(Clone, Debug)]
pub struct Got {
    pub id: String,
    pub signature: String,
    pub body: Bytes,
}

impl Got {
    pub fn event(&self) -> String {
        let body: serde_json::Value = serde_json::from_slice(&self.body).unwrap();
        body["event"].as_str().unwrap().to_owned()
    }
}

#[derive(Clone, Default)]
struct Kept {
    got: Arc<Mutex<Vec<Got>>>,
    refusals: Arc<Mutex<u32>>,
}

pub struct Receiver {
    pub url: Url,
    kept: Kept,
}

impl Receiver {
    pub async fn new() -> Self {
        let kept = Kept::default();
        let mine = kept.clone();
        let door = post(move |headers: HeaderMap, body: Bytes| async move { take(&mine, &headers, body) });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhook", listener.local_addr().unwrap());
        let router = Router::new().route("/webhook", door);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            url: url.parse().unwrap(),
            kept,
        }
    }

    /// Refuses the next deliveries.
    pub fn refuse(&self, times: u32) {
        *self.kept.refusals.lock().unwrap() = times;
    }

    pub fn got(&self) -> Vec<Got> {
        self.kept.got.lock().unwrap().clone()
    }

    pub fn events(&self) -> Vec<String> {
        self.got().iter().map(Got::event).collect()
    }
}

fn take(kept: &Kept, headers: &HeaderMap, body: Bytes) -> StatusCode {
    let text = |name: &str| headers[name].to_str().unwrap().to_owned();
    kept.got.lock().unwrap().push(Got {
        id: text("x-razorpay-event-id"),
        signature: text("x-razorpay-signature"),
        body,
    });
    let mut left = kept.refusals.lock().unwrap();
    if *left > 0 {
        *left -= 1;
        return StatusCode::INTERNAL_SERVER_ERROR;
    }
    StatusCode::OK
}
