//! Brings lines to the authorization server, each until it is taken.
//! It refuses to lose a line that the server could take yet; one that it won't have is counted as lost, and logged whole.

use super::Usage;
use super::lines::{Line, Lines, Outcome, Told};
use crate::authority::{Authority, AuthorityError, contents, document};
use serde::{Deserialize, Serialize};
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
    let mut pace = usage.pace.subscribe();
    let mut courier = Courier {
        usage,
        authority,
        lines: Lines::default(),
        pause: FIRST_PAUSE,
    };
    while !*leaving.borrow() {
        let interval = pace.borrow_and_update().interval;
        tokio::select! {
            () = tokio::time::sleep(interval) => {}
            _ = wanted.changed() => {}
            _ = pace.changed() => {}
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
            let before = self.lines.len();
            let gone = self.lines.came_out(&outcome);
            let taken = before - self.lines.len() - gone.len();
            self.usage.measures.reported.increment(taken as u64);
            gone.iter().for_each(|line| self.lose(line));
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
            Ok(outcome) => return outcome,
            Err(error) => error,
        };
        self.usage.measures.failures.increment(1);
        if self.pause == FIRST_PAUSE {
            tracing::warn!(%error, lines = self.lines.len(), "reports of use wait");
        }
        if matches!(error, AuthorityError::Status(status) if status == 401) {
            let _renewed = self.authority.reload_secret();
        }
        match error {
            AuthorityError::Status(status) if status == 413 => Outcome::TooMuch,
            _ => Outcome::Unknown,
        }
    }

    async fn exchange(&self) -> Result<Outcome, AuthorityError> {
        let address = format!("{}/usage/reports", self.authority.issuer().trim_end_matches('/'));
        let url = Url::parse(&address).map_err(|reason| AuthorityError::Malformed(reason.to_string()))?;
        let reports: Vec<Told<'_>> = self.lines.batch().collect();
        let count = reports.len();
        let request = self
            .authority
            .authenticated(self.authority.post(url))
            .timeout(TIMEOUT);
        let answer = request.json(&Reports { reports }).send().await?;
        let status = answer.status();
        if !matches!(status.as_u16(), 400 | 409) {
            return document(answer, LONGEST_ANSWER).await.map(|_| Outcome::Taken);
        }
        // Only lines that the server names are to blame; without names it may be our own account there.
        let body = contents(answer, LONGEST_ANSWER).await?;
        let places = wrong_places(&body, count).ok_or(AuthorityError::Status(status))?;
        self.usage.measures.failures.increment(1);
        Ok(Outcome::Refused(places))
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

#[derive(Deserialize)]
struct Refusal {
    errors: Vec<Wrong>,
}

#[derive(Deserialize)]
struct Wrong {
    index: usize,
}

/// The places of a batch of so many lines that a refusal names; nothing when it names none or others.
fn wrong_places(body: &[u8], count: usize) -> Option<Vec<usize>> {
    let refusal: Refusal = serde_json::from_slice(body).ok()?;
    let places: Vec<usize> = refusal.errors.iter().map(|wrong| wrong.index).collect();
    (!places.is_empty() && places.iter().all(|place| *place < count)).then_some(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lines_that_are_named_are_to_blame() {
        let named = br#"{"error":"invalid_request","errors":[{"index":1,"member":"metric"},{"index":0}]}"#;
        assert_eq!(wrong_places(named, 2), Some(vec![1, 0]));
        assert_eq!(wrong_places(named, 1), None);
        for other in [
            &br#"{"error":"unauthorized_client"}"#[..],
            br#"{"errors":[]}"#,
            b"",
            b"[]",
        ] {
            assert_eq!(wrong_places(other, 2), None);
        }
    }
}
