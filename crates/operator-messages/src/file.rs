//! Reads TOML, and says where a file stops being that.
//! Refuses to quote the line: it may hold a secret.

/// Where a text stops being TOML.
#[derive(Debug, PartialEq, Eq)]
pub struct NoToml {
    /// The line, counted from one.
    pub line: usize,
    /// What the reader expected there.
    pub reason: String,
}

/// The text as it stands.
///
/// # Errors
/// The first line that is no TOML.
pub fn table(text: &str) -> Result<toml::Table, NoToml> {
    text.parse().map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or("");
        NoToml {
            line: 1 + before.matches('\n').count(),
            reason: error.message().replace('\n', ", "),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::table;

    #[test]
    fn a_broken_line_is_told_by_its_number_and_not_quoted() {
        let wrong = table("a = 1\nb = \"20151114\nc = 2").unwrap_err();
        assert_eq!(wrong.line, 2);
        assert!(!wrong.reason.is_empty() && !wrong.reason.contains("20151114"));
        assert_eq!(table("a = 1").unwrap()["a"].as_integer(), Some(1));
    }
}
