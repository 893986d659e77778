//! Who sells and who buys, as documents name them.
//! Refuses a registration of one state with the address of another.

use serde::{Deserialize, Serialize};

use super::{Gstin, LabelError, State, clean_line, clean_lines};

const LONGEST_NAME: usize = 200;
const MOST_LINES: usize = 6;
const LONGEST_LINE: usize = 100;

/// What an account says of itself for its invoices.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TaxProfile {
    pub gstin: Option<Gstin>,
    pub legal_name: Option<String>,
    /// Lines.
    pub address: Vec<String>,
    /// Where what is bought is used; the GSTIN's state when there is one.
    pub state: Option<State>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the GSTIN is of another state")]
pub struct TaxProfileError;

impl TaxProfile {
    /// # Errors
    /// See [`LabelError`].
    pub fn name_from(text: &str) -> Result<Option<String>, LabelError> {
        clean_line(text, LONGEST_NAME)
    }

    /// # Errors
    /// See [`LabelError`].
    pub fn address_from(text: &str) -> Result<Vec<String>, LabelError> {
        clean_lines(text, MOST_LINES, LONGEST_LINE)
    }

    /// # Errors
    /// A GSTIN of another state.
    pub fn check(&self) -> Result<(), TaxProfileError> {
        let registered = self.gstin.map(|gstin| gstin.state());
        let contradicts = registered.is_some() && registered != self.state;
        if contradicts { Err(TaxProfileError) } else { Ok(()) }
    }
}

/// The buyer, as a document remembers it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Party {
    pub legal_name: String,
    pub gstin: Option<Gstin>,
    pub address: Vec<String>,
    /// Nothing when the buyer has said none.
    pub state: Option<State>,
}

/// The seller, as a document remembers it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SellerParty {
    pub legal_name: String,
    pub gstin: Option<Gstin>,
    pub address: Vec<String>,
    pub state: State,
    pub email: Option<String>,
    pub website: Option<String>,
}

impl SellerParty {
    /// Whose series of numbers its documents are in.
    pub fn series(&self) -> &str {
        self.gstin.as_ref().map_or("", Gstin::as_str)
    }
}
