//! The answer of the checkout, brought by the payer: asks the gateway, and books what it says.
//! Refuses to believe the payer: the gateway vouches for the order, and tells itself what was paid.

use model::Ctx;
use model::billing::PaymentOrder;
use model::iam::AccountId;

use super::gateway::Payment;
use super::{BillingUnavailable, GatewayError, SettleError, Settled};
use crate::authority::Authority;
use crate::fault::Fault;

/// What the checkout has answered.
#[derive(Clone, Copy)]
pub struct Confirmation<'a> {
    /// The gateway's id of the order.
    pub order: &'a str,
    pub payment: &'a str,
    /// The gateway's, over both.
    pub signature: &'a str,
}

#[derive(Debug, thiserror::Error)]
pub enum ConfirmError {
    /// Absent, or another account's.
    #[error("no such order")]
    NotFound,
    #[error("the gateway does not vouch for this")]
    Forged,
    #[error("the payment is not captured")]
    NotCaptured,
    #[error("the payment is not what was ordered")]
    Mismatch,
    #[error(transparent)]
    Unavailable(#[from] BillingUnavailable),
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<SettleError> for ConfirmError {
    fn from(error: SettleError) -> Self {
        match error {
            SettleError::Unavailable(error) => Self::Unavailable(error),
            SettleError::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl Authority {
    /// Books the payment, once, whoever tells of it first; the order as it is then.
    ///
    /// # Errors
    /// See [`ConfirmError`].
    pub async fn confirm_payment(
        &self,
        ctx: &Ctx,
        account: &AccountId,
        told: Confirmation<'_>,
    ) -> Result<PaymentOrder, ConfirmError> {
        let gateway = self.gateway()?;
        let order = self.find_payment_order(account, told.order).await?;
        let order = order.ok_or(ConfirmError::NotFound)?;
        if !gateway.vouches_for_order(told.order, told.payment, told.signature) {
            return Err(ConfirmError::Forged);
        }
        let payment = match gateway.find_payment(told.payment).await {
            Ok(payment) => payment,
            Err(GatewayError::NotFound) => return Err(ConfirmError::NotCaptured),
            Err(error) => return Err(BillingUnavailable::from(error).into()),
        };
        if !matches(&order, &payment) {
            return Err(ConfirmError::Mismatch);
        }
        match self.settle(ctx, payment).await? {
            Settled::Paid => {}
            Settled::Open => return Err(ConfirmError::NotCaptured),
            Settled::NotOurs | Settled::Mismatch => return Err(ConfirmError::Mismatch),
        }
        let found = self.find_payment_order(account, told.order).await?;
        found.ok_or(ConfirmError::NotFound)
    }

    /// The account's order that the gateway calls so.
    ///
    /// # Errors
    /// Storage.
    pub async fn find_payment_order(
        &self,
        account: &AccountId,
        gateway_id: &str,
    ) -> Result<Option<PaymentOrder>, Fault> {
        let mut reader = self.database.read().await?;
        let found = storage::payment_orders::find_by_gateway_id(&mut reader, gateway_id).await?;
        Ok(found.filter(|order| order.account == *account))
    }
}

fn matches(order: &PaymentOrder, payment: &Payment) -> bool {
    payment.order == order.gateway_id && payment.amount == order.amount
}
