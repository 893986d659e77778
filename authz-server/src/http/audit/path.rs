//! The path of a request as the audit log shows it: ids are kept, what could open something is not.
//! Refuses queries, and whatever in a path looks like a credential.

use model::audit::details::one_line;

const LONGEST_PATH: usize = 512;
/// Ids and names are shorter; tokens, keys and codes with enough random bits are longer.
const LONGEST_ID: usize = 40;
const HIDDEN: &str = "[hidden]";
/// Parameters of templates that are secrets, however short.
const SECRET: [&str; 5] = ["{token}", "{code}", "{secret}", "{key}", "{link}"];

/// `template`: with parameters in braces, as routes are written.
pub(super) fn shown(template: &str, path: &str) -> String {
    let mut names = template.split('/');
    let parts = path.split('/').map(|part| {
        let name = names.next().unwrap_or_default();
        let is_parameter = name.starts_with('{');
        let secret = SECRET.contains(&name) || part.len() > LONGEST_ID || looks_secret(part);
        if is_parameter && secret { HIDDEN } else { part }
    });
    let shown: Vec<&str> = parts.collect();
    one_line(&shown.join("/"), LONGEST_PATH)
}

/// Ours begin so, and so do JWTs.
fn looks_secret(part: &str) -> bool {
    part.starts_with("az_") || part.starts_with("eyJ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_kept_and_what_opens_something_is_hidden() {
        let long = "x".repeat(LONGEST_ID + 1);
        for (template, path, expected) in [
            (
                "/v1/sessions/{id}",
                "/v1/sessions/ses_01h",
                "/v1/sessions/ses_01h",
            ),
            ("/join/{token}", "/join/abc", "/join/[hidden]"),
            ("/x/{id}/y", "/x/az_at_1/y", "/x/[hidden]/y"),
            ("/x/{id}", "/x/eyJhbGciOi", "/x/[hidden]"),
            ("/x/{id}", &format!("/x/{long}"), "/x/[hidden]"),
            ("/", "/", "/"),
        ] {
            assert_eq!(shown(template, path), expected);
        }
    }

    /// T04
    #[test]
    fn a_path_is_one_line_of_bounded_length() {
        let path = format!("/a/{}", "b/".repeat(2000));
        assert_eq!(shown("/a/{*rest}", &path).len(), LONGEST_PATH);
        assert_eq!(shown("/a", "/a\u{85}"), r"/a\u{85}");
    }
}
