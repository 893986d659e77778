//! The wallet's history as a file for spreadsheets (RFC 4180).
//! Refuses to let a text be a formula there (B08).

use std::borrow::Cow;
use std::io;

use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use csv::{Terminator, WriterBuilder};
use domain::billing::TransactionExport;
use futures::stream;
use http::{HeaderMap, header};
use model::billing::LedgerEntry;

use super::accept;
use super::transactions::TransactionBody;

const HEADING: [&str; 9] = [
    "id",
    "at",
    "type",
    "description",
    "amount",
    "wallet_change",
    "balance_after",
    "currency",
    "reference",
];

/// Whoever names it gets it.
pub fn is_wanted(headers: &HeaderMap) -> bool {
    accept::names(headers, "text/csv")
}

/// Read in portions, each when the one before it was taken.
pub fn file(export: TransactionExport) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present"),
        (header::CACHE_CONTROL, "no-store"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"transactions.csv\"",
        ),
    ];
    (
        headers,
        Body::from_stream(stream::try_unfold((export, true), portion)),
    )
        .into_response()
}

type Position = (TransactionExport, bool);

async fn portion((mut export, is_first): Position) -> io::Result<Option<(Bytes, Position)>> {
    let entries = export.next().await.map_err(|fault| {
        tracing::error!(%fault, "an export of transactions was broken off");
        io::Error::other("broken off")
    })?;
    if entries.is_empty() && !is_first {
        return Ok(None);
    }
    let lines = lines(is_first, entries)?;
    Ok(Some((Bytes::from(lines), (export, false))))
}

fn lines(with_heading: bool, entries: Vec<LedgerEntry>) -> io::Result<Vec<u8>> {
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer(Vec::new());
    if with_heading {
        writer.write_record(HEADING)?;
    }
    for entry in entries {
        let entry = TransactionBody::from(entry);
        writer.write_record([
            entry.id.as_str(),
            &entry.at,
            entry.kind,
            &tame(&entry.description),
            &entry.amount.to_string(),
            &entry.wallet_change.to_string(),
            &entry.balance_after.to_string(),
            &entry.currency,
            &tame(&entry.reference),
        ])?;
    }
    writer
        .into_inner()
        .map_err(|error| io::Error::other(error.to_string()))
}

/// A text that no spreadsheet takes for a formula. Numbers are ours and stay numbers.
fn tame(text: &str) -> Cow<'_, str> {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => Cow::Owned(format!("'{text}")),
        false => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use model::Timestamp;
    use model::billing::{Currency, MovementKind};

    fn entry(description: &str) -> LedgerEntry {
        LedgerEntry {
            id: "mov_00000000000000000000000000".parse().unwrap(),
            seq: 1,
            kind: MovementKind::Usage,
            reference: "usage:1".to_owned(),
            currency: Currency::INR,
            amount: 36,
            wallet_change: -36,
            balance_after: -36,
            description: description.to_owned(),
            at: Timestamp::EPOCH,
        }
    }

    /// B08
    #[test]
    fn a_text_is_never_a_formula_and_never_another_row() {
        for (text, cell) in [
            (
                "=HYPERLINK(\"http://evil\",\"x\")",
                "\"'=HYPERLINK(\"\"http://evil\"\",\"\"x\"\")\"",
            ),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@x", "'@x"),
            ("\tx", "'\tx"),
            ("\rx", "\"'\rx\""),
            ("a\r\nb,c", "\"a\r\nb,c\""),
            ("plain", "plain"),
        ] {
            let lines = String::from_utf8(lines(false, vec![entry(text)]).unwrap()).unwrap();
            let expected = format!(
                "mov_00000000000000000000000000,1970-01-01T00:00:00Z,usage,{cell},36,-36,-36,INR,usage:1\r\n"
            );
            assert_eq!(lines, expected);
        }
    }

    #[test]
    fn a_file_is_for_those_who_name_it() {
        for (accept, wanted) in [
            ("text/csv", true),
            ("application/json, Text/CSV;q=0.5", true),
            ("*/*", false),
            ("application/json", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            assert_eq!(is_wanted(&headers), wanted, "{accept}");
        }
    }
}
