//! Brings lines to the authorization server, each until it is taken.
//! It refuses to lose a line that the server could take yet; one that it won't have is counted as lost, and logged whole.

use super::Usage;
use super::lines::{Line, Lines, Outcome, Told};
use crate::authority::{Authority, AuthorityError, document};
use serde::Serialize;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;
use url::Url;

const TIMEOUT: Duration = Duration::from_secs(5);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How long the last lines may take once the proxy leaves.
const LAST: Duration = Duration::from_secs(5);
const LONGEST_ANSWER: usize = 256 * 1024;

/// Who brings them.
pub struct Courier {
    usage: Arc<Usage>,
    authority: Arc<Authority>,
    lines: Lines,
    pause: Duration,
}

#[derive(Serialize)]
struct Reports<'a> {
    reports: Vec<Told<'a>>,
}

/// Until the proxy leaves and everything was brought, or the time for that is over.
pub async fn run(usage: Arc<Usage>, authority: Arc<Authority>) {
    let mut leaving = usage.leaving.subscribe();
    let mut wanted = usage.wanted.subscribe();
    let mut courier = Courier {
        usage,
        authority,
        lines: Lines::default(),
        pause: FIRST_PAUSE,
    };
    let interval = courier.usage.interval;
    while !*leaving.borrow() {
        tokio::select! {
            () = tokio::time::sleep(interval) => {}
            _ = wanted.changed() => {}
            _ = leaving.changed() => {}
        }
        tokio::select! {
            biased;
            () = courier.round() => {}
            () = left_for(&mut leaving, LAST) => {}
        }
    }
    let end = Instant::now() + LAST;
    if tokio::time::timeout_at(end, courier.bring_the_rest())
        .await
        .is_err()
    {
        courier.lose_the_rest();
    }
}

/// Until so long after the proxy began to leave.
async fn left_for(leaving: &mut watch::Receiver<bool>, span: Duration) {
    // The other end lives as long as the courier.
    let _ = leaving.wait_for(|leaving| *leaving).await;
    tokio::time::sleep(span).await;
}

impl Courier {
    /// Tells everything that was counted until now.
    async fn round(&mut self) {
        let number = *self.usage.wanted.borrow();
        // What waits from before was counted before, and is told first.
        self.bring().await;
        self.cut();
        self.bring().await;
        self.usage.done.send_replace(number);
    }

    async fn bring_the_rest(&mut self) {
        while !self.lines.is_empty() || !self.usage.cells.with_news().is_empty() {
            self.round().await;
        }
    }

    fn cut(&mut self) {
        self.lines.cut(self.usage.cells.with_news());
        if !self.lines.is_empty() {
            let now = self.usage.clock.tick().0.max(1);
            self.usage.waiting_since.store(now, Ordering::Relaxed);
        }
        self.show();
    }

    /// Again and again, until no line waits.
    async fn bring(&mut self) {
        while !self.lines.is_empty() {
            let outcome = self.send().await;
            let sent = self.lines.len();
            let refused = self.lines.came_out(outcome);
            let taken = sent - self.lines.len() - refused.iter().len();
            self.usage.measures.reported.increment(taken as u64);
            refused.iter().for_each(|line| self.lose(line));
            if outcome == Outcome::Unknown {
                tokio::time::sleep(self.pause).await;
                self.pause = (self.pause * 2).min(LONGEST_PAUSE);
            } else {
                self.pause = FIRST_PAUSE;
                // The rest waits since now at most: the server is there.
                let now = self.usage.clock.tick().0.max(1);
                let since = if self.lines.is_empty() { 0 } else { now };
                self.usage.waiting_since.store(since, Ordering::Relaxed);
            }
            self.show();
        }
    }

    async fn send(&self) -> Outcome {
        let error = match self.exchange().await {
            Ok(()) => return Outcome::Taken,
            Err(error) => error,
        };
        self.usage.measures.failures.increment(1);
        if self.pause == FIRST_PAUSE {
            tracing::warn!(%error, lines = self.lines.len(), "reports of use wait");
        }
        match error {
            AuthorityError::Status(status) if is_about_lines(status.as_u16()) => Outcome::Refused,
            AuthorityError::Status(status) if status == 401 => {
                let _renewed = self.authority.reload_secret();
                Outcome::Unknown
            }
            _ => Outcome::Unknown,
        }
    }

    async fn exchange(&self) -> Result<(), AuthorityError> {
        let address = format!("{}/usage/reports", self.authority.issuer().trim_end_matches('/'));
        let url = Url::parse(&address).map_err(|reason| AuthorityError::Malformed(reason.to_string()))?;
        let reports = self.lines.batch().collect();
        let request = self
            .authority
            .authenticated(self.authority.post(url))
            .timeout(TIMEOUT);
        let answer = request.json(&Reports { reports }).send().await?;
        document(answer, LONGEST_ANSWER).await.map(drop)
    }

    fn lose_the_rest(&mut self) {
        // What was counted meanwhile was never told; now it never will be.
        let waiting: Vec<Line> = self.lines.all().cloned().collect();
        let mut never = Lines::default();
        never.cut(self.usage.cells.with_news());
        for line in waiting.iter().chain(never.all()) {
            self.lose(line);
        }
    }

    /// Whole in the log, so that somebody can book it.
    fn lose(&self, line: &Line) {
        self.usage.measures.lost.increment(1);
        let told = line.told();
        tracing::error!(
            account = told.account_id,
            metric = told.metric,
            quantity = told.quantity,
            key = told.key,
            "use was not reported"
        );
    }

    fn show(&self) {
        let waiting = u32::try_from(self.lines.len()).unwrap_or(u32::MAX);
        self.usage.measures.pending.set(f64::from(waiting));
    }
}

/// Statuses that a batch without the line to blame would not have. Who may not report yet may do so later.
const fn is_about_lines(status: u16) -> bool {
    matches!(status, 400 | 413 | 422)
}
