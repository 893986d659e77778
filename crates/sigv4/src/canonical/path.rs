//! The path in the canonical request: what was sent, normalised where the service does so, and encoded once more.
//! Refuses a path that does not begin with a slash.

use super::push_encoded;
use crate::refusal::Refusal;
use crate::request::PathForm;

const LONGEST: usize = 8 * 1024;

pub(crate) fn canonical(path: &str, form: PathForm) -> Result<String, Refusal> {
    if path.len() > LONGEST {
        return Err(Refusal::TooLarge("the path"));
    }
    if !path.is_empty() && !path.starts_with('/') {
        return Err(Refusal::Malformed("the path"));
    }
    let mut out = String::with_capacity(path.len() + 16);
    match form {
        PathForm::AsSent => push_segments(&mut out, path.split('/').skip(1)),
        PathForm::Normalised => push_segments(&mut out, normalised(path).into_iter()),
    }
    if out.is_empty() {
        out.push('/');
    }
    Ok(out)
}

fn push_segments<'a>(out: &mut String, segments: impl Iterator<Item = &'a str>) {
    for segment in segments {
        out.push('/');
        push_encoded(out, segment.as_bytes());
    }
}

/// RFC 3986 §5.2.4, and no empty segments but a last one.
fn normalised(path: &str) -> Vec<&str> {
    let mut kept = Vec::new();
    let mut open = false;
    for segment in path.split('/').skip(1) {
        open = matches!(segment, "" | "." | "..");
        match segment {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            other => kept.push(other),
        }
    }
    if open {
        kept.push("");
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_encoded_once_more_than_they_were_sent() {
        for (sent, normalised, as_sent) in [
            ("", "/", "/"),
            ("/", "/", "/"),
            ("/a b", "/a%20b", "/a%20b"),
            ("/a%20b", "/a%2520b", "/a%2520b"),
            ("/a/../b", "/b", "/a/../b"),
            ("/../..", "/", "/../.."),
            ("//a//b//", "/a/b/", "//a//b//"),
            ("/a/.", "/a/", "/a/."),
            ("/%2e%2e/a", "/%252e%252e/a", "/%252e%252e/a"),
        ] {
            assert_eq!(
                canonical(sent, PathForm::Normalised).as_deref(),
                Ok(normalised),
                "{sent}"
            );
            assert_eq!(
                canonical(sent, PathForm::AsSent).as_deref(),
                Ok(as_sent),
                "{sent}"
            );
        }
    }

    #[test]
    fn what_is_no_path_is_refused() {
        assert_eq!(
            canonical("*", PathForm::AsSent),
            Err(Refusal::Malformed("the path"))
        );
        let long = "/a".repeat(LONGEST);
        assert_eq!(
            canonical(&long, PathForm::AsSent),
            Err(Refusal::TooLarge("the path"))
        );
    }
}
