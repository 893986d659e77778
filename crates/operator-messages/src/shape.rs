//! Turns what was found into a configuration, and says of every value that has the wrong shape what it should be.

use crate::place::{key, take_out};
use crate::words::reason;
use figment::Error;
use figment::error::Kind;
use figment::value::Value;
use serde::Deserialize;

/// More would not be read.
const MOST: usize = 30;

/// Something that is unknown, missing or of the wrong type.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Its way through tables and lists.
    pub path: Vec<String>,
    /// The same as people say it: entries of lists go by their id or name.
    pub key: String,
    /// Why it cannot be accepted, and what would be.
    pub reason: String,
}

/// Makes a configuration of what was found.
///
/// # Errors
/// Everything that is wrong, in the order of reading, up to a number that nobody would read to the end.
pub fn read<'de, C: Deserialize<'de>>(found: &Value) -> Result<C, Vec<Wrong>> {
    let mut rest = found.clone();
    let (mut wrong, mut taken) = (Vec::new(), Vec::new());
    // The reader stops at the first problem: what is wrong is taken out, and the rest read again.
    while taken.len() < MOST {
        let error = match rest.deserialize() {
            Ok(config) if taken.is_empty() => return Ok(config),
            Ok(_) => break,
            Err(error) => error,
        };
        let path = place(&error);
        // What was wrong is not missing as well.
        if !taken.contains(&path) {
            wrong.push(Wrong {
                key: key(&path, found),
                reason: reason(&error.kind),
                path,
            });
        }
        if !take_out(&mut rest, &error.path) {
            break;
        }
        taken.push(error.path);
    }
    Err(wrong)
}

/// Where the problem is; of something missing, where it should be.
fn place(error: &Error) -> Vec<String> {
    let mut path = error.path.clone();
    if let Kind::MissingField(field) = &error.kind {
        path.push(field.to_string());
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use figment::value::Dict;
    use std::net::SocketAddr;

    #[derive(Debug, Default, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Config {
        listen: Option<SocketAddr>,
        secret: String,
        entries: u32,
        format: Format,
        routes: Vec<Route>,
    }

    #[derive(Debug, Default, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Format {
        #[default]
        Pretty,
        Json,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Route {
        #[expect(dead_code, reason = "only its shape is read")]
        name: String,
        #[expect(dead_code, reason = "only its shape is read")]
        require: Dict,
        #[serde(default)]
        #[expect(dead_code, reason = "only its shape is read")]
        observe: bool,
    }

    fn said(text: &str) -> Vec<String> {
        let table = crate::table(text).unwrap();
        let wrong = read::<Config>(&Value::serialize(table).unwrap()).unwrap_err();
        let said = wrong
            .into_iter()
            .map(|wrong| format!("{}: {}", wrong.key, wrong.reason));
        said.collect()
    }

    #[test]
    fn a_key_with_a_slip_is_told_with_the_one_that_was_meant() {
        assert_eq!(
            said("[[routes]]\nname = \"orders\"\nrequire = {}\nobserv = true"),
            ["routes.orders.observ: is not a setting; did you mean `observe`?"]
        );
        assert_eq!(
            said("[queue]"),
            ["queue: is not a setting; there are listen, secret, entries, format, routes"]
        );
    }

    #[test]
    fn every_key_of_the_wrong_shape_is_told_at_once() {
        assert_eq!(
            said("listen = \"localhost:9091\"\nentires = 1\nentries = \"many\"\nformat = \"xml\""),
            [
                "entires: is not a setting; did you mean `entries`?",
                "entries: must be a whole number, not this text",
                "format: `xml` is none of pretty, json",
                "listen: must be an address with a port, such as \"127.0.0.1:8080\"",
            ]
        );
    }

    #[test]
    fn what_was_wrong_is_not_told_as_missing_too() {
        assert_eq!(
            said("entires = 1\n[[routes]]\nname = \"orders\"\nrequire = 5"),
            [
                "entires: is not a setting; did you mean `entries`?",
                "routes.orders.require: must be a table, not this number",
            ]
        );
    }

    #[test]
    fn what_is_missing_is_told_with_the_entry_it_is_missing_in() {
        assert_eq!(
            said("[[routes]]\nname = \"orders\""),
            ["routes.orders.require: is missing"]
        );
        assert_eq!(said("[[routes]]\nrequire = {}"), ["routes[0].name: is missing"]);
    }

    #[test]
    fn a_secret_of_the_wrong_type_is_not_quoted() {
        assert_eq!(
            said("secret = 20151114"),
            ["secret: must be text in quotes, not this number"]
        );
    }
}
