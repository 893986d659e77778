//! Which form of an answer is asked for.
//! Refuses to weigh: whoever names a form, and does not refuse it, gets it.

use http::{HeaderMap, header};

/// Whether `Accept` names this media type itself, not by a `*`, and not as what is unwanted (RFC 9110 §12.5.1).
pub fn names(headers: &HeaderMap, media_type: &str) -> bool {
    let lines = headers.get_all(header::ACCEPT).iter();
    let mut ranges = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','));
    ranges.any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let named = parts
            .next()
            .is_some_and(|kind| kind.eq_ignore_ascii_case(media_type));
        let unwanted = |part: &str| {
            let weight = part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="));
            weight.is_some_and(|weight| weight.trim_end_matches(['0', '.']).is_empty())
        };
        named && !parts.any(unwanted)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn a_form_must_be_named() {
        for (accept, wanted) in [
            ("application/pdf", true),
            ("Application/PDF;q=0.5", true),
            ("text/html, application/pdf ;q=0.1", true),
            ("*/*", false),
            ("application/*", false),
            ("application/pdf;q=0", false),
            ("application/pdf; q=0.000", false),
            ("application/pdfx", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            assert_eq!(names(&headers, "application/pdf"), wanted, "{accept}");
        }
        assert!(!names(&HeaderMap::new(), "application/pdf"));
    }
}
