//! A document as a PDF that browsers save and do not sniff.
//! Refuses to set pages on the threads that serve, and more of them at once than there is room for.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use model::billing::tax::TaxDocument;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::Problem;

pub const PDF: &str = "application/pdf";
const HEADERS: [(header::HeaderName, &str); 5] = [
    (header::CONTENT_TYPE, PDF),
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
];

/// Sets pages; one for the whole server.
pub struct Printer {
    /// Documents that are being set.
    setting: Semaphore,
    /// Those, and the ones that wait for it.
    room: Semaphore,
}

impl Default for Printer {
    fn default() -> Self {
        Self::new(2, 32)
    }
}

/// Room for one document.
pub struct Place<'p> {
    printer: &'p Printer,
    _room: SemaphorePermit<'p>,
}

impl Printer {
    /// So many documents are set at once, and so many wait besides.
    #[must_use]
    pub const fn new(at_once: usize, waiting: usize) -> Self {
        Self {
            setting: Semaphore::const_new(at_once),
            room: Semaphore::const_new(at_once + waiting),
        }
    }

    /// Room for one more. To be asked for before anything is used up for it.
    ///
    /// # Errors
    /// There is none at the moment.
    pub fn place(&self) -> Result<Place<'_>, Problem> {
        let room = self.room.try_acquire().map_err(|_| Problem::OVERLOADED)?;
        Ok(Place {
            printer: self,
            _room: room,
        })
    }
}

impl Place<'_> {
    /// The document as a file.
    ///
    /// # Errors
    /// It can't be printed.
    pub async fn print(self, document: TaxDocument) -> Result<Response, Problem> {
        let turn = self.printer.setting.acquire().await;
        let _turn = turn.map_err(|_| Problem::OVERLOADED)?;
        let name = file_name(&document.number);
        let set = tokio::task::spawn_blocking(move || invoice_pdf::render(&document)).await;
        match set {
            Ok(Ok(bytes)) => Ok(file(bytes, &name)),
            Ok(Err(error)) => Err(failed(&error)),
            Err(error) => Err(failed(&error)),
        }
    }
}

fn file(bytes: Vec<u8>, name: &str) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    for (header, value) in HEADERS {
        headers.insert(header, HeaderValue::from_static(value));
    }
    if let Ok(disposition) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
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
