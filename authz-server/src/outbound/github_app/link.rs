//! The address of the next page, from a `Link` header (RFC 8288 §3).
//! Refuses to leave the API: the token goes along.

use domain::github_app::GithubError;
use http::HeaderMap;
use http::header::LINK;
use url::Url;

/// Where the list goes on, if it does.
pub(super) fn next(headers: &HeaderMap, api: &Url) -> Result<Option<String>, GithubError> {
    let lines = headers.get_all(LINK).iter();
    let lines = lines.filter_map(|line| line.to_str().ok());
    let found = lines.flat_map(|line| line.split(',')).find_map(target_of_next);
    let Some(target) = found else {
        return Ok(None);
    };
    let url = Url::parse(target).ok().filter(|url| is_within(url, api));
    match url {
        Some(url) => Ok(Some(url.into())),
        None => Err(GithubError::Unavailable(
            "the next page is somewhere else".to_owned(),
        )),
    }
}

fn target_of_next(value: &str) -> Option<&str> {
    let (target, parameters) = value.trim().strip_prefix('<')?.split_once('>')?;
    let is_next = parameters
        .split(';')
        .any(|one| matches!(one.trim(), "rel=\"next\"" | "rel=next"));
    is_next.then_some(target)
}

fn is_within(url: &Url, api: &Url) -> bool {
    let base = api.path().trim_end_matches('/');
    url.origin() == api.origin()
        && url.username().is_empty()
        && url.password().is_none()
        && url
            .path()
            .strip_prefix(base)
            .is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(line: &str) -> Result<Option<String>, GithubError> {
        let mut headers = HeaderMap::new();
        headers.insert(LINK, line.parse().unwrap());
        next(&headers, &"https://ghe.test/api/v3".parse().unwrap())
    }

    #[test]
    fn the_next_page_is_found_among_others() {
        let line = "<https://ghe.test/api/v3/x?page=1>; rel=\"prev\", <https://ghe.test/api/v3/x?page=3>; rel=\"next\"";
        assert_eq!(
            judge(line).unwrap().as_deref(),
            Some("https://ghe.test/api/v3/x?page=3")
        );
        for line in ["", "<https://ghe.test/api/v3/x>; rel=\"last\"", "nonsense", "<"] {
            assert_eq!(judge(line).unwrap(), None, "{line}");
        }
    }

    /// F03
    #[test]
    fn a_page_elsewhere_is_not_asked_for() {
        for target in [
            "https://evil.test/api/v3/x",
            "http://ghe.test/api/v3/x",
            "https://ghe.test:444/api/v3/x",
            "https://ghe.test/api/v33",
            "https://a@ghe.test/api/v3/x",
            "/api/v3/x",
        ] {
            assert!(judge(&format!("<{target}>; rel=\"next\"")).is_err(), "{target}");
        }
    }
}
