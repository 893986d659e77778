//! Client ids that are URLs (OAuth Client ID Metadata Document §3).
//! Refuses every spelling but one, and hosts the operator has not let in.

use crate::settings::StrangerSettings;
use url::Url;

/// The host of an id that may be fetched.
pub(super) fn host(id: &str, settings: &StrangerSettings) -> Option<String> {
    let url = Url::parse(id)
        .ok()
        .filter(|url| url.as_str() == id && url.scheme() == "https")?;
    let extra = !url.username().is_empty()
        || url.password().is_some()
        || url.fragment().is_some()
        || url.query().is_some();
    // §3: it has a path; what the parser would have to tidy is not equal to itself any more.
    if extra || id.contains('@') || url.path() == "/" {
        return None;
    }
    let host = url.host_str()?.to_owned();
    let within = |name: &String| {
        host == *name
            || host
                .strip_suffix(name.as_str())
                .is_some_and(|rest| rest.ends_with('.'))
    };
    let allowed = settings.allowed_hosts.is_empty() || settings.allowed_hosts.iter().any(within);
    (allowed && !settings.denied_hosts.iter().any(within)).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    #[test]
    fn one_spelling_of_an_https_url_with_a_path() {
        let settings = Settings::default().strangers;
        assert_eq!(
            host("https://app.example/client.json", &settings).as_deref(),
            Some("app.example")
        );
        for id in [
            "http://app.example/c",
            "https://app.example",
            "https://app.example/",
            "https://App.example/c",
            "https://app.example:443/c",
            "https://app.example/a/../c",
            "https://app.example/c#x",
            "https://app.example/c?x",
            "https://u@app.example/c",
            "https://@app.example/c",
            "https://2130706433/c",
            "https://0x7f.1/c",
            "https:/app.example/c",
            "app",
        ] {
            assert_eq!(host(id, &settings), None, "{id}");
        }
    }

    #[test]
    fn hosts_are_let_in_with_everything_below_them() {
        let mut settings = Settings::default().strangers;
        settings.allowed_hosts = vec!["example".to_owned()];
        settings.denied_hosts = vec!["bad.example".to_owned()];
        for (id, taken) in [
            ("https://a.example/c", true),
            ("https://example/c", true),
            ("https://notexample/c", false),
            ("https://bad.example/c", false),
            ("https://a.bad.example/c", false),
            ("https://notbad.example/c", true),
        ] {
            assert_eq!(host(id, &settings).is_some(), taken, "{id}");
        }
    }
}
