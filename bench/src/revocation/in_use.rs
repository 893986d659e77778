//! A credential in use at one proxy: one request after the other, at a pace or as fast as they are answered.
//! Notes the last one that was let through, and nothing of the others.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use crate::connection::{Connection, get};

/// Between attempts to connect.
const PAUSE: Duration = Duration::from_millis(5);
/// How long the first answer may take.
const FIRST: Duration = Duration::from_secs(20);

/// The last request that was let through.
#[derive(Clone, Copy, Debug)]
pub struct Last {
    pub begun: Instant,
    pub answered: Instant,
}

#[derive(Clone, Copy, Default)]
struct State {
    last: Option<Last>,
    is_refused: bool,
}

/// Use that goes on until it is finished.
pub struct InUse {
    state: watch::Receiver<State>,
    task: JoinHandle<()>,
}

impl InUse {
    /// Begins, and waits until the proxy lets it through.
    pub async fn begin(proxy: SocketAddr, token: &str, pace: Duration) -> Result<Self> {
        let request = get("/orders/1", &format!("Authorization: Bearer {token}\r\n"));
        let (sender, mut state) = watch::channel(State::default());
        let task = tokio::spawn(run((proxy, request), pace, sender));
        timeout(FIRST, state.wait_for(|state| state.last.is_some()))
            .await
            .context("the credential was never let through")??;
        Ok(Self { state, task })
    }

    /// Waits until it is refused for what it is.
    pub async fn refused(&self, limit: Duration) -> Result<()> {
        let mut state = self.state.clone();
        timeout(limit, state.wait_for(|state| state.is_refused))
            .await
            .context("the credential goes on being let through")??;
        Ok(())
    }

    /// Ends the use.
    pub async fn finish(self) -> Result<Last> {
        self.task.abort();
        let last = self.state.borrow().last;
        last.context("nothing was let through")
    }
}

async fn run((proxy, request): (SocketAddr, Vec<u8>), pace: Duration, state: watch::Sender<State>) {
    let mut connection = None;
    loop {
        let Some(open) = &mut connection else {
            connection = Connection::open(proxy).await.ok();
            if connection.is_none() {
                tokio::time::sleep(PAUSE).await;
            }
            continue;
        };
        let begun = Instant::now();
        match open.send(&request).await.map(|answer| answer.status) {
            Ok(200) => {
                let answered = Instant::now();
                state.send_modify(|state| {
                    state.last = Some(Last { begun, answered });
                    state.is_refused = false;
                });
            }
            Ok(401) => _ = state.send_if_modified(|state| !std::mem::replace(&mut state.is_refused, true)),
            // 503: it cannot be found out.
            Ok(_) => {}
            Err(_) => connection = None,
        }
        tokio::time::sleep_until(begun + pace).await;
    }
}
