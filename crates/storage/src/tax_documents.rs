//! Invoices, bills of supply and credit notes: `tax_documents`, and the numbers given in `tax_series`.
//! Refuses to change what is written: there are only insertions.

use model::billing::tax::{DocumentKind, FinancialYear, Prefix, TaxDocument, TaxDocumentId};
use model::iam::AccountId;

use crate::decode::{Columns, to_json};
use crate::{Query, Row, StorageError, Writer};

const TABLE: &str = "tax_documents";

const NEXT: &str = "INSERT INTO tax_series (seller, prefix, financial_year, issued) VALUES ($1, $2, $3, 1) ON CONFLICT (seller, prefix, financial_year) DO UPDATE SET issued = tax_series.issued + 1 RETURNING issued";
const INSERT: &str = "INSERT INTO tax_documents (id, account_id, kind, seller, number, financial_year, issued_at, reference, corrects, currency, total, taxable, cgst, sgst, igst, document) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
const FIND: &str = "SELECT id, document FROM tax_documents WHERE id = $1";
const FIND_OF: &str = "SELECT id, document FROM tax_documents WHERE reference = $1";
const CREDITED: &str =
    "SELECT CAST(coalesce(sum(total), 0) AS BIGINT) AS n FROM tax_documents WHERE corrects = $1";
const LIST: &str = "SELECT id, document FROM tax_documents WHERE account_id = $1 AND ($2 = '' OR kind = $2) AND ($3 = '' OR financial_year = $3) ORDER BY issued_at DESC, number DESC LIMIT $4 OFFSET $5";
const COUNT: &str = "SELECT count(*) AS n FROM tax_documents WHERE account_id = $1 AND ($2 = '' OR kind = $2) AND ($3 = '' OR financial_year = $3)";

pub(crate) const STATEMENTS: &[&str] = &[NEXT, INSERT, FIND, FIND_OF, CREDITED, LIST, COUNT];

/// What is looked for; nothing stands for anything.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    pub kind: Option<DocumentKind>,
    pub year: Option<FinancialYear>,
}

fn decode(row: &Row) -> Result<TaxDocument, StorageError> {
    Columns::new(TABLE, row).json("document")
}

/// The next number of a series, from 1. It is nobody else's: should the write not be, the number is given again.
pub async fn next_number(
    w: &mut Writer,
    seller: &str,
    (prefix, year): (&Prefix, FinancialYear),
) -> Result<i64, StorageError> {
    let year = year.to_string();
    let args = [seller.into(), prefix.as_str().into(), year.as_str().into()];
    w.fetch_one(NEXT, &args).await?.int("issued")
}

pub async fn insert(w: &mut Writer, document: &TaxDocument) -> Result<(), StorageError> {
    let (id, year) = (document.id.to_string(), document.financial_year.to_string());
    let corrects = document
        .corrects
        .as_ref()
        .map(|corrected| corrected.id.to_string());
    let text = to_json(TABLE, "document", document)?;
    let parts = document.parts;
    let args = [
        id.as_str().into(),
        document.account.as_str().into(),
        document.kind.as_str().into(),
        document.seller.series().into(),
        document.number.as_str().into(),
        year.as_str().into(),
        document.issued_at.into(),
        document.reference.as_str().into(),
        corrects.as_deref().into(),
        document.currency.as_str().into(),
        parts.total().into(),
        parts.taxable.into(),
        parts.cgst.into(),
        parts.sgst.into(),
        parts.igst.into(),
        text.as_str().into(),
    ];
    w.execute(INSERT, &args).await.map(drop)
}

pub async fn find(q: &mut impl Query, id: TaxDocumentId) -> Result<Option<TaxDocument>, StorageError> {
    let row = q.fetch_optional(FIND, &[id.to_string().as_str().into()]).await?;
    row.map(|row| decode(&row)).transpose()
}

/// What documents the movement of this reference.
pub async fn find_of(q: &mut impl Query, reference: &str) -> Result<Option<TaxDocument>, StorageError> {
    let row = q.fetch_optional(FIND_OF, &[reference.into()]).await?;
    row.map(|row| decode(&row)).transpose()
}

/// How much credit notes have taken back from it, in minor units.
pub async fn credited(q: &mut impl Query, id: TaxDocumentId) -> Result<i64, StorageError> {
    let row = q.fetch_one(CREDITED, &[id.to_string().as_str().into()]).await?;
    row.int("n")
}

/// Of an account, newest first, and how many there are.
pub async fn list(
    q: &mut impl Query,
    account: &AccountId,
    wanted: Wanted,
    (limit, offset): (i64, i64),
) -> Result<(Vec<TaxDocument>, i64), StorageError> {
    let kind = wanted.kind.map_or("", DocumentKind::as_str);
    let year = wanted.year.map(|year| year.to_string()).unwrap_or_default();
    let filter = [account.as_str().into(), kind.into(), year.as_str().into()];
    let [account, kind, of_year] = filter;
    let rows = q
        .fetch_all(LIST, &[account, kind, of_year, limit.into(), offset.into()])
        .await?;
    let total = q.fetch_one(COUNT, &[account, kind, of_year]).await?.int("n")?;
    let documents: Result<_, _> = rows.iter().map(decode).collect();
    Ok((documents?, total))
}
