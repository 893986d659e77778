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
            reason: error.message().replace('\n', ", ") + &twice(&error, text),
        }
    })
}

/// The key that is there twice: a name, and no secret. A list that was begun in one form can't be continued in the other.
fn twice(error: &toml::de::Error, text: &str) -> String {
    let span = error.span().unwrap_or_default();
    let key = text.get(span.clone()).unwrap_or("");
    let is_key = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if error.message() != "duplicate key" || key.is_empty() || !key.bytes().all(is_key) {
        return String::new();
    }
    match text[..span.start].ends_with("[[") {
        true => format!(" `{key}`: write every entry as `[[{key}]]`, or all as `{key} = [{{ … }}, …]`"),
        false => format!(" `{key}`"),
    }
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

    #[test]
    fn a_list_in_two_forms_is_told_by_its_name() {
        let wrong = table("upstreams = [{ name = \"a\" }]\n\n[[upstreams]]\nname = \"b\"").unwrap_err();
        assert_eq!(
            (wrong.line, wrong.reason.contains("`[[upstreams]]`")),
            (3, true),
            "{wrong:?}"
        );
        let wrong = table("a = \"20151114\"\na = \"20151114\"").unwrap_err();
        assert!(
            wrong.reason.contains("`a`") && !wrong.reason.contains("20151114"),
            "{wrong:?}"
        );
    }
}
