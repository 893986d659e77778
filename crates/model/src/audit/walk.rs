//! Following a chain entry by entry and finding whatever is not as it was written.
//! Knows neither files nor tables: both are fed to the same walk.

use std::fmt;

use super::checkpoint::{Checkpoint, Purpose};
use super::entry::Entry;
use super::hash::ChainHash;
use crate::clock::Timestamp;

/// After so many findings the rest is only counted.
const MOST_FINDINGS: usize = 1000;

/// Something that is not as it was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    pub account: String,
    /// Where; none when it concerns the chain as a whole.
    pub seq: Option<i64>,
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.seq {
            Some(seq) => write!(f, "account {}, entry {seq}: {}", self.account, self.what),
            None => write!(f, "account {}: {}", self.account, self.what),
        }
    }
}

/// A list that does not grow for ever.
#[derive(Clone, Default, Debug)]
pub struct Findings {
    pub list: Vec<Finding>,
    pub left_out: usize,
}

impl Findings {
    pub fn add(&mut self, account: &str, seq: Option<i64>, what: impl Into<String>) {
        if self.list.len() >= MOST_FINDINGS {
            self.left_out += 1;
            return;
        }
        self.list.push(Finding {
            account: account.to_owned(),
            seq,
            what: what.into(),
        });
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

/// A walk along the chain of one account.
pub struct Walk {
    account: String,
    /// The number and hash of the last entry seen, or of the one before the first.
    pub seq: i64,
    pub hash: ChainHash,
    pub at: Timestamp,
    pub entries: i64,
    pub erased: i64,
    pub checkpoints: i64,
    /// The number of the last checkpoint seen.
    pub number: Option<i64>,
    pub findings: Findings,
}

impl Walk {
    /// Begins after the entry with this number and hash.
    pub fn after(account: &str, seq: i64, hash: ChainHash) -> Self {
        Self {
            account: account.to_owned(),
            seq,
            hash,
            at: Timestamp::from_micros(i64::MIN),
            entries: 0,
            erased: 0,
            checkpoints: 0,
            number: None,
            findings: Findings::default(),
        }
    }

    /// Begins before the first entry of all.
    pub fn from_the_start(account: &str) -> Self {
        Self::after(account, 0, ChainHash::genesis(account))
    }

    pub fn find(&mut self, seq: Option<i64>, what: impl Into<String>) {
        self.findings.add(&self.account, seq, what);
    }

    /// The next entry. After a finding the walk goes on from what the entry says itself.
    pub fn entry(&mut self, entry: &Entry) {
        let seq = Some(entry.seq);
        if entry.account != self.account {
            self.find(seq, format!("it belongs to account {}", entry.account));
        }
        self.place(entry);
        if entry.hash != entry.expected_hash() {
            self.find(seq, "something in it was changed: its hash is another");
        }
        match &entry.personal {
            None => self.erased += 1,
            Some(personal) if personal.commitment() != entry.commitment => {
                self.find(seq, "its actor's name, address, program or details were changed");
            }
            Some(_) => {}
        }
        if entry.at < self.at {
            self.find(seq, "it is older than the entry before it");
        }
        self.at = entry.at;
        self.entries += 1;
        (self.seq, self.hash) = (entry.seq, entry.hash);
    }

    fn place(&mut self, entry: &Entry) {
        let (seq, expected) = (Some(entry.seq), self.seq.saturating_add(1));
        if entry.seq > expected {
            let last = entry.seq - 1;
            let which = match last == expected {
                true => format!("entry {expected} is missing before it"),
                false => format!("entries {expected} to {last} are missing before it"),
            };
            self.find(seq, which);
        } else if entry.seq < expected {
            self.find(seq, format!("it is out of order: entry {expected} was due"));
        } else if entry.prev_hash != self.hash {
            self.find(seq, "it does not follow from the entry before it");
        }
    }

    /// A checkpoint about the last entry seen.
    pub fn checkpoint(&mut self, checkpoint: &Checkpoint) {
        let seq = Some(checkpoint.seq);
        if checkpoint.account != self.account {
            let what = format!("its checkpoint is about account {}", checkpoint.account);
            return self.find(seq, what);
        }
        if checkpoint.seq > self.seq {
            self.find(
                seq,
                "a signed checkpoint is about this entry, but the log ends before it",
            );
        } else if checkpoint.seq < self.seq {
            self.find(seq, "its checkpoint is out of order");
        } else if checkpoint.hash != self.hash {
            self.find(seq, "a signed checkpoint gives it another hash");
        }
        if checkpoint.purpose == Purpose::Interval {
            let due = self.number.map(|number| number + 1);
            if due.is_some_and(|due| due != checkpoint.number) {
                let what = format!("its checkpoint is number {} and not the next", checkpoint.number);
                self.find(seq, what);
            }
            self.number = Some(checkpoint.number);
        }
        self.checkpoints += 1;
    }
}
