//! A mandate becomes active: its first payment has come, and with it the token to collect with.
//! Refuses to believe the payer: the gateway vouches for the payment, and tells itself what became of it.

use model::Ctx;
use model::billing::{Mandate, MandateId, MandateStatus, PaymentOrder};
use model::iam::AccountId;
use storage::{StorageError, Writer};

use super::AutopayError;
use crate::authority::Authority;
use crate::billing::gateway::{Payment, TokenStatus};
use crate::billing::look::pause;
use crate::billing::{BillingUnavailable, Confirmation};
use crate::fault::Fault;
use crate::jobs::Job;

impl Authority {
    /// The answer of the checkout, brought by the payer. The same answer again changes nothing.
    ///
    /// # Errors
    /// See [`AutopayError`].
    pub async fn activate_autopay(
        &self,
        ctx: &Ctx,
        account: &AccountId,
        (payment, signature): (&str, &str),
    ) -> Result<Mandate, AutopayError> {
        let autopay = self.find_autopay(account).await?;
        let mandate = autopay.mandate.ok_or(AutopayError::NotFound)?;
        let told = Confirmation {
            order: &mandate.gateway_order,
            payment,
            signature,
        };
        self.confirm_payment(ctx, account, told).await?;
        self.ask_about_token(ctx, mandate.id).await?;
        let mut reader = self.database.read().await?;
        let found = storage::mandates::find(&mut reader, &mandate.id.to_string()).await?;
        found.ok_or(AutopayError::NotFound)
    }

    /// The payment of a mandate's order is captured, and tells its token; whether that may be used, the gateway is asked. A
    /// token of a mandate that has ended meanwhile is given back.
    pub(super) async fn apply_mandate_payment(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        (order, payment): (&PaymentOrder, &Payment),
    ) -> Result<(), Fault> {
        let Some(token) = &payment.token else {
            return Ok(());
        };
        let found = storage::mandates::find_by_order(w, &order.id.to_string()).await?;
        let Some(found) = found else { return Ok(()) };
        let held = storage::mandates::hold(w, &found.id.to_string()).await?;
        let Some(mut mandate) = held.filter(|held| held.token.is_none()) else {
            return Ok(());
        };
        mandate.token = Some(token.clone());
        storage::mandates::update(w, &mandate).await?;
        let job = match mandate.status.is_final() {
            true => Job::EndToken {
                customer: mandate.customer,
                token: token.clone(),
            },
            false => Job::LookAtMandate {
                mandate: mandate.id,
                look: 0,
            },
        };
        self.enqueue(w, ctx, &job).await
    }

    /// Asks whether a mandate that waits may be used by now; asks again, more and more rarely, while that is not decided.
    pub(crate) async fn look_at_mandate(
        &self,
        ctx: &Ctx,
        (id, look): (MandateId, i64),
    ) -> Result<(), AutopayError> {
        if !self.ask_about_token(ctx, id).await? {
            return Ok(());
        }
        let (authority, at) = (self.clone(), ctx.clone());
        let again = Job::LookAtMandate {
            mandate: id,
            look: look + 1,
        };
        let work = self.database.write::<_, AutopayError, _>(move |w| {
            Box::pin(async move {
                let due = at.now.plus(pause(look));
                Ok(authority.enqueue_at(w, &at, &again, due).await?)
            })
        });
        work.await
    }

    /// True while the mandate waits for its bank.
    async fn ask_about_token(&self, ctx: &Ctx, id: MandateId) -> Result<bool, AutopayError> {
        let mut reader = self.database.read().await?;
        let found = storage::mandates::find(&mut reader, &id.to_string()).await?;
        drop(reader);
        let waits = found.filter(|mandate| mandate.status == MandateStatus::Created);
        let Some((mandate, token)) = waits.and_then(|one| Some((one.clone(), one.token?))) else {
            return Ok(false);
        };
        let asked = self.gateway()?.find_token(&mandate.customer, &token).await;
        let told = asked.map_err(BillingUnavailable::from)?;
        let (authority, at) = (self.clone(), ctx.clone());
        let work = self.database.write::<_, AutopayError, _>(move |w| {
            Box::pin(async move {
                let found = storage::mandates::hold(w, &id.to_string()).await?;
                let waits = found.is_some_and(|found| found.status == MandateStatus::Created);
                // What was told since it was asked is newer, unless this is the end of it.
                if waits || matches!(told.status, TokenStatus::Rejected | TokenStatus::Cancelled) {
                    authority.hear_of_token(w, &at, (&told, at.now)).await?;
                }
                Ok(())
            })
        });
        work.await?;
        self.ring();
        let mut reader = self.database.read().await?;
        let after = storage::mandates::find(&mut reader, &id.to_string()).await?;
        Ok(after.is_some_and(|after| after.status == MandateStatus::Created))
    }
}

/// What the states don't let happen has been looked at before.
pub(super) fn refused(error: model::billing::mandate::MandateRefusal) -> StorageError {
    StorageError::Unavailable(format!("a mandate {error}"))
}
