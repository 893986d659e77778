//! Runs each request as an exchange that can be ended from outside.
//! It refuses to wait for the work of one that was ended.

use super::Gateway;
use crate::live_connections::{Ended, Exchange};
use async_trait::async_trait;
use pingora::apps::{HttpServerApp, HttpServerOptions, ReusedHttpStream};
use pingora::protocols::http::ServerSession;
use pingora::protocols::http::v2::server::H2Options;
use pingora::proxy::HttpProxy;
use pingora::server::ShutdownWatch;
use std::sync::Arc;

/// The proxy of one worker and listener.
pub struct Conductor(Arc<HttpProxy<Gateway>>);

impl Conductor {
    /// Conducts the requests of `proxy`.
    pub fn new(proxy: HttpProxy<Gateway>) -> Self {
        Self(Arc::new(proxy))
    }

    /// Serves one request; what is left of its connection, if anything.
    ///
    /// # Errors
    /// Why it was ended. The connection, or the stream of an HTTP/2 connection, is gone then.
    pub async fn serve(
        &self,
        session: ServerSession,
        shutdown: &ShutdownWatch,
    ) -> Result<Option<ReusedHttpStream>, Ended> {
        let exchange = Arc::new(Exchange::default());
        exchange.conduct(self.0.process_new_http(session, shutdown)).await
    }
}

#[async_trait]
impl HttpServerApp for Conductor {
    /// Here come the streams of HTTP/2: one that is ended is reset, RFC 9113 §8.1.
    async fn process_new_http(
        self: &Arc<Self>,
        session: ServerSession,
        shutdown: &ShutdownWatch,
    ) -> Option<ReusedHttpStream> {
        self.serve(session, shutdown).await.unwrap_or(None)
    }

    fn h2_options(&self) -> Option<H2Options> {
        self.0.h2_options()
    }

    fn server_options(&self) -> Option<&HttpServerOptions> {
        self.0.server_options()
    }
}
