//! The operator as a seller: what documents say of them, and what they charge.
//! Refuses tax without a registration.

use model::billing::tax::{DocumentKind, Prefix, SellerParty, Split, State, TaxRate, split};

#[derive(Clone, Debug)]
pub struct Seller {
    pub party: SellerParty,
    /// Services accounting code of what is sold.
    pub sac: String,
    /// What prices contain, when the seller is registered.
    pub rate: TaxRate,
    /// Of invoices and bills of supply.
    pub invoice_prefix: Prefix,
    /// Of credit notes; another than that of invoices.
    pub credit_prefix: Prefix,
}

impl Seller {
    /// What a payment is documented by.
    pub(super) const fn document(&self) -> DocumentKind {
        match self.party.gstin {
            Some(_) => DocumentKind::TaxInvoice,
            None => DocumentKind::BillOfSupply,
        }
    }

    pub(super) const fn charged(&self) -> TaxRate {
        match self.party.gstin {
            Some(_) => self.rate,
            None => TaxRate::ZERO,
        }
    }

    /// The parts of a price, where what is sold is used.
    pub(super) fn parts(&self, total: i64, place_of_supply: State) -> Split {
        split(total, self.charged(), place_of_supply == self.party.state)
    }
}
