//! The documents of an account: invoices, bills of supply and credit notes.
//! Refuses those of others: what is not of the permitted account is not there.

use model::billing::tax::{TaxDocument, TaxDocumentId};
use model::iam::AccountId;
use storage::tax_documents::Wanted;

use crate::authority::Authority;
use crate::fault::Fault;
use crate::iam::Permit;

impl Authority {
    /// Newest first, and how many there are.
    ///
    /// # Errors
    /// Storage.
    pub async fn list_invoices(
        &self,
        permit: &Permit,
        wanted: Wanted,
        part: (i64, i64),
    ) -> Result<(Vec<TaxDocument>, i64), Fault> {
        let mut reader = self.database.read().await?;
        Ok(storage::tax_documents::list(&mut reader, permit.account(), wanted, part).await?)
    }

    /// B08: nothing when it is of another account.
    ///
    /// # Errors
    /// Storage.
    pub async fn find_invoice(
        &self,
        permit: &Permit,
        id: TaxDocumentId,
    ) -> Result<Option<TaxDocument>, Fault> {
        let mut reader = self.database.read().await?;
        let found = storage::tax_documents::find(&mut reader, id).await?;
        Ok(found.filter(|document| document.account == *permit.account()))
    }

    /// Whose it is: where to ask for a permit when the request can't name an account.
    ///
    /// # Errors
    /// Storage.
    pub async fn invoice_account(&self, id: TaxDocumentId) -> Result<Option<AccountId>, Fault> {
        let mut reader = self.database.read().await?;
        let found = storage::tax_documents::find(&mut reader, id).await?;
        Ok(found.map(|document| document.account))
    }
}
