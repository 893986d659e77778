//! Starting a sandbox, and ending it.
//! When the handle is dropped, the sandbox is gone.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;

use crate::clock::Clock;
use crate::control::Control;
use crate::keeper::Keeper;
use crate::server::Server;
use crate::settings::Settings;
use crate::shared::Shared;
use crate::state::State;
use crate::world::World;

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The listener or its thread could not be made.
    #[error("the payment sandbox cannot listen: {0}")]
    Io(#[from] io::Error),
    /// The memory of before cannot be read.
    #[error("the payment sandbox cannot read {0}: {1}")]
    State(PathBuf, io::Error),
    /// Without both nobody could call it.
    #[error("the payment sandbox needs a key id and a key secret")]
    NoKey,
}

/// The way to start one.
#[derive(Clone, Copy, Debug)]
pub struct Sandbox;

/// A running sandbox.
pub struct Running {
    addr: SocketAddr,
    shared: Arc<Shared>,
    server: Server,
}

impl Sandbox {
    /// Starts a sandbox on a thread of its own; when this returns, it answers. Needs no runtime.
    ///
    /// # Errors
    /// When the address is taken, or the key is empty.
    pub fn start(settings: Settings) -> Result<Running, StartError> {
        if settings.key_id.is_empty() || settings.key_secret.is_empty() {
            return Err(StartError::NoKey);
        }
        let listener = TcpListener::bind(settings.listen)?;
        let addr = listener.local_addr()?;
        let base = settings
            .public_url
            .as_ref()
            .map_or_else(|| format!("http://{addr}"), url::Url::to_string);
        let file = settings.state_file.clone();
        let state = remembered(file.as_ref())?;
        let ahead = state.as_ref().map_or(0, |state| state.ahead);
        let clock = Clock::new(settings.frozen_at, ahead);
        let base = base.trim_end_matches('/').to_owned();
        let mut world = World::new(settings, base);
        if let Some(state) = state {
            world.books = state.books;
        }
        world.turn(clock.now_ms());
        let shared = Arc::new(Shared::new(clock, world));
        let keeper = Keeper {
            file,
            shared: Arc::clone(&shared),
        };
        let server = Server::start(listener, Arc::clone(&shared), keeper)?;
        Ok(Running { addr, shared, server })
    }
}

fn remembered(file: Option<&PathBuf>) -> Result<Option<State>, StartError> {
    let Some(file) = file else {
        return Ok(None);
    };
    State::read(file).map_err(|error| StartError::State(file.clone(), error))
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// What `https://api.razorpay.com` is to the world; no slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The handle that makes it misbehave, and plays the part of people and banks.
    #[must_use]
    pub fn control(&self) -> Control {
        Control::new(Arc::clone(&self.shared))
    }

    /// Ends it; returns when its thread has ended.
    pub fn shutdown(self) {
        drop(self.server);
    }
}
