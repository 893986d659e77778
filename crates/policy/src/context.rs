//! What is known about a request besides action and resource.
//! Refuses to tell an empty value from a missing one: both are absent.

use std::collections::BTreeMap;

/// Keys and their values. Keys do not mind case, values do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    values: BTreeMap<String, Vec<String>>,
}

impl Context {
    /// A context that knows nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a value to a key; a blank value adds nothing.
    pub fn add(&mut self, key: &str, value: impl Into<String>) {
        let value = value.into();
        if !value.is_empty() {
            let key = key.to_ascii_lowercase();
            self.values.entry(key).or_default().push(value);
        }
    }

    /// Sets a key to these values alone.
    pub fn set<V: Into<String>>(&mut self, key: &str, values: impl IntoIterator<Item = V>) {
        self.values.remove(&key.to_ascii_lowercase());
        for value in values {
            self.add(key, value);
        }
    }

    /// The same with one more value.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.add(key, value);
        self
    }

    /// All that is said, keys in lower case.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.values
            .iter()
            .map(|(key, values)| (key.as_str(), values.as_slice()))
    }

    /// The values of a key in lower case; none where it is absent.
    pub(crate) fn get(&self, key: &str) -> &[String] {
        self.values.get(key).map_or(&[], Vec::as_slice)
    }

    /// The value of a key in lower case that has exactly one.
    pub(crate) fn single(&self, key: &str) -> Option<&str> {
        match self.get(key) {
            [value] => Some(value),
            _ => None,
        }
    }
}
