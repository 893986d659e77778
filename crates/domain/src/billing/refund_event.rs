//! What the gateway says of a refund, whoever has asked for it.
//! Refuses to book a refund of a payment that is not in the books, and to end one twice.

use model::Ctx;
use model::audit::Actor;
use model::billing::{PaymentRefund, RefundId, RefundState};
use serde_json::json;
use storage::Writer;
use storage::refunds::BookedPayment;

use super::gateway::{Refund, RefundStatus};
use super::{Posted, Refunded};
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::jobs::Job;

const ELSEWHERE: &str = "made in the pages of the gateway";

impl Authority {
    /// Takes over what became of a refund; false when its payment is not booked.
    pub(crate) async fn apply_refund(&self, w: &mut Writer, ctx: &Ctx, told: &Refund) -> Result<bool, Fault> {
        let Some(booked) = storage::refunds::find_payment(w, &told.payment).await? else {
            let job = Job::SettlePayment {
                payment: told.payment.clone(),
            };
            self.enqueue(w, ctx, &job).await?;
            return Ok(false);
        };
        storage::ledger::hold_wallet(w, &booked.account, booked.amount.currency).await?;
        let refund = match find(w, told).await? {
            Some(refund) => refund,
            None => self.take_over(w, ctx, (booked, told)).await?,
        };
        if refund.amount != told.amount || refund.payment != told.payment {
            tracing::error!(refund = %refund.id, told = told.id, amount = %told.amount, "a refund is not what was asked for; it is not booked");
            return Ok(true);
        }
        if refund.gateway_id.is_none() {
            storage::refunds::name(w, refund.id, &told.id).await?;
        }
        let named = PaymentRefund {
            gateway_id: Some(told.id.clone()),
            ..refund
        };
        self.end_refund(w, ctx, (&named, told.status)).await?;
        Ok(true)
    }

    /// A refund that nobody here has asked for: the money is gone, whatever the wallet has.
    async fn take_over(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        (booked, told): (BookedPayment, &Refund),
    ) -> Result<PaymentRefund, Fault> {
        let refund = PaymentRefund {
            id: RefundId::random(ctx.random.as_ref()),
            gateway_id: Some(told.id.clone()),
            account: booked.account,
            payment: told.payment.clone(),
            amount: told.amount,
            source: booked.credit,
            state: RefundState::Held,
            reason: ELSEWHERE.to_owned(),
            created_at: ctx.now,
            ended_at: None,
        };
        self.hold_refund(w, ctx, (&refund, None)).await?;
        storage::refunds::insert(w, &refund).await?;
        record(w, ctx, happened("billing.refund_seen", &refund)).await?;
        Ok(refund)
    }

    /// Booked, or back where the money was; nothing while it is pending or when it had ended.
    pub(super) async fn end_refund(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        (refund, status): (&PaymentRefund, RefundStatus),
    ) -> Result<(), Fault> {
        let to = match status {
            RefundStatus::Pending => return Ok(()),
            RefundStatus::Processed => RefundState::Processed,
            RefundStatus::Failed => RefundState::Failed,
        };
        if !storage::refunds::end(w, refund.id, (to, ctx.now)).await? {
            return Ok(());
        }
        let posted = match (to, &refund.gateway_id) {
            (RefundState::Processed, Some(name)) => {
                let refunded = Refunded {
                    account: refund.account.clone(),
                    id: refund.id,
                    refund: name.clone(),
                    payment: refund.payment.clone(),
                    amount: refund.amount,
                    source: refund.source.clone(),
                };
                self.book_refund(w, ctx, &refunded).await?
            }
            _ => self.return_refund(w, ctx, refund).await?,
        };
        if let Posted::New { .. } = posted {
            ctx.origin.trail.acts_in(refund.account.as_str());
            let action = match to {
                RefundState::Processed => "billing.refunded",
                _ => "billing.refund_failed",
            };
            record(w, ctx, happened(action, refund)).await?;
        }
        Ok(())
    }
}

/// By the gateway's id, or by our own.
async fn find(w: &mut Writer, told: &Refund) -> Result<Option<PaymentRefund>, Fault> {
    if let Some(found) = storage::refunds::find_by_gateway_id(w, &told.id).await? {
        return Ok(Some(found));
    }
    let ours = told.receipt.as_deref().and_then(|text| text.parse().ok());
    match ours {
        Some(id) => Ok(storage::refunds::find(w, id).await?),
        None => Ok(None),
    }
}

fn happened(action: &'static str, refund: &PaymentRefund) -> Happened {
    Happened {
        actor: Actor::System,
        action,
        target: Some(refund.account.to_string()),
        detail: json!({
            "refund": refund.gateway_id,
            "payment": refund.payment,
            "amount": refund.amount.minor,
            "currency": refund.amount.currency,
        }),
    }
}
