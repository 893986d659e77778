//! A mandate becomes active: its first payment has come, and with it the token to collect with.
//! Refuses to believe the payer: the gateway vouches for the payment, and tells itself what became of it.

use model::Ctx;
use model::audit::Actor;
use model::billing::{Mandate, MandateEvent, MandateStatus, PaymentOrder};
use model::iam::AccountId;
use storage::{StorageError, Writer};

use super::AutopayError;
use super::set_up::happened;
use crate::audit::record;
use crate::authority::Authority;
use crate::billing::Confirmation;
use crate::billing::gateway::Payment;
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
        let mut reader = self.database.read().await?;
        let found = storage::mandates::find(&mut reader, &mandate.id.to_string()).await?;
        found.ok_or(AutopayError::NotFound)
    }

    /// The payment of a mandate's order is captured: with its token the mandate is active. A token of a mandate that has
    /// ended meanwhile is given back.
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
        let Some(mut mandate) = held.filter(|held| held.token.as_ref() != Some(token)) else {
            return Ok(());
        };
        if mandate.token.is_some() {
            return Ok(());
        }
        mandate.token = Some(token.clone());
        if mandate.status == MandateStatus::Created {
            mandate.take(MandateEvent::Confirmed, ctx.now).map_err(refused)?;
            record(
                w,
                ctx,
                happened(Actor::System, "billing.autopay_activated", &mandate),
            )
            .await?;
        }
        storage::mandates::update(w, &mandate).await?;
        if mandate.status.is_final() {
            let job = Job::EndToken {
                customer: mandate.customer,
                token: token.clone(),
            };
            return self.enqueue(w, ctx, &job).await;
        }
        self.collect_if_low(w, ctx, &mandate.account).await
    }
}

/// What the states don't let happen has been looked at before.
pub(super) fn refused(error: model::billing::mandate::MandateRefusal) -> StorageError {
    StorageError::Unavailable(format!("a mandate {error}"))
}
