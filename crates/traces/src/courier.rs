//! Carries batches of spans to the collector.
//! It refuses redirects and long answers, and to run on the thread that asks, which has no runtime.

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use opentelemetry_http::{HttpClient, HttpError};
use std::time::Duration;
use tokio::runtime::Handle;

const TIMEOUT: Duration = Duration::from_secs(5);
const LONGEST_ANSWER: usize = 64 * 1024;

#[derive(Debug)]
pub struct Courier {
    http: reqwest::Client,
    runtime: Handle,
}

impl Courier {
    pub fn new(runtime: Handle) -> Result<Self, String> {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(TIMEOUT)
            .build();
        let http = http.map_err(|reason| format!("traces: {reason}"))?;
        Ok(Self { http, runtime })
    }
}

#[async_trait]
impl HttpClient for Courier {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let sent = self.runtime.spawn(deliver(self.http.clone(), request));
        sent.await?
    }
}

async fn deliver(http: reqwest::Client, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
    let mut answer = http.execute(request.try_into()?).await?;
    let status = answer.status();
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > LONGEST_ANSWER {
            return Err("the collector's answer is too long".into());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Response::builder().status(status).body(body.into())?)
}
