//! Brings reports to the authorization server, batch by batch, each until it is taken.
//! It refuses to lose a batch that the server could take yet; one that it refuses for good is counted as lost.

use super::Reports;
use super::batch::{Batch, Names, gather};
use crate::authority::{Authority, AuthorityError, document};
use metrics::Counter;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;
use url::Url;

const TIMEOUT: Duration = Duration::from_secs(5);
/// How long a report may wait for others to travel with.
const TOGETHER: Duration = Duration::from_millis(250);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How long the last batches may take once the proxy leaves.
const LAST: Duration = Duration::from_secs(5);
const LONGEST_ANSWER: usize = 4096;

/// Who brings them where.
pub struct Courier {
    /// The server.
    pub authority: Arc<Authority>,
    /// Reports that were taken.
    pub sent: Counter,
    /// Reports that never will be.
    pub lost: Counter,
}

/// Until the proxy leaves and everything was brought, or the time for that is over.
pub async fn run(courier: Courier, reports: &Reports) {
    let Some((mut waiting, mut leaving)) = reports.take() else {
        return;
    };
    let mut names = Names::new();
    while !*leaving.borrow() {
        let first = tokio::select! {
            first = waiting.recv() => first,
            _ = leaving.changed() => None,
        };
        if first.is_some() {
            tokio::select! {
                () = tokio::time::sleep(TOGETHER) => {}
                _ = leaving.changed() => {}
            }
        }
        if let Some(batch) = gather(first, &mut waiting, &mut names) {
            courier.bring(&batch, &mut leaving).await;
        }
    }
    let end = Instant::now() + LAST;
    while let Some(batch) = gather(None, &mut waiting, &mut names) {
        courier.bring_until(&batch, end).await;
    }
}

impl Courier {
    /// Again and again, until it is taken; once the proxy leaves, only as long as that may take.
    async fn bring(&self, batch: &Batch, leaving: &mut watch::Receiver<bool>) {
        let mut end = None;
        let brought = self.insist(batch);
        tokio::pin!(brought);
        loop {
            let wait = async {
                match end {
                    Some(end) => tokio::time::sleep_until(end).await,
                    None => {
                        let _ = leaving.wait_for(|leaving| *leaving).await;
                    }
                }
            };
            tokio::select! {
                () = &mut brought => return,
                () = wait => {
                    if end.is_some() {
                        return self.lose(batch);
                    }
                    end = Some(Instant::now() + LAST);
                }
            }
        }
    }

    async fn bring_until(&self, batch: &Batch, end: Instant) {
        if tokio::time::timeout_at(end, self.insist(batch)).await.is_err() {
            self.lose(batch);
        }
    }

    fn lose(&self, batch: &Batch) {
        self.lost.increment(batch.entries.len() as u64);
        tracing::error!(
            reports = batch.entries.len(),
            "reports for the audit log are lost"
        );
    }

    async fn insist(&self, batch: &Batch) {
        let mut pause = FIRST_PAUSE;
        loop {
            match self.send(batch).await {
                Ok(()) => return self.sent.increment(batch.entries.len() as u64),
                Err(AuthorityError::Status(status)) if is_final(status.as_u16()) => {
                    tracing::error!(%status, "the authorization server does not take reports for the audit log");
                    return self.lose(batch);
                }
                Err(error) => {
                    if pause == FIRST_PAUSE {
                        tracing::warn!(%error, "reports for the audit log wait");
                    }
                    if matches!(error, AuthorityError::Status(status) if status == 401) {
                        let _renewed = self.authority.reload_secret();
                    }
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn send(&self, batch: &Batch) -> Result<(), AuthorityError> {
        let address = format!("{}/audit/reports", self.authority.issuer().trim_end_matches('/'));
        let url = Url::parse(&address).map_err(|reason| AuthorityError::Malformed(reason.to_string()))?;
        let request = self
            .authority
            .authenticated(self.authority.post(url))
            .timeout(TIMEOUT);
        let answer = request.json(batch).send().await?;
        document(answer, LONGEST_ANSWER).await.map(drop)
    }
}

/// Trying again would change nothing.
const fn is_final(status: u16) -> bool {
    matches!(status, 400 | 403 | 404 | 405 | 413 | 415)
}
