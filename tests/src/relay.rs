//! A TCP relay between programs that can go deaf, hang up or take its time.
//! It reads nothing of what passes, and changes nothing of it.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What it does with what it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    /// Passes everything on.
    Clear,
    /// Ends every connection and takes no new one.
    Cut,
    /// Takes everything and passes nothing on; nobody is told.
    Deaf,
    /// Passes everything on so much later, each way.
    Late(Duration),
}

/// A relay in this process; it ends with the runtime.
pub struct Relay {
    address: SocketAddr,
    weather: watch::Sender<Weather>,
    goal: Arc<OnceLock<SocketAddr>>,
}

impl Relay {
    /// Listens; whoever connects before [`Relay::lead_to`] is turned away.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let relay = Self {
            address: listener.local_addr()?,
            weather: watch::Sender::new(Weather::Clear),
            goal: Arc::default(),
        };
        let (goal, weather) = (relay.goal.clone(), relay.weather.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Some(goal) = goal.get().copied() else { continue };
                if *weather.borrow() != Weather::Cut {
                    tokio::spawn(pass(stream, goal, weather.subscribe()));
                }
            }
        });
        Ok(relay)
    }

    /// Where everything goes; only once.
    pub fn lead_to(&self, goal: SocketAddr) -> Result<()> {
        self.goal.set(goal).ok().context("it leads somewhere already")
    }

    /// Its origin, good for an issuer.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on; connections from before end, so that nothing half sent arrives late.
    pub fn turn(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }
}

async fn pass(near: TcpStream, goal: SocketAddr, mut weather: watch::Receiver<Weather>) {
    let now = *weather.borrow_and_update();
    let Ok(far) = TcpStream::connect(goal).await else {
        return;
    };
    if near.set_nodelay(true).is_err() || far.set_nodelay(true).is_err() {
        return;
    }
    let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
    tokio::select! {
        () = carry(near_in, far_out, now) => {}
        () = carry(far_in, near_out, now) => {}
        _ = weather.changed() => {}
    }
}

async fn carry(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, weather: Weather) {
    let mut chunk = vec![0; 16 * 1024];
    while let Ok(count) = from.read(&mut chunk).await {
        match weather {
            _ if count == 0 => return,
            Weather::Clear => {}
            Weather::Late(span) => tokio::time::sleep(span).await,
            Weather::Cut => return,
            Weather::Deaf => continue,
        }
        if to.write_all(&chunk[..count]).await.is_err() {
            return;
        }
    }
}
