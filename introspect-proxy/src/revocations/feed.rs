//! The feed client: one poll after the other, for as long as the proxy lives.
//! It refuses to give up, and to renew the lease for anything but a whole, applied answer.

use super::clocks::Clocks;
use super::{Applied, Revocations};
use crate::authority::{Authority, AuthorityError, document};
use crate::clock::Clock;
use http::header::DATE;
use oauth::revocations::{MAX_FEED_LEN, RevocationFeed};
use std::sync::Arc;
use std::time::Duration;

const POLL_TIMEOUT: Duration = Duration::from_secs(4);
const MAX_PAUSE: Duration = Duration::from_millis(500);

/// Asks for what came after the position last seen.
pub struct FeedClient {
    authority: Arc<Authority>,
    clock: Clock,
    /// What administrators of the server read of this proxy.
    instance: String,
    clocks: Clocks,
}

impl FeedClient {
    /// A client of `authority`.
    #[must_use]
    pub fn new(authority: Arc<Authority>, clock: Clock) -> Self {
        Self {
            authority,
            clock,
            instance: instance(),
            clocks: Clocks::default(),
        }
    }

    /// One poll after the position last seen; without one the answer is a snapshot.
    ///
    /// # Errors
    /// When there is no usable answer; nothing was applied then.
    pub async fn poll(&self, revocations: &Revocations) -> Result<Applied, AuthorityError> {
        let mut url = self.authority.endpoints()?.revocations.clone();
        if let Some(after) = revocations.position() {
            url.query_pairs_mut().append_pair("after", &after.to_string());
        }
        let sent = self.clock.tick();
        let request = self
            .authority
            .authenticated(self.authority.get(url))
            .header("x-proxy-instance", &self.instance)
            .header("x-proxy-version", env!("CARGO_PKG_VERSION"))
            .timeout(POLL_TIMEOUT);
        let answer = request.send().await?;
        self.clocks
            .compare(answer.headers().get(DATE), self.clock.unix_seconds());
        let body = document(answer, MAX_FEED_LEN).await?;
        let feed =
            RevocationFeed::from_json(&body).map_err(|error| AuthorityError::Malformed(error.to_string()))?;
        Ok(revocations.apply(&feed, sent, self.clock.unix_seconds()))
    }
}

/// This machine and process; a machine without a name is told by the process alone.
fn instance() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name: String = name
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || "-._".contains(*letter))
        .take(64)
        .collect();
    format!("{name}:{}", std::process::id())
}

/// Polls for ever. `on_loss` is called when the server turns out to have lost history.
pub async fn run(client: FeedClient, revocations: Arc<Revocations>, on_loss: impl Fn()) {
    let mut up = false;
    let mut pause = Duration::ZERO;
    loop {
        match client.poll(&revocations).await {
            Ok(Applied::Forward) => {
                if !std::mem::replace(&mut up, true) {
                    tracing::info!(position = revocations.head(), "revocation feed is up");
                }
                pause = Duration::ZERO;
            }
            Ok(Applied::Backward) => {
                tracing::error!("the authorization server lost revocation history");
                on_loss();
                up = false;
            }
            Err(error) => {
                up = false;
                if pause.is_zero() {
                    let error = client.authority.tell(&error);
                    tracing::warn!(error, "revocation feed failed");
                }
                if matches!(error, AuthorityError::Status(status) if status == 401) {
                    let _renewed = client.authority.reload_secret();
                }
                pause = (pause * 2).clamp(Duration::from_millis(25), MAX_PAUSE);
                tokio::time::sleep(pause).await;
            }
        }
    }
}
