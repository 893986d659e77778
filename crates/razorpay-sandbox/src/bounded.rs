//! Things by id in the order in which they came.
//! Never grows past its limit: the oldest one goes.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

const LIMIT: usize = 10_000;

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Bounded<T> {
    order: VecDeque<String>,
    entries: BTreeMap<String, T>,
}

impl<T> Default for Bounded<T> {
    fn default() -> Self {
        Self {
            order: VecDeque::new(),
            entries: BTreeMap::new(),
        }
    }
}

impl<T> Bounded<T> {
    /// Adds an entry under a fresh id.
    pub(crate) fn insert(&mut self, id: String, entry: T) {
        if self.order.len() >= LIMIT
            && let Some(oldest) = self.order.pop_front()
        {
            self.entries.remove(&oldest);
        }
        self.order.push_back(id.clone());
        self.entries.insert(id, entry);
    }

    pub(crate) fn get(&self, id: &str) -> Option<&T> {
        self.entries.get(id)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.entries.get_mut(id)
    }

    pub(crate) fn remove(&mut self, id: &str) -> Option<T> {
        self.order.retain(|known| known != id);
        self.entries.remove(id)
    }

    /// Oldest first.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.order.iter().filter_map(|id| self.entries.get(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_entry_goes_when_there_is_no_room() {
        let mut map = Bounded::default();
        for number in 0..=LIMIT {
            map.insert(number.to_string(), number);
        }
        assert!(map.get("0").is_none());
        assert_eq!(map.iter().next(), Some(&1));
        assert_eq!(map.iter().next_back(), Some(&LIMIT));
        assert_eq!(map.remove("1"), Some(1));
        assert_eq!(map.iter().count(), LIMIT - 1);
    }
}
