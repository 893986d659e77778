//! Reports that travel together, under a name that stays when they are sent again.
//! It refuses to be larger than the server takes.

use super::Report;
use serde::Serialize;
use std::hash::{BuildHasher, RandomState};
use tokio::sync::mpsc::Receiver;

/// With the longest of each part, below what the server takes as one body (64 KiB).
const MOST: usize = 40;

/// What is sent.
#[derive(Serialize)]
pub(super) struct Batch {
    batch: String,
    pub(super) entries: Vec<Report>,
}

/// Names batches: of this process, counted.
pub(crate) struct Names {
    process: String,
    count: u64,
}

impl Names {
    /// 128 bits that no other process draws.
    pub(crate) fn new() -> Self {
        let (one, other) = (RandomState::new(), RandomState::new());
        Self {
            process: format!("{:016x}{:016x}", one.hash_one(0_u8), other.hash_one(1_u8)),
            count: 0,
        }
    }

    pub(crate) fn next(&mut self) -> String {
        self.count += 1;
        format!("{}-{}", self.process, self.count)
    }
}

/// What waits, at most a batch of it; none when nothing waits.
pub(super) fn gather(
    first: Option<Report>,
    waiting: &mut Receiver<Report>,
    names: &mut Names,
) -> Option<Batch> {
    let mut entries: Vec<Report> = first.into_iter().collect();
    while entries.len() < MOST
        && let Ok(report) = waiting.try_recv()
    {
        entries.push(report);
    }
    (!entries.is_empty()).then(|| Batch {
        batch: names.next(),
        entries,
    })
}
