//! Work outside of requests: written in the transaction that asks for it, done by any replica, tried again when it fails.
//! Refuses to run in a request, and to keep a payload in the clear.

mod run;

use model::billing::{CollectionId, MandateId, PaymentOrderId, RefundId};
use model::email::Email;
use model::{Ctx, JobId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use storage::{Perform, Script};
use tokio::sync::Notify;

use crate::authority::Authority;
use crate::fault::Fault;
use crate::mail::Letter;
use crate::people::challenge::Asking;

const PURPOSE: &str = "job";
/// Asking for a mail.
pub(crate) const ASK: &str = "mail.ask";

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
    /// Ask the gateway what has become of an order.
    LookAtOrder { order: PaymentOrderId, look: i64 },
    /// Ask the gateway for a refund, or what has become of it.
    LookAtRefund { refund: RefundId, look: i64 },
    /// Collect by mandate, or ask what has become of it.
    Collect { collection: CollectionId },
    /// Ask the gateway whether a mandate may be used.
    LookAtMandate { mandate: MandateId, look: i64 },
    /// End a mandate at the gateway.
    EndToken { customer: String, token: String },
    /// End a subscription at the gateway.
    EndSubscription { id: String },
    /// Capture and book a payment.
    SettlePayment { payment: String },
}

impl Job {
    /// Whom it is about: what goes when they are erased. Ending what a provider gave us has to be done all the same.
    const fn user(&self) -> Option<UserId> {
        match self {
            Self::Ask(asking) => asking.user,
            Self::Send(letter) => letter.user,
            Self::Erase { user } => Some(*user),
            Self::RevokeUpstream { .. }
            | Self::LookAtOrder { .. }
            | Self::LookAtRefund { .. }
            | Self::SettlePayment { .. }
            | Self::Collect { .. }
            | Self::LookAtMandate { .. }
            | Self::EndToken { .. }
            | Self::EndSubscription { .. } => None,
        }
    }

    /// The mailbox it knows.
    fn mailbox(&self) -> Option<Email> {
        match self {
            Self::Ask(asking) => Some(asking.email.clone()),
            Self::Send(letter) => Some(letter.to.clone()),
            Self::Erase { .. }
            | Self::RevokeUpstream { .. }
            | Self::LookAtOrder { .. }
            | Self::LookAtRefund { .. }
            | Self::SettlePayment { .. }
            | Self::Collect { .. }
            | Self::LookAtMandate { .. }
            | Self::EndToken { .. }
            | Self::EndSubscription { .. } => None,
        }
    }

    const fn kind(&self) -> &'static str {
        match self {
            Self::Ask(_) => ASK,
            Self::Send(_) => "mail.send",
            Self::Erase { .. } => "account.erase",
            Self::RevokeUpstream { .. } => "federation.revoke",
            Self::LookAtOrder { .. } => "billing.order",
            Self::LookAtRefund { .. } => "billing.refund",
            Self::SettlePayment { .. } => "billing.payment",
            Self::Collect { .. } => "billing.collect",
            Self::LookAtMandate { .. } => "billing.mandate",
            Self::EndToken { .. } => "billing.end_token",
            Self::EndSubscription { .. } => "billing.end_subscription",
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
        let what = (id, job.kind(), payload.as_slice());
        Ok(storage::jobs::insert(w, what, job.user(), (ctx.now, run_at)).await?)
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
