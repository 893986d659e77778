//! Money: the ledger, payments, invoices, what recurs, and what plans and licences allow.
//! Refuses to move anything on a word that is not the gateway's, and to move it twice.

mod crossing;
pub mod gateway;
mod post;
mod receive;
mod settings;

pub use gateway::{GatewayError, PaymentGateway, Payments};
pub use post::{Draft, Posted};
pub use receive::{Purpose, Received};
pub use settings::BillingSettings;
