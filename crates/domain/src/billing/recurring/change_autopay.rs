//! Other terms for a mandate, a pause, and its end.
//! Refuses to collect more than its payer has allowed: that is asked for with a new mandate.

use model::Ctx;
use model::audit::Actor;
use model::billing::{MOST, Mandate, MandateEvent, MandateStatus, MandateTerms};
use model::iam::AccountId;
use serde_json::json;
use storage::Writer;

use super::set_up::happened;
use super::{Autopay, AutopayError};
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::billing::{BillingUnavailable, GatewayError};
use crate::jobs::Job;

/// Whether it is to collect.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wanted {
    Active,
    Paused,
}

/// What is to be otherwise; what is absent stays.
#[derive(Clone, Copy, Default, Debug)]
pub struct AutopayChange {
    pub threshold: Option<i64>,
    pub amount: Option<i64>,
    pub wanted: Option<Wanted>,
    /// Also without a mandate.
    pub low_balance: Option<i64>,
}

impl AutopayChange {
    const fn is_of_mandate(&self) -> bool {
        self.threshold.is_some() || self.amount.is_some() || self.wanted.is_some()
    }
}

impl Authority {
    /// Autopay as it is afterwards.
    ///
    /// # Errors
    /// See [`AutopayError`]; then nothing has changed.
    pub async fn change_autopay(
        &self,
        ctx: &Ctx,
        (account, by): (&AccountId, Actor),
        change: AutopayChange,
    ) -> Result<Autopay, AutopayError> {
        if change
            .low_balance
            .is_some_and(|limit| !(0..=MOST).contains(&limit))
        {
            return Err(AutopayError::LowBalance);
        }
        let (authority, at, whose) = (self.clone(), ctx.clone(), account.clone());
        let work = self.database.write::<_, AutopayError, _>(move |w| {
            Box::pin(async move {
                if let Some(limit) = change.low_balance {
                    storage::low_balances::set(w, &whose, limit).await?;
                    record(w, &at, limited(by.clone(), &whose, limit)).await?;
                }
                if change.is_of_mandate() {
                    let mandate = hold_living(w, &whose).await?;
                    authority.change_mandate(w, &at, (mandate, by), change).await?;
                }
                Ok(())
            })
        });
        work.await?;
        self.ring();
        Ok(self.find_autopay(account).await?)
    }

    async fn change_mandate(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        (mut mandate, by): (Mandate, Actor),
        change: AutopayChange,
    ) -> Result<(), AutopayError> {
        let terms = MandateTerms {
            threshold: change.threshold.unwrap_or(mandate.terms.threshold),
            amount: change.amount.unwrap_or(mandate.terms.amount),
            ..mandate.terms
        };
        mandate.terms = terms.checked(self.settings.billing.topup)?;
        match change.wanted {
            Some(Wanted::Active) => mandate.take(MandateEvent::Resume, ctx.now)?,
            Some(Wanted::Paused) => mandate.take(MandateEvent::Pause, ctx.now)?,
            None => {}
        }
        storage::mandates::update(w, &mandate).await?;
        if mandate.status != MandateStatus::Active {
            storage::collections::cancel_unbegun(w, &mandate.id.to_string(), ctx.now).await?;
        }
        record(w, ctx, happened(by, "billing.autopay_changed", &mandate)).await?;
        Ok(self.collect_if_low(w, ctx, &mandate.account).await?)
    }

    /// Ends the mandate, here at once and at the gateway as soon as it can be told. What is on its way may still come.
    ///
    /// # Errors
    /// See [`AutopayError`].
    pub async fn cancel_autopay(
        &self,
        ctx: &Ctx,
        (account, by): (&AccountId, Actor),
    ) -> Result<Mandate, AutopayError> {
        let (authority, at, account) = (self.clone(), ctx.clone(), account.clone());
        let work = self.database.write::<_, AutopayError, _>(move |w| {
            Box::pin(async move {
                let mandate = hold_living(w, &account).await?;
                Ok(authority.end_mandate(w, &at, (mandate, by)).await?)
            })
        });
        let ended = work.await?;
        self.ring();
        Ok(ended)
    }

    /// Takes leave of a token at the gateway; one that is gone is as good.
    pub(crate) async fn end_token(&self, customer: &str, token: &str) -> Result<(), BillingUnavailable> {
        let gateway = self.gateway()?;
        match gateway.delete_token(customer, token).await {
            Ok(()) | Err(GatewayError::NotFound) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// In a write; the caller rings.
    pub(super) async fn end_mandate(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        (mut mandate, by): (Mandate, Actor),
    ) -> Result<Mandate, crate::fault::Fault> {
        mandate
            .take(MandateEvent::Cancelled, ctx.now)
            .map_err(super::activate::refused)?;
        storage::mandates::update(w, &mandate).await?;
        storage::collections::cancel_unbegun(w, &mandate.id.to_string(), ctx.now).await?;
        if let Some(token) = mandate.token.clone() {
            let customer = mandate.customer.clone();
            self.enqueue(w, ctx, &Job::EndToken { customer, token }).await?;
        }
        record(w, ctx, happened(by, "billing.autopay_cancelled", &mandate)).await?;
        Ok(mandate)
    }
}

async fn hold_living(w: &mut Writer, account: &AccountId) -> Result<Mandate, AutopayError> {
    let found = storage::mandates::find_living(w, account).await?;
    let found = found.ok_or(AutopayError::NotFound)?;
    let held = storage::mandates::hold(w, &found.id.to_string()).await?;
    let living = held.filter(|held| held.ended_at.is_none());
    living.ok_or(AutopayError::NotFound)
}

fn limited(actor: Actor, account: &AccountId, limit: i64) -> Happened {
    Happened {
        actor,
        action: "billing.low_balance_changed",
        target: Some(account.to_string()),
        detail: json!({ "low_balance": limit }),
    }
}
