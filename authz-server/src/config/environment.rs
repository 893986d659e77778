//! Settings from environment variables named `AUTHZ_SECTION__KEY`.
//! Variables without the double underscore are somebody else's and are not looked at.

use figment::{
    Error, Metadata, Profile, Provider,
    value::{Dict, Map, Value},
};

use super::schema::{self, Kind};

const PREFIX: &str = "AUTHZ_";

/// The environment as a layer above the file. Text stays text: `AUTHZ_BRAND__NAME=007` is a name, not a number.
pub(super) struct Environment {
    variables: Vec<(String, String)>,
}

impl Environment {
    /// Keeps those variables that are ours.
    pub(super) fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let ours =
            |(name, _): &(String, String)| name.strip_prefix(PREFIX).is_some_and(|rest| rest.contains("__"));
        Self {
            variables: variables.into_iter().filter(ours).collect(),
        }
    }
}

impl Provider for Environment {
    fn metadata(&self) -> Metadata {
        Metadata::named("environment").interpolater(|_, keys| variable(keys))
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        let root = schema::root();
        let mut settings = Dict::new();
        for (name, text) in &self.variables {
            let path = name.trim_start_matches(PREFIX).to_ascii_lowercase();
            let path: Vec<&str> = path.split("__").collect();
            let kind = schema::find(&root, &path).map_or(Kind::Text, schema::kind);
            insert(&mut settings, &path, value(kind, text));
        }
        Ok(Profile::Default.collect(settings))
    }
}

/// The variable that sets a key.
pub(super) fn variable<K: AsRef<str>>(path: &[K]) -> String {
    let keys: Vec<String> = path.iter().map(|key| key.as_ref().to_ascii_uppercase()).collect();
    format!("{PREFIX}{}", keys.join("__"))
}

fn value(kind: Kind, text: &str) -> Value {
    let parsed = match kind {
        Kind::Text => None,
        Kind::Whole => text.parse::<i64>().ok().map(Value::from),
        Kind::Number => text.parse::<f64>().ok().map(Value::from),
        Kind::Flag => text.parse::<bool>().ok().map(Value::from),
        Kind::List | Kind::Table => toml_value(text),
    };
    parsed.unwrap_or_else(|| Value::from(text))
}

fn toml_value(text: &str) -> Option<Value> {
    let table: toml::Table = toml::from_str(&format!("it = {text}")).ok()?;
    Value::serialize(table.get("it")?).ok()
}

fn insert(settings: &mut Dict, path: &[&str], value: Value) {
    match path {
        [] => {}
        [last] => {
            settings.insert((*last).to_owned(), value);
        }
        [first, rest @ ..] => {
            let mut inner = match settings.remove(*first) {
                Some(Value::Dict(_, inner)) => inner,
                _ => Dict::new(),
            };
            insert(&mut inner, rest, value);
            settings.insert((*first).to_owned(), Value::from(inner));
        }
    }
}
