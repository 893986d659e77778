//! Doing what is due: taken under a lease, done, and then gone or put off.
//! Refuses to let one failing job hold up another.

use model::email::Email;
use model::job::{ClaimedJob, FailedJob, LEASE, retry_at};
use model::{Ctx, Origin, Random};
use storage::{Script, StorageError};

use super::Job;
use crate::authority::Authority;
use crate::billing::{AutopayError, SettleError};
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
    #[error(transparent)]
    Payment(#[from] SettleError),
    #[error(transparent)]
    Mandate(#[from] AutopayError),
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
        let opened = self.open_job(&claimed.payload);
        let mailbox = opened.as_ref().ok().and_then(Job::mailbox);
        let outcome = match opened {
            Ok(job) => self.carry_out_job(&ctx, job).await,
            Err(fault) => Err(fault.into()),
        };
        let mut script = Script::default();
        match outcome {
            Ok(()) => storage::jobs::done(&mut script, &claimed).await?,
            Err(error) => self.put_off(&mut script, (&claimed, mailbox), &error).await?,
        }
        self.database.apply(script).await?;
        Ok(())
    }

    /// To be tried again, or given up. What is given up waits for an operator, unless it is about somebody who is erased:
    /// then nothing of it stays.
    async fn put_off(
        &self,
        script: &mut Script,
        (claimed, mailbox): (&ClaimedJob, Option<Email>),
        error: &JobError,
    ) -> Result<(), Fault> {
        let now = self.clock.now();
        let retry = retry_at(claimed.attempts, now, jitter(self.random.as_ref()));
        let text: String = error.to_string().chars().take(LONGEST_ERROR).collect();
        tracing::warn!(job = %claimed.id, kind = claimed.kind, attempts = claimed.attempts, given_up = retry.is_none(), error = text, "a job failed");
        let mut reader = self.database.read().await?;
        let user = match (claimed.user_id, mailbox) {
            (None, Some(mailbox)) => {
                let owner = storage::users::find_by_email(&mut reader, mailbox.as_str()).await?;
                owner.map(|owner| owner.id)
            }
            (known, _) => known,
        };
        if let Some(user) = user {
            if retry.is_none() && storage::users::is_erased(&mut reader, user).await? {
                return Ok(storage::jobs::done(script, claimed).await?);
            }
            storage::jobs::note_user(script, claimed.id, user).await?;
        }
        Ok(storage::jobs::failed(script, claimed, (retry, now), &text).await?)
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
            Job::LookAtOrder { order, look } => self.look_at_order(ctx, order, look).await?,
            Job::LookAtRefund { refund, look } => self.look_at_refund(ctx, refund, look).await?,
            Job::Collect { collection } => self.collect(ctx, collection).await?,
            Job::LookAtMandate { mandate, look } => {
                self.look_at_mandate(ctx, (mandate, look)).await?;
            }
            Job::EndToken { customer, token } => {
                self.end_token(&customer, &token)
                    .await
                    .map_err(SettleError::from)?;
            }
            Job::EndSubscription { id } => {
                self.end_subscription(&id).await.map_err(SettleError::from)?;
            }
            Job::SettlePayment { payment } => self.settle_by_id(ctx, &payment).await?,
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
