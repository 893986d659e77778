//! One instance of a service: how to reach it, how it fares, how many requests it has.
//! It refuses more requests at once than it may have.

use super::breaker::{Admitted, Breaker};
use super::tls::Trust;
use crate::clock::Tick;
use crate::config;
use pingora::protocols::ALPN;
use pingora::upstreams::peer::{HttpPeer, HttpUpstreamRequestPolicy};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

/// Requests at once on one HTTP/2 connection.
const STREAMS: usize = 100;
const STREAM_WINDOW: u32 = 256 * 1024;
const IDLE: Duration = Duration::from_secs(60);

/// An instance.
pub struct Instance {
    /// `host:port` as configured.
    pub authority: String,
    /// Where it is.
    pub address: SocketAddr,
    /// Its share of the requests.
    pub weight: u16,
    peer: HttpPeer,
    well: AtomicBool,
    /// Health checks in a row that said otherwise.
    contrary: AtomicU32,
    breaker: Breaker,
    requests: AtomicUsize,
    most: usize,
}

/// A request on its way to an instance; whatever happens, it is counted off when this is dropped.
pub struct Attempt {
    instance: Arc<Instance>,
    admitted: Admitted,
    told: bool,
}

impl Instance {
    /// An instance of `settings` at `address`.
    pub fn new(
        settings: &config::Upstream,
        target: &config::Address,
        address: SocketAddr,
        trust: &Trust,
    ) -> Self {
        Self {
            authority: target.authority().to_owned(),
            address,
            weight: target.weight(),
            peer: peer(settings, target.host(), address, trust),
            well: AtomicBool::new(true),
            contrary: AtomicU32::new(0),
            breaker: Breaker::new(settings.breaker),
            requests: AtomicUsize::new(0),
            most: settings.max_requests.unwrap_or(usize::MAX),
        }
    }

    /// What health checks say.
    pub fn is_well(&self) -> bool {
        self.well.load(Ordering::Relaxed)
    }

    /// Notes a health check; tells whether the verdict changed after so many in a row.
    pub fn checked(&self, well: bool, needed: u32) -> bool {
        if well == self.is_well() {
            self.contrary.store(0, Ordering::Relaxed);
            return false;
        }
        let changes = self.contrary.fetch_add(1, Ordering::Relaxed) + 1 >= needed;
        if changes {
            self.contrary.store(0, Ordering::Relaxed);
            self.well.store(well, Ordering::Relaxed);
        }
        changes
    }

    /// Requests at the moment, by weight.
    pub fn load(&self) -> usize {
        self.requests.load(Ordering::Relaxed) * 256 / usize::from(self.weight.max(1))
    }

    /// Begins a request, if it may have one more and is not left alone.
    pub fn begin(self: &Arc<Self>, now: Tick) -> Option<Attempt> {
        let has_room = self.requests.fetch_add(1, Ordering::Relaxed) < self.most;
        let Some(admitted) = has_room.then(|| self.breaker.admits(now)).flatten() else {
            self.requests.fetch_sub(1, Ordering::Relaxed);
            return None;
        };
        Some(Attempt {
            instance: Arc::clone(self),
            admitted,
            told: false,
        })
    }

    /// How long it is left alone.
    pub fn paused_for(&self, now: Tick) -> Option<Duration> {
        self.breaker.wait(now)
    }
}

impl Attempt {
    /// Where it goes.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.instance.address
    }

    pub(super) fn peer(&self) -> &HttpPeer {
        &self.instance.peer
    }

    /// The instance answered.
    pub fn succeeded(&mut self) {
        self.told = true;
        self.instance.breaker.succeeded();
    }

    /// The instance failed.
    pub fn failed(&mut self, now: Tick) {
        self.told = true;
        if self.instance.breaker.failed(now) {
            tracing::warn!(instance = self.instance.authority, address = %self.instance.address, "left alone after failures");
        }
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        self.instance.requests.fetch_sub(1, Ordering::Relaxed);
        if !self.told {
            self.instance.breaker.undecided(self.admitted);
        }
    }
}

fn peer(settings: &config::Upstream, host: &str, address: SocketAddr, trust: &Trust) -> HttpPeer {
    let name = settings.tls.server_name().unwrap_or(host);
    let mut peer = HttpPeer::new(address, settings.tls.is_on(), name.to_owned());
    if settings.protocol == config::Protocol::H1 {
        peer.options.alpn = ALPN::H1;
    } else {
        peer.options.alpn = ALPN::H2;
        peer.options.max_h2_streams = STREAMS;
        // What a slow client leaves unread is kept here, stream by stream.
        peer.options.h2_stream_window_size = Some(STREAM_WINDOW);
    }
    peer.options.connection_timeout = Some(settings.timeouts.connect.0);
    peer.options.total_connection_timeout = Some(settings.timeouts.connect.0);
    peer.options.read_timeout = Some(settings.timeouts.read.0);
    peer.options.write_timeout = Some(settings.timeouts.read.0);
    peer.options.idle_timeout = Some(IDLE);
    peer.options.ca = trust.authorities();
    peer.client_cert_key = trust.certificate();
    // A tunnel would outlive the revocation of the token that opened it, so none is opened.
    peer.options.http_upstream_request_policy = HttpUpstreamRequestPolicy::deny_upgrades();
    peer
}
