//! The most frequent names of an endless stream, in fixed space (Metwally, Agrawal, El Abbadi 2005).
//! It refuses to miss a frequent one: what may be wrong is a count, by no more than it says.

use serde::{Deserialize, Serialize};

/// Counters of the most frequent names.
#[derive(Debug)]
pub struct Top {
    most: usize,
    entries: Vec<Counted>,
}

/// A name with its count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// The name.
    pub name: String,
    /// How often it came, at most.
    pub count: u64,
    /// How many of these may have been others.
    pub at_most_over: u64,
}

impl Top {
    /// Room for so many names; a name that makes up more than one in `most` is among them.
    #[must_use]
    pub const fn new(most: usize) -> Self {
        Self {
            most,
            entries: Vec::new(),
        }
    }

    /// Counts a name.
    pub fn count(&mut self, name: &str) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.name == name) {
            entry.count += 1;
            return;
        }
        if self.entries.len() < self.most {
            self.entries.push(Counted {
                name: name.to_owned(),
                count: 1,
                at_most_over: 0,
            });
        } else if let Some(least) = self.entries.iter_mut().min_by_key(|entry| entry.count) {
            least.at_most_over = least.count;
            least.count += 1;
            name.clone_into(&mut least.name);
        }
    }

    /// The names, the most frequent first.
    #[must_use]
    pub fn list(&self) -> Vec<Counted> {
        let mut list = self.entries.clone();
        list.sort_by(|one, other| {
            other
                .count
                .cmp(&one.count)
                .then_with(|| one.name.cmp(&other.name))
        });
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    proptest::proptest! {
        #[test]
        fn frequent_names_are_there_and_counts_are_right_within_what_is_said(stream in proptest::collection::vec(0_u8..12, 1..400)) {
            let mut top = Top::new(5);
            let mut truth = HashMap::new();
            for number in &stream {
                top.count(&number.to_string());
                *truth.entry(number.to_string()).or_insert(0_u64) += 1;
            }
            let list = top.list();
            proptest::prop_assert!(list.len() <= 5);
            for entry in &list {
                let real = truth[&entry.name];
                proptest::prop_assert!(real <= entry.count && entry.count - entry.at_most_over <= real);
            }
            for (name, count) in truth {
                let frequent = count * 5 > stream.len() as u64;
                proptest::prop_assert!(!frequent || list.iter().any(|entry| entry.name == name), "{}", name);
            }
        }
    }
}
