//! Goods and services tax (GST) of India: who is registered where, what a price contains, and the documents that say so.
//! Refuses to judge what is taxed and how: rates and classification are the operator's to know.

mod document;
mod financial_year;
mod gstin;
mod label;
mod number;
mod party;
mod split;
mod state;
mod words;

pub use document::{Corrected, DocumentKind, DocumentLine, TaxDocument, TaxDocumentId, TaxDocumentTag};
pub use financial_year::{FinancialYear, FinancialYearError};
pub use gstin::{Gstin, GstinError};
pub use label::{LabelError, clean_line, clean_lines};
pub use number::{NumberError, Prefix, PrefixError, document_number};
pub use party::{Party, SellerParty, TaxProfile, TaxProfileError};
pub use split::{Split, TaxRate, TaxRateError, split};
pub use state::{State, StateError};
pub use words::{in_figures, in_words};
