//! Money: the ledger, payments, invoices, what recurs, and what plans and licences allow.
//! Refuses to move anything on a word that is not the gateway's, and to move it twice.

mod credit_note;
mod crossing;
pub mod gateway;
mod invoices;
mod post;
mod receive;
mod seller;
mod settings;
mod tax_document;
mod tax_profile;

pub use credit_note::Credit;
pub use gateway::{GatewayError, PaymentGateway, Payments};
pub use post::{Draft, Posted};
pub use receive::{Purpose, Received};
pub use seller::Seller;
pub use settings::BillingSettings;
pub use tax_profile::{TaxProfileChange, TaxProfileError, TaxProfileProblems};
