//! Giving a payment back, by the operator.
//! Refuses what the wallet has not any more, more than was paid, and whoever is no administrator at that moment; the money is
//! set aside before the gateway is asked.

use model::Ctx;
use model::audit::Actor;
use model::billing::{Money, PaymentRefund, RefundId, RefundState};
use serde_json::json;
use storage::Writer;
use storage::refunds::BookedPayment;

use super::adjust::{LONGEST_REASON, is_reason};
use super::gateway::{Refund, RefundStatus};
use super::look::pause;
use super::{BillingUnavailable, GatewayError, PaymentGateway, Posted};
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::jobs::Job;
use crate::people::AdministrationError;
use crate::people::administration::require_administrator;

/// Two months of asking four times a day.
const MOST_LOOKS: i64 = 250;

/// What is to be given back.
#[derive(Clone, Debug)]
pub struct RefundWish {
    /// The gateway's id of the payment.
    pub payment: String,
    /// In minor units; all that is left when it is not said.
    pub amount: Option<i64>,
    /// For the books: one line.
    pub reason: String,
    pub actor: Actor,
}

#[derive(Debug, thiserror::Error)]
pub enum RefundError {
    #[error("only administrators do this")]
    NotAdministrator,
    #[error("the reason must be one line of at most {LONGEST_REASON} characters")]
    Reason,
    #[error("no such payment is in the books")]
    NotFound,
    /// What can still be given back, in minor units.
    #[error("only {left} of the payment can be given back")]
    TooMuch { left: i64 },
    #[error("the wallet has only {balance}; what was spent is not given back")]
    Spent { balance: i64 },
    #[error("the gateway refuses: {0}")]
    Refused(String),
    #[error(transparent)]
    Unavailable(#[from] BillingUnavailable),
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// What became of setting the money aside.
enum Held {
    Now(PaymentRefund),
    Not(RefundError),
}

impl Authority {
    /// Sets the money aside and asks the gateway to give it back. A gateway that does not answer is asked again by a job: the
    /// refund is `Held` until it has said how it ended.
    ///
    /// # Errors
    /// See [`RefundError`].
    pub async fn refund_payment(&self, ctx: &Ctx, wish: RefundWish) -> Result<PaymentRefund, RefundError> {
        if !is_reason(&wish.reason) {
            return Err(RefundError::Reason);
        }
        let reason = wish.reason.trim().to_owned();
        let wish = RefundWish { reason, ..wish };
        self.gateway()?;
        let refund = match self.set_aside(ctx, wish).await? {
            Held::Now(refund) => refund,
            Held::Not(error) => return Err(error),
        };
        self.catch_up().await?;
        let id = refund.id;
        if let Err(error) = self.carry_out_refund(ctx, &refund, true).await {
            match error {
                RefundError::Unavailable(error) => {
                    tracing::warn!(refund = %id, %error, "a refund will be asked for again");
                }
                other => return Err(other),
            }
        }
        let mut reader = self.database.read().await.map_err(Fault::from)?;
        let found = storage::refunds::find(&mut reader, id).await;
        found.map_err(Fault::from)?.ok_or(RefundError::NotFound)
    }

    async fn set_aside(&self, ctx: &Ctx, wish: RefundWish) -> Result<Held, Fault> {
        let (authority, at) = (self.clone(), ctx.clone());
        let work = self.database.write::<_, Fault, _>(move |w| {
            Box::pin(async move {
                match require_administrator(w, &wish.actor).await {
                    Ok(()) => {}
                    Err(AdministrationError::Fault(fault)) => return Err(fault),
                    Err(_) => return Ok(Held::Not(RefundError::NotAdministrator)),
                }
                let Some(booked) = storage::refunds::find_payment(w, &wish.payment).await? else {
                    return Ok(Held::Not(RefundError::NotFound));
                };
                let currency = booked.amount.currency;
                storage::ledger::hold_wallet(w, &booked.account, currency).await?;
                let left = booked.amount.minor - storage::refunds::sum_of_payment(w, &wish.payment).await?;
                let minor = wish.amount.unwrap_or(left);
                if minor <= 0 || minor > left {
                    return Ok(Held::Not(RefundError::TooMuch { left }));
                }
                let refund = new(&at, booked, (&wish, minor));
                match authority.hold_refund(w, &at, (&refund, Some(0))).await? {
                    Posted::Short { balance } => return Ok(Held::Not(RefundError::Spent { balance })),
                    Posted::New { .. } | Posted::Already => {}
                }
                storage::refunds::insert(w, &refund).await?;
                authority.ask_again(w, &at, (refund.id, 0)).await?;
                record(w, &at, asked(&wish, &refund)).await?;
                Ok(Held::Now(refund))
            })
        });
        work.await
    }

    async fn ask_again(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        (refund, look): (RefundId, i64),
    ) -> Result<(), Fault> {
        let due = ctx.now.plus(pause(look));
        let job = Job::LookAtRefund { refund, look };
        self.enqueue_at(w, ctx, &job, due).await
    }

    /// Asks the gateway for it, unless it has it already; notes what it says. It can't have what is asked for the first time.
    async fn carry_out_refund(
        &self,
        ctx: &Ctx,
        refund: &PaymentRefund,
        first: bool,
    ) -> Result<(), RefundError> {
        let gateway = self.gateway()?;
        let told = match ask(gateway.as_ref(), refund, first).await {
            Ok(told) => told,
            Err(GatewayError::Unavailable(why)) => {
                return Err(BillingUnavailable::from(GatewayError::Unavailable(why)).into());
            }
            Err(error) => {
                self.fail_refund(ctx, refund.id).await?;
                return Err(RefundError::Refused(error.to_string()));
            }
        };
        let (authority, at) = (self.clone(), ctx.clone());
        let work = self.database.write::<_, Fault, _>(move |w| {
            Box::pin(async move { authority.apply_refund(w, &at, &told).await })
        });
        work.await?;
        self.ring();
        Ok(self.catch_up().await?)
    }

    async fn fail_refund(&self, ctx: &Ctx, id: RefundId) -> Result<(), Fault> {
        let (authority, at) = (self.clone(), ctx.clone());
        let work = self.database.write::<_, Fault, _>(move |w| {
            Box::pin(async move {
                if let Some(refund) = storage::refunds::find(w, id).await? {
                    authority
                        .end_refund(w, &at, (&refund, RefundStatus::Failed))
                        .await?;
                }
                Ok(())
            })
        });
        work.await?;
        self.catch_up().await
    }

    /// The `look`-th look at a refund that has not ended; asks for the next one while it has not.
    pub(crate) async fn look_at_refund(&self, ctx: &Ctx, id: RefundId, look: i64) -> Result<(), Fault> {
        if !self.is_held(id).await? {
            return Ok(());
        }
        let mut reader = self.database.read().await?;
        let refund = storage::refunds::find(&mut reader, id).await?;
        drop(reader);
        if let Some(refund) = refund
            && let Err(error) = self.carry_out_refund(ctx, &refund, false).await
        {
            match error {
                RefundError::Fault(fault) => return Err(fault),
                error => tracing::warn!(refund = %id, %error, "a refund has not been carried out"),
            }
        }
        if !self.is_held(id).await? {
            return Ok(());
        }
        if look >= MOST_LOOKS {
            tracing::error!(refund = %id, "a refund has not ended in two months; ask the gateway");
            return Ok(());
        }
        let (authority, at) = (self.clone(), ctx.clone());
        let work = self.database.write::<_, Fault, _>(move |w| {
            Box::pin(async move { authority.ask_again(w, &at, (id, look + 1)).await })
        });
        work.await
    }

    async fn is_held(&self, id: RefundId) -> Result<bool, Fault> {
        let mut reader = self.database.read().await?;
        let refund = storage::refunds::find(&mut reader, id).await?;
        Ok(refund.is_some_and(|refund| refund.state == RefundState::Held))
    }
}

/// What the gateway has under our name; asked for when there is nothing.
async fn ask(
    gateway: &dyn PaymentGateway,
    refund: &PaymentRefund,
    first: bool,
) -> Result<Refund, GatewayError> {
    let receipt = refund.id.to_string();
    let known = match first {
        true => Vec::new(),
        false => gateway.refunds_of_payment(&refund.payment).await?,
    };
    let ours = known
        .into_iter()
        .find(|one| one.receipt.as_deref() == Some(receipt.as_str()));
    match ours {
        Some(ours) => Ok(ours),
        None => gateway.refund(&refund.payment, refund.amount, &receipt).await,
    }
}

fn new(ctx: &Ctx, booked: BookedPayment, (wish, minor): (&RefundWish, i64)) -> PaymentRefund {
    PaymentRefund {
        id: RefundId::random(ctx.random.as_ref()),
        gateway_id: None,
        account: booked.account,
        payment: wish.payment.clone(),
        amount: Money::new(minor, booked.amount.currency),
        source: booked.credit,
        state: RefundState::Held,
        reason: wish.reason.clone(),
        created_at: ctx.now,
        ended_at: None,
    }
}

fn asked(wish: &RefundWish, refund: &PaymentRefund) -> Happened {
    Happened {
        actor: wish.actor.clone(),
        action: "billing.refund_asked",
        target: Some(refund.account.to_string()),
        detail: json!({
            "refund": refund.id.to_string(),
            "payment": refund.payment,
            "amount": refund.amount.minor,
            "currency": refund.amount.currency,
            "reason": refund.reason,
        }),
    }
}
