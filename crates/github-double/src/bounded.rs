//! A small map that forgets its oldest entry when it is full.
//! Never grows past its limit, and never reorders.

use std::collections::VecDeque;

/// Entries by text key, oldest first.
pub(crate) struct Bounded<V> {
    entries: VecDeque<(String, V)>,
    limit: usize,
}

impl<V> Bounded<V> {
    pub(crate) const fn new(limit: usize) -> Self {
        Self {
            entries: VecDeque::new(),
            limit,
        }
    }

    /// Adds an entry under a fresh key; the oldest entry goes when there is no room.
    pub(crate) fn insert(&mut self, key: String, value: V) {
        if self.entries.len() >= self.limit {
            self.entries.pop_front();
        }
        self.entries.push_back((key, value));
    }

    pub(crate) fn get(&self, key: &str) -> Option<&V> {
        self.entries
            .iter()
            .find(|(own, _)| own == key)
            .map(|(_, value)| value)
    }

    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut V> {
        self.entries
            .iter_mut()
            .find(|(own, _)| own == key)
            .map(|(_, value)| value)
    }

    pub(crate) fn remove(&mut self, key: &str) -> Option<V> {
        let index = self.entries.iter().position(|(own, _)| own == key)?;
        self.entries.remove(index).map(|(_, value)| value)
    }

    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&V) -> bool) {
        self.entries.retain(|(_, value)| keep(value));
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &V)> {
        self.entries.iter().map(|(key, value)| (key.as_str(), value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_map_forgets_its_oldest_entry() {
        let mut map = Bounded::new(2);
        for name in ["a", "b", "c"] {
            map.insert(name.to_owned(), name.len());
        }
        assert!(map.get("a").is_none());
        assert_eq!(map.remove("b"), Some(1));
        assert_eq!(map.iter().map(|(key, _)| key).collect::<Vec<_>>(), ["c"]);
    }
}
