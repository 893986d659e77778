//! Telling a server that runs on the same SQLite file that something has changed, and waiting until it knows.
//! Needs no answer: without one the server looks by itself a moment later.

use std::time::Duration;

use http::{Request, Uri};
use http_body_util::Empty;
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

use crate::config::Config;

/// A server on this machine answers within milliseconds, or there is none.
const LIMIT: Duration = Duration::from_secs(2);

/// When it returns, a running server refuses what the command has ended.
pub(super) async fn tell(config: &Config) {
    let address = config.admin.listen;
    let uri = Uri::builder()
        .scheme("http")
        .authority(address.to_string())
        .path_and_query("/catch-up")
        .build();
    let Ok(uri) = uri else { return };
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let Ok(request) = Request::post(uri).body(Empty::new()) else {
        return;
    };
    // Refused: no server runs. Anything else: it looks by itself.
    let _ = tokio::time::timeout(LIMIT, client.request(request)).await;
}
