//! Paying ahead, by hand.
//! Refuses amounts outside the operator's bounds; credits nothing: the gateway tells when something was paid.

use model::Ctx;
use model::billing::{Money, OrderPurpose, PaymentOrder};
use model::iam::AccountId;

use super::gateway::Checkout;
use super::{BillingUnavailable, NewPaymentOrder, OpenOrderError};
use crate::authority::Authority;
use crate::fault::Fault;

#[derive(Debug, thiserror::Error)]
pub enum TopUpError {
    /// In minor units.
    #[error("less than {least}")]
    TooLittle { least: i64 },
    #[error("more than {most}")]
    TooMuch { most: i64 },
    #[error(transparent)]
    Unavailable(#[from] BillingUnavailable),
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<OpenOrderError> for TopUpError {
    fn from(error: OpenOrderError) -> Self {
        match error {
            OpenOrderError::Unavailable(error) => Self::Unavailable(error),
            OpenOrderError::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl Authority {
    /// An order of so many minor units for the account's wallet.
    ///
    /// # Errors
    /// See [`TopUpError`].
    pub async fn top_up(
        &self,
        ctx: &Ctx,
        account: &AccountId,
        minor: i64,
    ) -> Result<PaymentOrder, TopUpError> {
        let billing = &self.settings.billing;
        let (least, most) = billing.topup;
        if minor < least {
            return Err(TopUpError::TooLittle { least });
        }
        if minor > most {
            return Err(TopUpError::TooMuch { most });
        }
        let wish = NewPaymentOrder {
            account: account.clone(),
            purpose: OrderPurpose::Topup,
            amount: Money::new(minor, billing.currency),
            mandate: None,
        };
        Ok(self.open_order(ctx, wish).await?)
    }

    /// How people pay an order: the key that the gateway's pages know the operator by, and where those are.
    ///
    /// # Errors
    /// When there is no gateway.
    pub fn checkout(&self) -> Result<(String, Checkout), BillingUnavailable> {
        let gateway = self.gateway()?;
        Ok((gateway.key_id().to_owned(), gateway.checkout()))
    }
}
