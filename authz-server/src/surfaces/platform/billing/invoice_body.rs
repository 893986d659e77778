//! Invoices, bills of supply and credit notes as JSON.

use model::billing::tax::{
    Corrected, DocumentLine, FinancialYear, Party, SellerParty, Split, State, TaxDocument, in_words,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::surfaces::time;

/// What a list says of a document. Amounts are in minor units, and above zero for credit notes too.
#[derive(Serialize, ToSchema)]
#[schema(as = platform::InvoiceSummary)]
pub struct SummaryBody {
    #[schema(example = "ivc_0123456789abcdefghjkmnpqrs")]
    id: String,
    /// `tax_invoice`, `bill_of_supply` or `credit_note`.
    #[serde(rename = "type")]
    #[schema(example = "tax_invoice")]
    kind: &'static str,
    /// Consecutive in its financial year.
    #[schema(example = "INV/26-27/000001")]
    number: String,
    /// April to March, in India.
    #[schema(example = "2026-27")]
    financial_year: String,
    /// When it was issued.
    #[schema(example = "2026-11-21T18:00:00Z")]
    issued_at: String,
    /// The day in India.
    #[schema(example = "2026-11-21")]
    date: String,
    /// All of it, tax included.
    #[schema(example = 50_000)]
    amount: i64,
    /// Three capital letters.
    #[schema(example = "INR")]
    currency: String,
    #[serde(flatten)]
    parts: PartsBody,
    /// The gateway's id of the payment.
    #[schema(example = "pay_29QQoUBi66xm2f")]
    payment_id: String,
}

/// Parts of an amount, in minor units.
#[derive(Serialize, ToSchema)]
#[schema(as = platform::TaxParts)]
pub struct PartsBody {
    /// Without tax.
    #[schema(example = 42_373)]
    taxable_amount: i64,
    /// Central tax.
    #[schema(example = 0)]
    cgst: i64,
    /// Of the state; of the union territory where that has its own.
    #[schema(example = 0)]
    sgst: i64,
    /// Integrated tax, between states.
    #[schema(example = 7_627)]
    igst: i64,
}

/// All that is printed.
#[derive(Serialize, ToSchema)]
#[schema(as = platform::Invoice)]
pub struct InvoiceBody {
    #[serde(flatten)]
    summary: SummaryBody,
    /// Who sold it, as they were then.
    seller: SellerBody,
    /// Whom it is for, as they were then.
    buyer: BuyerBody,
    /// Decides which taxes are charged.
    place_of_supply: StateBody,
    /// Percent; 0 where no tax is charged.
    #[schema(example = 18)]
    tax_rate: u8,
    /// Whether the buyer owes the tax: never here.
    #[schema(example = false)]
    reverse_charge: bool,
    /// What was sold.
    lines: Vec<LineBody>,
    /// All of it, in words.
    #[schema(example = "Rupees Five Hundred Only")]
    amount_in_words: String,
    /// Of a credit note: the gateway's id of the refund.
    #[schema(example = "rfnd_FP8QHiV938haTz")]
    refund_id: Option<String>,
    /// Of a credit note: what it takes back from.
    corrects: Option<CorrectedBody>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = platform::InvoiceState)]
pub struct StateBody {
    /// The two digits of the state.
    #[schema(example = "27")]
    state_code: String,
    #[schema(example = "Maharashtra")]
    state: &'static str,
}

#[derive(Serialize, ToSchema)]
#[schema(as = platform::InvoiceSeller)]
pub struct SellerBody {
    /// As the business is registered.
    #[schema(example = "Lighthouse Services LLP")]
    legal_name: String,
    /// Their registration; `null` for who has none.
    #[schema(example = "29AAGCB7383J1Z4")]
    gstin: Option<String>,
    /// Lines, with line ends between them.
    #[schema(example = "1 Church Street\nBengaluru 560001")]
    address: String,
    #[serde(flatten)]
    state: StateBody,
}

#[derive(Serialize, ToSchema)]
#[schema(as = platform::InvoiceBuyer)]
pub struct BuyerBody {
    /// As their tax profile said.
    #[schema(example = "Umbrella Traders")]
    legal_name: String,
    /// Their registration for goods and services tax; `null` without one.
    #[schema(example = "27AAPFU0939F1ZV")]
    gstin: Option<String>,
    /// Lines, with line ends between them.
    #[schema(example = "14 Marine Drive\nMumbai 400020")]
    address: Option<String>,
    /// Two digits; `null` when they had not said.
    #[schema(example = "27")]
    state_code: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = platform::InvoiceLine)]
pub struct LineBody {
    /// What it is, for people.
    #[schema(example = "Prepaid credit for services (top-up)")]
    description: String,
    /// Services accounting code.
    #[schema(example = "998315")]
    sac: String,
    /// How many.
    #[schema(example = 1)]
    quantity: u32,
    /// Of this line, tax included, in minor units.
    #[schema(example = 50_000)]
    amount: i64,
    #[serde(flatten)]
    parts: PartsBody,
}

#[derive(Serialize, ToSchema)]
#[schema(as = platform::CorrectedInvoice)]
pub struct CorrectedBody {
    #[schema(example = "ivc_0123456789abcdefghjkmnpqrs")]
    id: String,
    /// Of the document that is corrected.
    #[schema(example = "INV/26-27/000001")]
    number: String,
    /// When it was issued.
    #[schema(example = "2026-11-21T18:00:00Z")]
    issued_at: String,
}

impl From<Split> for PartsBody {
    fn from(parts: Split) -> Self {
        Self {
            taxable_amount: parts.taxable,
            cgst: parts.cgst,
            sgst: parts.sgst,
            igst: parts.igst,
        }
    }
}

impl From<&TaxDocument> for SummaryBody {
    fn from(document: &TaxDocument) -> Self {
        Self {
            id: document.id.to_string(),
            kind: document.kind.as_str(),
            number: document.number.clone(),
            financial_year: document.financial_year.to_string(),
            issued_at: time::rfc3339(document.issued_at),
            date: FinancialYear::day(document.issued_at).to_string(),
            amount: document.total(),
            currency: document.currency.to_string(),
            parts: document.parts.into(),
            payment_id: document.payment.clone(),
        }
    }
}

impl From<TaxDocument> for InvoiceBody {
    fn from(document: TaxDocument) -> Self {
        let refund = document.reference.strip_prefix("refund:");
        Self {
            summary: SummaryBody::from(&document),
            refund_id: refund.map(str::to_owned),
            place_of_supply: document.place_of_supply.into(),
            tax_rate: document.rate.percent(),
            reverse_charge: false,
            amount_in_words: in_words(document.total()),
            seller: document.seller.into(),
            buyer: document.buyer.into(),
            lines: document.lines.into_iter().map(LineBody::from).collect(),
            corrects: document.corrects.map(CorrectedBody::from),
        }
    }
}

impl From<State> for StateBody {
    fn from(state: State) -> Self {
        Self {
            state_code: state.to_string(),
            state: state.name(),
        }
    }
}

impl From<SellerParty> for SellerBody {
    fn from(seller: SellerParty) -> Self {
        Self {
            legal_name: seller.legal_name,
            gstin: seller.gstin.map(|gstin| gstin.to_string()),
            address: seller.address.join("\n"),
            state: seller.state.into(),
        }
    }
}

impl From<Party> for BuyerBody {
    fn from(buyer: Party) -> Self {
        Self {
            legal_name: buyer.legal_name,
            gstin: buyer.gstin.map(|gstin| gstin.to_string()),
            address: Some(buyer.address.join("\n")).filter(|address| !address.is_empty()),
            state_code: buyer.state.map(|state| state.to_string()),
        }
    }
}

impl From<DocumentLine> for LineBody {
    fn from(line: DocumentLine) -> Self {
        Self {
            description: line.description,
            sac: line.sac,
            quantity: line.quantity,
            amount: line.parts.total(),
            parts: line.parts.into(),
        }
    }
}

impl From<Corrected> for CorrectedBody {
    fn from(corrected: Corrected) -> Self {
        Self {
            id: corrected.id.to_string(),
            number: corrected.number,
            issued_at: time::rfc3339(corrected.issued_at),
        }
    }
}
