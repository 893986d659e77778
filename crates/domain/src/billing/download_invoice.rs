//! An invoice for a browser that shows a download token in place of a header.
//! Refuses whoever may not see it in its account; what they may not see is not there.

use model::Ctx;
use model::billing::tax::{TaxDocument, TaxDocumentId};

use crate::authority::Authority;
use crate::fault::Fault;
use crate::iam::PermitError;
use crate::people::DownloadError;

/// Why nothing is downloaded.
#[derive(Debug, thiserror::Error)]
pub enum InvoiceDownloadError {
    #[error(transparent)]
    Token(DownloadError),
    #[error("there is no such invoice")]
    Absent,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Authority {
    /// The token is used up, whatever comes of it. Such a request can name no account: it is asked for in the invoice's own.
    ///
    /// # Errors
    /// See [`InvoiceDownloadError`].
    pub async fn download_invoice(
        &self,
        ctx: &Ctx,
        token: &str,
        (id, path): (Option<TaxDocumentId>, &str),
    ) -> Result<TaxDocument, InvoiceDownloadError> {
        let redeemed = self.redeem_download_token(ctx, token, path).await;
        let (user, _) = redeemed.map_err(InvoiceDownloadError::Token)?;
        let id = id.ok_or(InvoiceDownloadError::Absent)?;
        let account = self.invoice_account(id).await?;
        let account = account.ok_or(InvoiceDownloadError::Absent)?;
        let (action, resource) = (
            "billing:ViewInvoices",
            format!("arn:authz:billing:::invoice/{id}"),
        );
        let permit = self.permit_here(ctx, (user.id, &account), action, &resource);
        let permit = permit.await.map_err(|error| match error {
            PermitError::Fault(fault) => InvoiceDownloadError::Fault(fault),
            PermitError::Denied(_)
            | PermitError::SessionRequired
            | PermitError::NotAMember
            | PermitError::AccountMismatch => InvoiceDownloadError::Absent,
        })?;
        let found = self.find_invoice(&permit, id).await?;
        found.ok_or(InvoiceDownloadError::Absent)
    }
}
