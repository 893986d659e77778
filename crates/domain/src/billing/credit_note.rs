//! Credit notes: the tax of what is given back is taken back, in proportion and to the paisa.
//! Refuses to take back more than was invoiced, and to write two notes for one refund.

use model::Ctx;
use model::billing::tax::{
    Corrected, DocumentKind, DocumentLine, FinancialYear, Prefix, TaxDocument, TaxDocumentId, split,
};
use model::billing::{Money, Transfer};
use model::iam::AccountId;
use storage::{StorageError, Writer};

use super::tax_document::number_and_keep;
use crate::authority::Authority;

/// What is given back, of which payment.
#[derive(Clone, Copy, Debug)]
pub struct Credit<'r> {
    pub account: &'r AccountId,
    /// The gateway's id of the payment.
    pub payment: &'r str,
    /// The gateway's id of the refund.
    pub refund: &'r str,
    /// Tax included.
    pub amount: Money,
}

impl Authority {
    /// Writes the credit note of a refund and returns the transfers that take the tax back: none when the payment has no
    /// invoice, or contained no tax.
    ///
    /// For the write that posts `refund:<refund>` with these transfers among its own and without a floor, whatever that
    /// finds: the same refund again brings the same transfers and no second note.
    ///
    /// # Errors
    /// Storage; more than is left of the invoice; another account.
    pub async fn credit_note(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        credit: &Credit<'_>,
    ) -> Result<Vec<Transfer>, StorageError> {
        let invoice = storage::tax_documents::find_of(w, &format!("payment:{}", credit.payment)).await?;
        let Some(invoice) = invoice else {
            return Ok(Vec::new());
        };
        if invoice.account != *credit.account || invoice.currency != credit.amount.currency {
            return Err(unfit("the refund is of another account or currency"));
        }
        // Refunds of one payment follow each other; whoever books a payment takes the same lock first.
        storage::ledger::hold_wallet(w, credit.account, credit.amount.currency).await?;
        let reference = format!("refund:{}", credit.refund);
        if let Some(written) = storage::tax_documents::find_of(w, &reference).await? {
            return Ok(written.transfers());
        }
        // The seller is the one who has written the invoice, also when there is none any more.
        let seller = self.settings.billing.seller.as_ref();
        let prefix = seller.map_or_else(Prefix::of_credit_notes, |seller| seller.credit_prefix.clone());
        let before = storage::tax_documents::credited(w, invoice.id).await?;
        let note = note(ctx, &invoice, (credit, reference, before))?;
        Ok(number_and_keep(w, &prefix, note).await?.transfers())
    }
}

/// What this refund takes back is the difference between all that is taken back now and before: the last one leaves nothing.
fn note(
    ctx: &Ctx,
    invoice: &TaxDocument,
    (credit, reference, before): (&Credit<'_>, String, i64),
) -> Result<TaxDocument, StorageError> {
    let after = before.checked_add(credit.amount.minor);
    let after = after.filter(|after| *after <= invoice.total() && credit.amount.minor > 0);
    let after = after.ok_or_else(|| unfit("the refund is more than is left of the invoice"))?;
    let parts_of = |total| split(total, invoice.rate, invoice.is_intra_state());
    let parts = parts_of(after).less(&parts_of(before));
    let lines = invoice.lines.iter().take(1).map(|line| DocumentLine {
        description: format!("Refund: {}", line.description),
        parts,
        ..line.clone()
    });
    Ok(TaxDocument {
        id: TaxDocumentId::random(ctx.random.as_ref()),
        kind: DocumentKind::CreditNote,
        number: String::new(),
        financial_year: FinancialYear::of(ctx.now),
        issued_at: ctx.now,
        lines: lines.collect(),
        parts,
        reference,
        corrects: Some(Corrected {
            id: invoice.id,
            number: invoice.number.clone(),
            issued_at: invoice.issued_at,
        }),
        ..invoice.clone()
    })
}

fn unfit(why: &str) -> StorageError {
    StorageError::Unavailable(format!("credit note: {why}"))
}
