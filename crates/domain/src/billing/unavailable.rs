//! That nothing can be paid now, and why.
//! Refuses to be shown as it is: its words are for the log.

use std::sync::Arc;

use super::{GatewayError, PaymentGateway};
use crate::authority::Authority;

/// Why the gateway can't be used for this.
#[derive(Debug, thiserror::Error)]
pub enum BillingUnavailable {
    #[error("no payment gateway is configured")]
    NotConfigured,
    #[error("payment gateway: {0}")]
    Gateway(#[from] GatewayError),
}

impl Authority {
    /// The gateway, if the deployment has one.
    pub(crate) fn gateway(&self) -> Result<Arc<dyn PaymentGateway>, BillingUnavailable> {
        let gateway = self.payments.0.as_ref();
        gateway.map(Arc::clone).ok_or(BillingUnavailable::NotConfigured)
    }
}
