//! Things by id in the order in which they came.
//! Never grows past its limit: the oldest one goes.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

const LIMIT: usize = 10_000;

/// Finding one is quick, and so is going through all: there may be thousands, and every call looks.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Bounded<T> {
    places: HashMap<String, u64>,
    entries: BTreeMap<u64, (String, T)>,
    next: u64,
}

impl<T> Default for Bounded<T> {
    fn default() -> Self {
        Self {
            places: HashMap::new(),
            entries: BTreeMap::new(),
            next: 0,
        }
    }
}

impl<T> Bounded<T> {
    /// Adds an entry under a fresh id.
    pub(crate) fn insert(&mut self, id: String, entry: T) {
        if self.entries.len() >= LIMIT
            && let Some((_, (oldest, _))) = self.entries.pop_first()
        {
            self.places.remove(&oldest);
        }
        self.places.insert(id.clone(), self.next);
        self.entries.insert(self.next, (id, entry));
        self.next += 1;
    }

    pub(crate) fn get(&self, id: &str) -> Option<&T> {
        let place = self.places.get(id)?;
        self.entries.get(place).map(|(_, entry)| entry)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        let place = self.places.get(id)?;
        self.entries.get_mut(place).map(|(_, entry)| entry)
    }

    pub(crate) fn remove(&mut self, id: &str) -> Option<T> {
        let place = self.places.remove(id)?;
        self.entries.remove(&place).map(|(_, entry)| entry)
    }

    /// Oldest first.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.entries.values().map(|(_, entry)| entry)
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
