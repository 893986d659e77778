//! Following what other replicas commit, so that whoever waits for the log hears of it at once.
//! Refuses to be relied on: what it misses is found by the look that comes every so often, and by each check.

use std::time::Duration;

use crate::authority::Authority;
use crate::fault::Fault;

/// Between two attempts to listen.
const PAUSE: Duration = Duration::from_secs(1);

impl Authority {
    /// Reads the log whenever another replica says that it went on; for ever, and idle where there are none.
    pub async fn follow_log(&self) {
        let Some(mut wakeups) = self.database.wakeups() else {
            return std::future::pending().await;
        };
        let mut lost = false;
        loop {
            let woken = async {
                wakeups.next().await?;
                self.catch_up().await
            };
            match woken.await {
                Ok(()) => lost = false,
                Err(error) => {
                    tell(&error, std::mem::replace(&mut lost, true));
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }
}

/// Once for each time it is lost.
fn tell(error: &Fault, told: bool) {
    if !told {
        tracing::warn!(%error, "other replicas are not heard; their revocations are looked for instead");
    }
}
