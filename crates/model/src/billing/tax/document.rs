//! Tax invoices, bills of supply and credit notes.
//! Refuses to look anything up later: a document carries all that is printed on it, as it was when it was made.

use serde::{Deserialize, Serialize};

use super::{FinancialYear, Party, SellerParty, Split, State, TaxRate};
use crate::billing::{Currency, LedgerAccount, Transfer};
use crate::clock::Timestamp;
use crate::iam::AccountId;
use crate::id::{Id, Kind};

#[derive(Debug)]
pub struct TaxDocumentTag;
impl Kind for TaxDocumentTag {
    const PREFIX: &'static str = "ivc";
}
pub type TaxDocumentId = Id<TaxDocumentTag>;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// Of a registered seller (CGST Rules, 46).
    TaxInvoice,
    /// Of a seller who may charge no tax (CGST Rules, 49).
    BillOfSupply,
    /// For what is given back (CGST Rules, 53(1A)).
    CreditNote,
}

impl DocumentKind {
    pub const ALL: [Self; 3] = [Self::TaxInvoice, Self::BillOfSupply, Self::CreditNote];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TaxInvoice => "tax_invoice",
            Self::BillOfSupply => "bill_of_supply",
            Self::CreditNote => "credit_note",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// What a credit note takes back from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Corrected {
    pub id: TaxDocumentId,
    pub number: String,
    pub issued_at: Timestamp,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DocumentLine {
    pub description: String,
    /// Services accounting code.
    pub sac: String,
    pub quantity: u32,
    pub parts: Split,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TaxDocument {
    pub id: TaxDocumentId,
    pub account: AccountId,
    pub kind: DocumentKind,
    pub number: String,
    pub financial_year: FinancialYear,
    pub issued_at: Timestamp,
    pub currency: Currency,
    pub seller: SellerParty,
    pub buyer: Party,
    pub place_of_supply: State,
    /// Zero where no tax may be charged.
    pub rate: TaxRate,
    pub lines: Vec<DocumentLine>,
    /// Of all lines together.
    pub parts: Split,
    /// The movement of the ledger that it documents: `payment:…`, `refund:…`.
    pub reference: String,
    /// The gateway's id of the payment.
    pub payment: String,
    /// Of a credit note.
    pub corrects: Option<Corrected>,
}

impl TaxDocument {
    /// Whether the tax is central and the state's, or integrated (IGST Act, sections 7 and 8).
    pub fn is_intra_state(&self) -> bool {
        self.place_of_supply == self.seller.state
    }

    pub const fn total(&self) -> i64 {
        self.parts.total()
    }

    /// What the books say of the tax: for a credit note it is taken back.
    pub fn transfers(&self) -> Vec<Transfer> {
        tax_transfers(&self.parts, self.kind == DocumentKind::CreditNote)
    }
}

fn tax_transfers(parts: &Split, back: bool) -> Vec<Transfer> {
    let taxes = [
        (LedgerAccount::Cgst, parts.cgst),
        (LedgerAccount::Sgst, parts.sgst),
        (LedgerAccount::Igst, parts.igst),
    ];
    let transfer = |(tax, minor)| {
        let (debit, credit) = if back {
            (tax, LedgerAccount::TaxContained)
        } else {
            (LedgerAccount::TaxContained, tax)
        };
        Transfer { debit, credit, minor }
    };
    taxes
        .into_iter()
        .filter(|(_, minor)| *minor > 0)
        .map(transfer)
        .collect()
}
