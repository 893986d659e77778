//! A document as a PDF that browsers save and do not sniff.
//! Refuses to set pages on the threads that serve, and more of them at once than there is room for.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use model::billing::tax::TaxDocument;
use tokio::sync::Semaphore;

use super::Problem;

pub const PDF: &str = "application/pdf";
const HEADERS: [(header::HeaderName, &str); 5] = [
    (header::CONTENT_TYPE, PDF),
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
];

/// Documents that are being set at once, and those that wait for it besides.
static SETTING: Semaphore = Semaphore::const_new(2);
static ROOM: Semaphore = Semaphore::const_new(34);

pub async fn answer(document: TaxDocument) -> Result<Response, Problem> {
    let _room = ROOM.try_acquire().map_err(|_| Problem::OVERLOADED)?;
    let _turn = SETTING.acquire().await.map_err(|_| Problem::OVERLOADED)?;
    let name = file_name(&document.number);
    let set = tokio::task::spawn_blocking(move || invoice_pdf::render(&document)).await;
    let bytes = match set {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(error)) => return Err(failed(&error)),
        Err(error) => return Err(failed(&error)),
    };
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    for (header, value) in HEADERS {
        headers.insert(header, HeaderValue::from_static(value));
    }
    if let Ok(disposition) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    Ok(response)
}

fn failed(error: &dyn std::error::Error) -> Problem {
    tracing::error!(%error, "an invoice can't be printed");
    Problem::INTERNAL
}

/// `INV-26-27-000001.pdf`: letters, digits and dashes, whatever the number is.
fn file_name(number: &str) -> String {
    let kept = number
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' });
    format!("{}.pdf", kept.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// B08
    #[test]
    fn a_file_name_can_break_no_header() {
        assert_eq!(file_name("INV/26-27/000001"), "INV-26-27-000001.pdf");
        assert_eq!(file_name("a\"\r\nb: c"), "a---b--c.pdf");
    }
}
