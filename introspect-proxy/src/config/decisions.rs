//! The `[decisions]` section: what is remembered of refusals, so that they can be explained.
//! It refuses nothing: zero means that nothing is remembered.

use serde::{Deserialize, Serialize};

/// What is remembered of refusals.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Decisions {
    /// How many refusals, the latest ones; 0 for none.
    pub keep: usize,
    /// How many with the same route and code in one second.
    pub per_second: u32,
}

impl Default for Decisions {
    fn default() -> Self {
        Self {
            keep: 2000,
            per_second: 20,
        }
    }
}
