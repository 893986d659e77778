//! Work outside of requests: written in the transaction that asks for it, done by any replica, tried again when it fails.
//! Refuses to run in a request, and to keep a payload in the clear.

mod run;

use model::{Ctx, JobId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use storage::{Perform, Script};
use tokio::sync::Notify;

use crate::authority::Authority;
use crate::fault::Fault;
use crate::mail::Letter;
use crate::people::challenge::Asking;

const PURPOSE: &str = "job";

/// What can be asked for.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Job {
    /// Look who has the mailbox, if anybody, and send them a link.
    Ask(Asking),
    /// Send what is ready.
    Send(Letter),
    /// Erase an account whose time of grace is over.
    Erase { user: UserId },
    /// End the tokens, sealed, that a provider has given us.
    RevokeUpstream { provider: String, tokens: Vec<u8> },
}

impl Job {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Ask(_) => "mail.ask",
            Self::Send(_) => "mail.send",
            Self::Erase { .. } => "account.erase",
            Self::RevokeUpstream { .. } => "federation.revoke",
        }
    }
}

/// Tells the runner that there is something to do.
#[derive(Default)]
pub(crate) struct Bell(Notify);

impl Authority {
    /// Adds the job to a transaction or script; the caller rings the bell after the commit.
    pub(crate) async fn enqueue(&self, w: &mut impl Perform, ctx: &Ctx, job: &Job) -> Result<(), Fault> {
        self.enqueue_at(w, ctx, job, ctx.now).await
    }

    /// The same for later.
    pub(crate) async fn enqueue_at(
        &self,
        w: &mut impl Perform,
        ctx: &Ctx,
        job: &Job,
        run_at: Timestamp,
    ) -> Result<(), Fault> {
        let id = JobId::random(ctx.random.as_ref());
        let plain = serde_json::to_vec(job).map_err(|_| Fault::Sealed("a job does not serialize"))?;
        let payload = self.sealer.seal(PURPOSE, &plain, ctx.random.as_ref())?;
        Ok(storage::jobs::insert(w, (id, job.kind(), &payload), ctx.now, run_at).await?)
    }

    /// A job on its own.
    pub(crate) async fn submit(&self, ctx: &Ctx, job: &Job) -> Result<(), Fault> {
        let mut script = Script::default();
        self.enqueue(&mut script, ctx, job).await?;
        self.database.apply(script).await?;
        self.ring();
        Ok(())
    }

    pub(crate) fn ring(&self) {
        self.bell().0.notify_one();
    }

    /// Waits until somebody in this process has asked for something.
    pub async fn job_asked(&self) {
        self.bell().0.notified().await;
    }

    pub(crate) fn open_job(&self, payload: &[u8]) -> Result<Job, Fault> {
        let plain = self.sealer.open(PURPOSE, payload)?;
        serde_json::from_slice(&plain).map_err(|_| Fault::Sealed("a job of another version"))
    }
}
