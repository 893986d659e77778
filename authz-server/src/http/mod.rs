//! What happens to every request before a handler and to every answer after it.
//! Knows no endpoint; it bounds, identifies, measures and, when something goes wrong, answers uniformly.

mod answer;
pub mod audit;
mod client_address;
mod client_certificate;
mod connected;
mod fault;
mod frame;
pub mod invoice_file;
mod limits;
mod measure;
mod problem;
pub mod rate_limit;
mod request_id;
mod single;
mod trace;
mod upload;
pub mod wrong_member;

use std::{sync::Arc, time::Duration};

use axum::{Router, middleware};
use ipnet::IpNet;
use model::{Clock, Random};
use tokio::sync::Semaphore;
use traces::Tracing;

pub use client_certificate::{CertificateChain, ClientCertificate};
pub use connected::Connected;
pub use fault::fault;
pub use frame::TrustedPeer;
pub use limits::whole;
pub use problem::Problem;
pub use single::single;
pub use trace::Arrival;
pub use upload::{Upload, UploadError};

use crate::{config::ServerConfig, pages::Brand};

/// What the frame around the handlers needs.
#[derive(Clone)]
pub struct Frame(Arc<Inner>);

struct Inner {
    trusted_proxies: Vec<IpNet>,
    client_cert_header: bool,
    request_timeout: Duration,
    in_flight: Semaphore,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    brand: Arc<Brand>,
    https: bool,
    tracing: Option<Arc<Tracing>>,
}

impl Frame {
    /// A frame with the configured bounds; error pages bear the brand; requests are traced where that is wanted.
    pub fn new(
        server: &ServerConfig,
        brand: Arc<Brand>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        tracing: Option<Arc<Tracing>>,
    ) -> Self {
        let by_issuer = server
            .issuer
            .as_ref()
            .is_some_and(|issuer| issuer.starts_with("https:"));
        Self(Arc::new(Inner {
            trusted_proxies: server.trusted_proxies.clone(),
            client_cert_header: server.client_cert_header,
            request_timeout: server.request_timeout.duration(),
            in_flight: Semaphore::new(server.max_in_flight.min(Semaphore::MAX_PERMITS)),
            clock,
            random,
            brand,
            https: by_issuer || server.tls.is_some(),
            tracing,
        }))
    }

    /// Puts the frame around every route, also around unknown ones.
    ///
    /// Handlers below find a [`model::Ctx`] in the request's extensions.
    pub fn around(&self, router: Router) -> Router {
        router.layer(middleware::from_fn_with_state(self.clone(), frame::frame))
    }
}
