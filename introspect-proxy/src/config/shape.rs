//! Turns what was read into a [`Config`], and says of every key that is unknown, missing or of the wrong type what it should be.
//! It refuses to quote values of the wrong type, which may be secret.

use super::Config;
use figment::value::{Dict, Value};
use figment::{Profile, Provider};
use operator_messages::Wrong;

/// Makes a configuration of `found`; `environment` is the part of it that came from there.
///
/// # Errors
/// A sentence for each problem, beginning with the key.
pub fn read(found: Dict, environment: &impl Provider) -> Result<Config, Vec<String>> {
    operator_messages::read(&Value::from(found)).map_err(|wrong| {
        let variables = variables(environment);
        wrong.iter().map(|wrong| sentence(wrong, &variables)).collect()
    })
}

fn variables(environment: &impl Provider) -> Value {
    let read = environment.data().ok();
    let dict = read.and_then(|mut profiles| profiles.remove(&Profile::Default));
    Value::from(dict.unwrap_or_default())
}

fn sentence(wrong: &Wrong, variables: &Value) -> String {
    let Wrong { path, key, reason } = wrong;
    match variable(path, variables) {
        Some(variable) => format!("{key}: {reason} (from {variable})"),
        None => format!("{key}: {reason}"),
    }
}

/// The variable that the value came from, when it came from one.
fn variable(path: &[String], variables: &Value) -> Option<String> {
    let depth = (1..=path.len()).rev().find(|depth| {
        let found = variables.find_ref(&path[..*depth].join("."));
        found.is_some_and(|found| found.as_dict().is_none())
    })?;
    let name = path[..depth].join("__").to_ascii_uppercase();
    Some(format!("PROXY_{name}"))
}

#[cfg(test)]
mod tests {
    use super::super::parse;

    const MINIMAL: &str = "listeners = [{ name = \"public\", listen = \"127.0.0.1:0\" }]\n\
        authorization_server = { issuer = \"http://127.0.0.1:8080\", client_id = \"edge\", client_secret = \"0123456789abcdef\" }\n";

    fn said(lines: &str) -> String {
        let refused = parse(&format!("{MINIMAL}{lines}")).err();
        refused.map_or_else(String::new, |error| error.to_string())
    }

    #[test]
    fn every_key_of_the_wrong_shape_is_told_at_once() {
        let lines = "[cache]\nttl = 60\nmax_entires = 1\n[limits]\nheader_bytes = \"many\"\n[log]\nformat = \"xml\"\n\
            [admin]\nlisten = \"localhost:9091\"\n[[routes]]\nname = \"orders\"\nmatch = 5\nrequire = {}\nobserv = true";
        assert_eq!(
            said(lines).lines().collect::<Vec<_>>(),
            [
                "admin.listen: must be an address with a port, such as \"127.0.0.1:8080\"",
                "cache.max_entires: is not a setting; did you mean `max_entries`?",
                "cache.ttl: must be a duration such as 500ms, 2s or 5m, not this number",
                "limits.header_bytes: must be a whole number, not this text",
                "log.format: `xml` is none of pretty, json",
                "routes.orders.match: must be a table, not this number",
                "routes.orders.observ: is not a setting; did you mean `observe`?",
            ]
        );
    }

    #[test]
    fn a_secret_of_the_wrong_type_or_on_a_broken_line_is_not_quoted() {
        for lines in [
            "[shared_limits]\nurl = 20151114\nproxies = 1",
            "[x]\ny = \"20151114",
        ] {
            let said = said(lines);
            assert!(!said.is_empty() && !said.contains("20151114"), "{said}");
        }
    }
}
