//! What handlers share.
//! Refuses request state: that comes with the request, as `model::Ctx`.

use std::sync::Arc;

use domain::Authority;

use crate::http::invoice_file::Printer;
use crate::http::rate_limit::KeyLimits;
use crate::pages::Brand;

/// Cheap to clone; the state of every router.
#[derive(Clone)]
pub struct AppState {
    pub authority: Authority,
    pub brand: Arc<Brand>,
    /// Whether the issuer is https: decides cookie names and flags, and HSTS.
    pub https: bool,
    /// What keys with figures of their own have used of them.
    pub key_limits: KeyLimits,
    /// What makes files of invoices.
    pub printer: Arc<Printer>,
}
