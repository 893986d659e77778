//! Turns what was read into a [`Config`], and says of every key that is unknown, missing or of the wrong type what it should be.
//! Refuses to quote values of the wrong type, which may be secret.

use figment::value::{Dict, Value};
use operator_messages::{label, nearest};

use super::{Config, ConfigError, Problems, schema};

/// Makes a configuration of what was found.
pub(super) fn read(found: &Dict) -> Result<Config, ConfigError> {
    let mut problems = Problems::default();
    let whole = Value::from(found.clone());
    unknown_keys(&whole, &schema::root(), "", &mut problems);
    problems.into_result()?;
    operator_messages::read(&whole).map_err(|wrong| {
        let mut problems = Problems::default();
        for wrong in wrong {
            problems.add(wrong.key, wrong.reason);
        }
        problems.into_error()
    })
}

fn unknown_keys(found: &Value, node: &serde_json::Value, prefix: &str, problems: &mut Problems) {
    if let (Value::Array(_, entries), Some(entry)) = (found, schema::entry(node)) {
        let prefix = prefix.trim_end_matches('.');
        for (index, inner) in entries.iter().enumerate() {
            unknown_keys(
                inner,
                entry,
                &format!("{prefix}{}.", label(inner, index)),
                problems,
            );
        }
    }
    let (Value::Dict(_, found), Some(known)) = (found, schema::properties(node)) else {
        return;
    };
    for (name, value) in found {
        match known.get(name) {
            Some(child) => unknown_keys(value, child, &format!("{prefix}{name}."), problems),
            None => problems.add(
                format!("{prefix}{name}"),
                format!(
                    "is not a setting; {}",
                    nearest(name, known.keys().map(String::as_str))
                ),
            ),
        }
    }
}
