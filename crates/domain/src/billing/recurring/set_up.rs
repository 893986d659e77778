//! Asking for a mandate, and what autopay is like.
//! Refuses a second mandate beside one that collects.

use model::Ctx;
use model::audit::Actor;
use model::billing::{
    Mandate, MandateEvent, MandateId, MandateStatus, MandateTerms, Money, OrderPurpose, PaymentOrder,
};
use model::iam::AccountId;
use serde_json::json;
use storage::Writer;

use super::AutopayError;
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::billing::NewPaymentOrder;
use crate::billing::gateway::NewMandate;
use crate::fault::Fault;

/// How an account's wallet is looked after.
#[derive(Clone, Debug)]
pub struct Autopay {
    /// The one that lives, or else the last one.
    pub mandate: Option<Mandate>,
    /// Below this people are told, in minor units.
    pub low_balance: i64,
}

impl Authority {
    /// # Errors
    /// Storage.
    pub async fn find_autopay(&self, account: &AccountId) -> Result<Autopay, Fault> {
        let mut reader = self.database.read().await?;
        let mandate = storage::mandates::find_latest(&mut reader, account).await?;
        let own = storage::low_balances::find(&mut reader, account).await?;
        Ok(Autopay {
            mandate,
            low_balance: own.unwrap_or(self.settings.billing.recurring.low_balance),
        })
    }

    /// A mandate that waits for its first payment: the least amount of a top-up, which is credited like any other. One that
    /// waits already ends.
    ///
    /// # Errors
    /// See [`AutopayError`].
    pub async fn set_up_autopay(
        &self,
        ctx: &Ctx,
        (account, by): (&AccountId, Actor),
        terms: MandateTerms,
    ) -> Result<Mandate, AutopayError> {
        let billing = &self.settings.billing;
        let terms = terms.checked(billing.topup)?;
        self.gateway()?;
        let autopay = self.find_autopay(account).await?;
        if autopay.mandate.is_some_and(|mandate| stands(&mandate)) {
            return Err(AutopayError::Exists);
        }
        let payer = self.payer(ctx, account).await??;
        let wish = NewPaymentOrder {
            account: account.clone(),
            purpose: OrderPurpose::Mandate,
            amount: Money::new(billing.topup.0.max(1), billing.currency),
            mandate: Some(NewMandate {
                customer: payer.customer.clone(),
                most: terms.most,
                expires_at: None,
            }),
        };
        let order = self.open_order(ctx, wish).await?;
        let mandate = created(ctx, terms, (order, payer.customer));
        self.keep_mandate(ctx, mandate, by).await
    }

    async fn keep_mandate(&self, ctx: &Ctx, mandate: Mandate, by: Actor) -> Result<Mandate, AutopayError> {
        let at = ctx.clone();
        let work = self.database.write::<_, AutopayError, _>(move |w| {
            Box::pin(async move {
                replace_waiting(w, &at, &mandate.account).await?;
                if !storage::mandates::insert(w, &mandate).await? {
                    return Err(AutopayError::Exists);
                }
                record(w, &at, happened(by, "billing.autopay_set_up", &mandate)).await?;
                Ok(mandate)
            })
        });
        work.await
    }
}

/// Whether it is more than an attempt.
fn stands(mandate: &Mandate) -> bool {
    matches!(mandate.status, MandateStatus::Active | MandateStatus::Paused(_))
}

async fn replace_waiting(w: &mut Writer, ctx: &Ctx, account: &AccountId) -> Result<(), AutopayError> {
    let Some(found) = storage::mandates::find_living(w, account).await? else {
        return Ok(());
    };
    let held = storage::mandates::hold(w, &found.id.to_string()).await?;
    let Some(mut waiting) = held.filter(|held| held.status == MandateStatus::Created) else {
        return Ok(());
    };
    waiting.take(MandateEvent::Cancelled, ctx.now)?;
    Ok(storage::mandates::update(w, &waiting).await?)
}

fn created(ctx: &Ctx, terms: MandateTerms, (order, customer): (PaymentOrder, String)) -> Mandate {
    Mandate {
        id: MandateId::random(ctx.random.as_ref()),
        account: order.account,
        status: MandateStatus::Created,
        terms,
        currency: order.amount.currency,
        order: order.id,
        gateway_order: order.gateway_id.unwrap_or_default(),
        customer,
        token: None,
        told_at: None,
        created_at: ctx.now,
        ended_at: None,
    }
}

pub(super) fn happened(actor: Actor, action: &'static str, mandate: &Mandate) -> Happened {
    Happened {
        actor,
        action,
        target: Some(mandate.id.to_string()),
        detail: json!({
            "account": mandate.account,
            "status": mandate.status.as_str(),
            "threshold": mandate.terms.threshold,
            "amount": mandate.terms.amount,
            "max_amount": mandate.terms.most,
            "currency": mandate.currency,
        }),
    }
}
