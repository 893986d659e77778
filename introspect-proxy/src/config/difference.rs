//! Which sections of two configurations differ, of those that a running proxy cannot change.
//! It refuses to say how: values may be secret.

use super::Config;
use std::collections::BTreeSet;
use toml::Value;

/// What a reload takes over.
const RELOADED: [&str; 4] = ["routes", "upstreams", "check", "usage"];
const SERVER: &str = "authorization_server";

/// The names of the sections that differ and count only from the next start or upgrade on.
#[must_use]
pub fn fixed_differences(old: &Config, new: &Config) -> Vec<String> {
    let secret = |config: &Config| {
        let secret = config.authorization_server.client_secret.as_ref();
        secret.map(|secret| secret.expose().to_owned())
    };
    let mut names: BTreeSet<String> = BTreeSet::new();
    // A secret serializes as a fixed word.
    if new.authorization_server.client_secret_file.is_none() && secret(old) != secret(new) {
        names.insert(SERVER.to_owned());
    }
    if let (Ok(Value::Table(old)), Ok(Value::Table(new))) = (Value::try_from(old), Value::try_from(new)) {
        let all = old.keys().chain(new.keys());
        let fixed = all.filter(|name| !RELOADED.contains(&name.as_str()) && old.get(*name) != new.get(*name));
        names.extend(fixed.cloned());
    }
    names.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse;

    fn with(secret: &str, rest: &str) -> Config {
        let text = format!(
            "[authorization_server]\nissuer = \"https://id.example\"\nclient_id = \"edge\"\n\
             client_secret = \"{secret}\"\n[[listeners]]\nname = \"a\"\nlisten = \"127.0.0.1:0\"\n{rest}"
        );
        parse(&text).unwrap()
    }

    #[test]
    fn routes_may_change_and_the_rest_is_named() {
        let old = with("0123456789abcdef", "");
        let route = "[[routes]]\nname = \"r\"\nmatch = { path = \"/r\" }\nrequire = { anonymous = true }\n";
        assert!(fixed_differences(&old, &with("0123456789abcdef", route)).is_empty());
        let usage = with("0123456789abcdef", "[usage]\ninterval = \"5s\"\n");
        assert!(fixed_differences(&old, &usage).is_empty());
        let limits = with("0123456789abcdef", "[limits]\nheader_count = 7\n");
        assert_eq!(fixed_differences(&old, &limits), ["limits"]);
        let secret = with("fedcba9876543210", "");
        assert_eq!(fixed_differences(&old, &secret), [SERVER]);
    }
}
