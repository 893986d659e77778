//! Money: the ledger, payments, invoices, what recurs, and what plans and licences allow.
//! Refuses to move anything on a word that is not the gateway's, and to move it twice.

mod adjust;
mod administer;
mod book_refund;
mod confirm;
mod credit_note;
mod crossing;
mod download_invoice;
mod events;
mod export;
mod export_invoicing;
pub mod gateway;
mod invoices;
mod look;
mod open_order;
mod post;
mod prove;
mod receive;
mod recurring;
mod refund;
mod refund_event;
mod seller;
mod settings;
mod settle;
mod tax_document;
mod tax_profile;
mod top_up;
mod unavailable;
mod view;

pub use adjust::{AdjustError, Adjusted, Adjustment};
pub use administer::BooksError;
pub use book_refund::Refunded;
pub use confirm::{ConfirmError, Confirmation};
pub use credit_note::Credit;
pub use download_invoice::InvoiceDownloadError;
pub use events::{EventTaken, TakeEventError};
pub use gateway::{GatewayError, PaymentGateway, Payments};
pub use open_order::{NewPaymentOrder, OpenOrderError};
pub use post::{Draft, Posted};
pub use prove::Proven;
pub use receive::{Purpose, Received};
pub use recurring::{
    Autopay, AutopayChange, AutopayError, BillingNews, RecurringSettings, SubscriptionError,
    SubscriptionWish, Wanted,
};
pub use refund::{RefundError, RefundWish};
pub use seller::Seller;
pub use settings::BillingSettings;
pub use settle::{SettleError, Settled};
pub use tax_profile::{TaxProfileChange, TaxProfileError, TaxProfileProblems};
pub use top_up::TopUpError;
pub use unavailable::BillingUnavailable;
pub use view::{BillingOverview, TransactionExport};
