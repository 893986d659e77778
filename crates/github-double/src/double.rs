//! The handle that a test holds: addresses, changes, and what has been seen.
//! When it is dropped, the stand-in is gone.

mod steer;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use tokio::sync::mpsc;

use crate::change::ChangeError;
use crate::clock::Clock;
use crate::seen::{SeenRequest, SentEvent};
use crate::server::Server;
use crate::settings::Settings;
use crate::shared::Shared;
use crate::world::{Base, World};

const OUTBOX: usize = 1_024;

/// Why a stand-in did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The listener or its thread could not be made.
    #[error("cannot listen: {0}")]
    Io(#[from] std::io::Error),
    /// The settings contradict themselves.
    #[error("settings: {0}")]
    Settings(#[from] ChangeError),
}

/// A running stand-in.
pub struct GithubDouble {
    address: SocketAddr,
    base: Base,
    shared: Arc<Shared>,
    _server: Server,
}

impl GithubDouble {
    /// Starts a stand-in on a thread of its own; when this returns, it answers.
    ///
    /// # Errors
    /// When the address is taken, or the settings name something that does not exist, or one thing twice.
    pub fn start(settings: Settings) -> Result<Self, StartError> {
        let listener = TcpListener::bind(settings.listen)?;
        let address = listener.local_addr()?;
        let web = format!("http://{address}");
        let api_prefix = settings.api_prefix.trim_end_matches('/').to_owned();
        let base = Base {
            api: format!("{web}{api_prefix}"),
            web,
        };
        let (outbox, queue) = mpsc::channel(OUTBOX);
        let clock = Clock::default();
        let refuse_unverified = settings.refuse_unverified_people;
        let mut world = World::new(base.clone(), outbox, clock.now());
        world.populate(settings, clock.now())?;
        let shared = Arc::new(Shared::new(clock, api_prefix, refuse_unverified, world));
        let server = Server::start(listener, Arc::clone(&shared), queue)?;
        Ok(Self {
            address,
            base,
            shared,
            _server: server,
        })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What `https://github.com` is to the world; no slash at the end.
    #[must_use]
    pub fn web_url(&self) -> &str {
        &self.base.web
    }

    /// What `https://api.github.com` is to the world; no slash at the end.
    #[must_use]
    pub fn api_url(&self) -> &str {
        &self.base.api
    }

    /// Every request so far, oldest first; the stand-in's own doors are not among them.
    #[must_use]
    pub fn requests(&self) -> Vec<SeenRequest> {
        self.shared.world().journal.seen()
    }

    /// Forgets the requests so far.
    pub fn forget_requests(&self) {
        self.shared.world().journal.forget_seen();
    }

    /// Every event so far, oldest first.
    #[must_use]
    pub fn events(&self) -> Vec<SentEvent> {
        self.shared.world().journal.events()
    }

    /// Sends an event again with the same `X-GitHub-Delivery`; false when there is none of that id.
    #[must_use]
    pub fn redeliver(&self, delivery: &str) -> bool {
        self.shared.world().redeliver(delivery)
    }

    /// Waits until every event so far has been posted and answered, or has failed.
    pub async fn settle(&self) {
        let wanted = self.shared.world().journal.handed_over();
        let mut delivered = self.shared.delivered.subscribe();
        // The sender lives as long as this handle, so waiting cannot fail.
        let _ = delivered.wait_for(|count| *count >= wanted).await;
    }
}
