//! The seller of the configuration, as the books need it.
//! Refuses what the configuration should have refused.

use domain::billing::Seller;
use model::billing::tax::TaxRate;

use super::settings::SettingsError;
use crate::config::SellerConfig;

/// # Errors
/// What a checked configuration can't have.
pub(super) fn seller(config: &SellerConfig) -> Result<Seller, SettingsError> {
    let blame = |what: &str| SettingsError(format!("billing.seller: {what}"));
    Ok(Seller {
        party: config.party().ok_or_else(|| blame("gstin or state_code"))?,
        sac: config.sac.clone(),
        rate: TaxRate::try_from(config.rate).map_err(|error| blame(&error.to_string()))?,
        invoice_prefix: config
            .invoice_prefix
            .parse()
            .map_err(|_| blame("invoice_prefix"))?,
        credit_prefix: config
            .credit_note_prefix
            .parse()
            .map_err(|_| blame("credit_note_prefix"))?,
    })
}
