//! The document of a payment: what it says, and its number.
//! Refuses gaps: a number is given and the document written in the write that moves the money, or neither.

use model::Ctx;
use model::billing::tax::{
    DocumentLine, FinancialYear, Party, Prefix, TaxDocument, TaxDocumentId, document_number,
};
use model::iam::AccountId;
use storage::{StorageError, Writer};

use super::{Purpose, Received, Seller};
use crate::authority::Authority;

impl Authority {
    /// The invoice of a payment that is about to be booked. The caller holds the wallet, and has seen that it is not booked.
    pub(super) async fn issue_invoice(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        (seller, received): (&Seller, &Received),
    ) -> Result<TaxDocument, StorageError> {
        let buyer = buyer(w, &received.account).await?;
        // Without a word of the buyer's the supply is where the seller is (IGST Act, section 12(2)(b)(ii)).
        let place_of_supply = buyer.state.unwrap_or(seller.party.state);
        let parts = seller.parts(received.amount.minor, place_of_supply);
        let line = DocumentLine {
            description: bought(&received.purpose),
            sac: seller.sac.clone(),
            quantity: 1,
            parts,
        };
        let document = TaxDocument {
            id: TaxDocumentId::random(ctx.random.as_ref()),
            account: received.account.clone(),
            kind: seller.document(),
            number: String::new(),
            financial_year: FinancialYear::of(ctx.now),
            issued_at: ctx.now,
            currency: received.amount.currency,
            seller: seller.party.clone(),
            buyer,
            place_of_supply,
            rate: seller.charged(),
            lines: vec![line],
            parts,
            reference: received.reference(),
            payment: received.payment.clone(),
            corrects: None,
        };
        number_and_keep(w, &seller.invoice_prefix, document).await
    }
}

/// Gives the document the next number of its series and writes it.
pub(super) async fn number_and_keep(
    w: &mut Writer,
    prefix: &Prefix,
    mut document: TaxDocument,
) -> Result<TaxDocument, StorageError> {
    let (series, year) = (document.seller.series(), document.financial_year);
    let count = storage::tax_documents::next_number(w, series, (prefix, year)).await?;
    let number = document_number(prefix, year, count);
    document.number = number.map_err(|error| StorageError::Unavailable(format!("{prefix}: {error}")))?;
    storage::tax_documents::insert(w, &document).await?;
    Ok(document)
}

async fn buyer(w: &mut Writer, account: &AccountId) -> Result<Party, StorageError> {
    let profile = storage::tax_profiles::find(w, account).await?.unwrap_or_default();
    let legal_name = match profile.legal_name {
        Some(name) => name,
        None => {
            let found = storage::accounts::find(w, account).await?;
            found.map_or_else(|| format!("Account {account}"), |account| account.title)
        }
    };
    Ok(Party {
        legal_name,
        gstin: profile.gstin,
        address: profile.address,
        state: profile.state,
    })
}

fn bought(purpose: &Purpose) -> String {
    match purpose {
        Purpose::Topup => "Prepaid credit for services (top-up)".to_owned(),
        Purpose::Autopay => "Prepaid credit for services (automatic top-up)".to_owned(),
        Purpose::Subscription { plan } => plan.clone(),
    }
}
