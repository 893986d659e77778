//! Doing what is due: taken under a lease, done, and then gone or put off.
//! Refuses to let one failing job hold up another.

use model::job::{ClaimedJob, FailedJob, LEASE, retry_at};
use model::{Ctx, Origin, Random};
use storage::{Script, StorageError};

use super::Job;
use crate::authority::Authority;
use crate::fault::Fault;
use crate::federation::UpstreamTokenError;
use crate::mail::MailerError;

/// Jobs one worker takes at a time.
const AT_ONCE: i64 = 8;
const LONGEST_ERROR: usize = 500;

/// Why a job was not done.
#[derive(Debug, thiserror::Error)]
enum JobError {
    #[error(transparent)]
    Fault(#[from] Fault),
    #[error("mail: {0}")]
    Mail(#[from] MailerError),
    #[error(transparent)]
    Upstream(#[from] UpstreamTokenError),
}

impl Authority {
    /// Does what is due, at most eight jobs side by side; tells how many were taken.
    ///
    /// # Errors
    /// Storage. A job that fails is no error here: it is put off, or given up and told by [`Authority::failed_jobs`].
    pub async fn run_due_jobs(&self) -> Result<usize, Fault> {
        let now = self.clock.now();
        let until = now.plus(LEASE);
        let claim = self.database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move { storage::jobs::claim(w, now, until, AT_ONCE).await })
        });
        let claimed = claim.await?;
        let count = claimed.len();
        let work = claimed.into_iter().map(|job| self.run_one(job));
        futures::future::try_join_all(work).await?;
        Ok(count)
    }

    async fn run_one(&self, claimed: ClaimedJob) -> Result<(), Fault> {
        let ctx = Ctx {
            now: self.clock.now(),
            random: self.random.clone(),
            origin: Origin::default(),
        };
        let outcome = match self.open_job(&claimed.payload) {
            Ok(job) => self.carry_out_job(&ctx, job).await,
            Err(fault) => Err(fault.into()),
        };
        let mut script = Script::default();
        match outcome {
            Ok(()) => storage::jobs::done(&mut script, &claimed).await?,
            Err(error) => {
                let now = self.clock.now();
                let retry = retry_at(claimed.attempts, now, jitter(self.random.as_ref()));
                let text: String = error.to_string().chars().take(LONGEST_ERROR).collect();
                tracing::warn!(job = %claimed.id, kind = claimed.kind, attempts = claimed.attempts, given_up = retry.is_none(), error = text, "a job failed");
                storage::jobs::failed(&mut script, &claimed, (retry, now), &text).await?;
            }
        }
        self.database.apply(script).await?;
        Ok(())
    }

    async fn carry_out_job(&self, ctx: &Ctx, job: Job) -> Result<(), JobError> {
        match job {
            Job::Ask(asking) => {
                if let Some(letter) = self.answer_asking(ctx, asking).await? {
                    self.mailer.send(&letter).await?;
                }
            }
            Job::Send(letter) => self.mailer.send(&letter).await?,
            Job::Erase { user } => self.erase_account(ctx, user).await?,
            Job::RevokeUpstream { provider, tokens } => {
                self.revoke_upstream(ctx, &provider, &tokens).await?;
            }
        }
        Ok(())
    }

    /// What was given up and waits for an operator, newest first.
    ///
    /// # Errors
    /// Storage.
    pub async fn failed_jobs(&self, limit: u16) -> Result<Vec<FailedJob>, Fault> {
        let mut reader = self.database.read().await?;
        Ok(storage::jobs::list_failed(&mut reader, i64::from(limit)).await?)
    }
}

/// Between 0 and 1.
fn jitter(random: &dyn Random) -> f64 {
    let mut byte = [0; 1];
    random.fill(&mut byte);
    f64::from(byte[0]) / 255.0
}
