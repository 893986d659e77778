//! The gateway that the configuration names.
//! Refuses to guess: a checked configuration has all that is needed.

use std::sync::Arc;

use domain::billing::Payments;
use domain::billing::gateway::Checkout;
use url::Url;

use super::sandbox_keys::CHECKOUT;
use super::{Razorpay, RazorpaySettings, SandboxKeys};
use crate::config::{BillingConfig, Config, GatewayKind};
use crate::outbound::federation::ProvidersError;

/// Asks nothing yet. The sandbox is there while a server of this data folder runs it.
///
/// # Errors
/// An unusable address, or no TLS.
pub fn payments(config: &Config) -> Result<Payments, ProvidersError> {
    let settings = match config.billing.gateway {
        GatewayKind::None => None,
        GatewayKind::Razorpay => Some(razorpay(&config.billing)?),
        GatewayKind::Sandbox => {
            let keys = SandboxKeys::read(&config.server.data_dir);
            let keys = keys.map_err(|error| ProvidersError::Client(error.to_string()))?;
            keys.map(|keys| keys.settings(&config.billing))
        }
    };
    let gateway = settings.map(Razorpay::new).transpose()?;
    Ok(Payments(gateway.map(|gateway| Arc::new(gateway) as _)))
}

fn razorpay(config: &BillingConfig) -> Result<RazorpaySettings, ProvidersError> {
    let unusable = |key: &str| ProvidersError::Address(format!("billing.{key}"));
    let base_url = Url::parse(&config.base_url).map_err(|_| unusable("base_url"))?;
    let page = base_url.join(CHECKOUT);
    Ok(RazorpaySettings {
        key_id: config.key_id.clone().ok_or_else(|| unusable("key_id"))?,
        key_secret: config.key_secret.clone().ok_or_else(|| unusable("key_secret"))?,
        webhook_secrets: config.webhook_secrets.clone(),
        base_url,
        checkout: Checkout {
            script: Some(config.checkout_url.clone()),
            page: page.map_err(|_| unusable("base_url"))?.into(),
        },
        timeout: config.request_timeout.duration(),
    })
}
