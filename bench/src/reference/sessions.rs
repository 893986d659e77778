//! A proxy made of pingora's sessions and its connector alone, without the phases of `pingora-proxy` above them.
//! It refuses to be a product: no bodies up, no retries, no filters. What it saves is what a leaner use could save.

use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use pingora::Result;
use pingora::apps::{HttpPersistentSettings, HttpServerApp, ReusedHttpStream};
use pingora::connectors::http::Connector;
use pingora::protocols::http::ServerSession;
use pingora::server::ShutdownWatch;
use pingora::upstreams::peer::HttpPeer;

/// Seconds that an idle connection stays open, as pingora's proxy has it.
const KEEP_ALIVE: u64 = 60;

pub struct Sessions {
    connector: Connector,
    peer: HttpPeer,
}

impl Sessions {
    pub fn new(upstream: SocketAddr) -> Self {
        Self {
            connector: Connector::new(None),
            peer: HttpPeer::new(upstream, false, String::new()),
        }
    }

    async fn forward(&self, downstream: &mut ServerSession) -> Result<()> {
        let (mut upstream, _) = self.connector.get_http_session(&self.peer).await?;
        let request = Box::new(downstream.req_header().clone());
        upstream.write_request_header(request).await?;
        upstream.finish_request_body().await?;
        upstream.read_response_header().await?;
        if let Some(response) = upstream.response_header() {
            let response = Box::new(response.clone());
            downstream.write_response_header(response).await?;
        }
        while let Some(part) = upstream.read_response_body().await? {
            let end = upstream.response_done();
            downstream.write_response_body(part, end).await?;
        }
        downstream.write_response_body(Bytes::new(), true).await?;
        let idle = None;
        self.connector
            .release_http_session(upstream, &self.peer, idle)
            .await;
        Ok(())
    }
}

#[async_trait]
impl HttpServerApp for Sessions {
    async fn process_new_http(
        self: &Arc<Self>,
        mut downstream: ServerSession,
        _: &ShutdownWatch,
    ) -> Option<ReusedHttpStream> {
        if !downstream.read_request().await.ok()? {
            return None;
        }
        downstream.set_keepalive(Some(KEEP_ALIVE));
        self.forward(&mut downstream).await.ok()?;
        let settings = HttpPersistentSettings::for_session(&downstream);
        let stream = downstream.finish().await.ok()??;
        Some(ReusedHttpStream::from_reusable_stream(stream, settings))
    }
}
