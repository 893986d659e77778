//! The part of a request that is counted: promised when it is let through, counted once its answer begins.
//! It refuses to count a request twice; one that nobody counts gives its promise back.

use super::{Cell, Meter};
use crate::config::Counted;
use std::sync::Arc;

/// What is counted of one request.
#[derive(Debug)]
pub struct Metered {
    cell: Arc<Cell>,
    meter: Arc<Meter>,
    /// Promised and not counted yet.
    held: u64,
    /// Counted.
    noted: u64,
    verdict: Verdict,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// It counts once its answer is one that does.
    Open,
    Counts,
    Never,
}

/// Bytes of contents so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Passed {
    /// From the client.
    pub read: usize,
    /// To the client.
    pub sent: usize,
}

impl Metered {
    /// A request whose part of the counter was taken.
    #[must_use]
    pub fn new(cell: Arc<Cell>, meter: Arc<Meter>) -> Self {
        let verdict = if meter.counts_always() {
            Verdict::Counts
        } else {
            Verdict::Open
        };
        Self {
            held: meter.quantity,
            noted: 0,
            cell,
            meter,
            verdict,
        }
    }

    /// The final answer begins: the request counts now, and what lasts counts from its beginning on.
    pub fn answered(&mut self, succeeds: bool, passed: Passed) {
        if self.verdict == Verdict::Open {
            self.verdict = if succeeds { Verdict::Counts } else { Verdict::Never };
        }
        self.passes(passed);
    }

    /// More of its contents passed.
    pub fn passes(&mut self, passed: Passed) {
        if self.verdict != Verdict::Counts {
            return;
        }
        let total = match self.meter.count {
            Counted::Requests => {
                let held = std::mem::take(&mut self.held);
                if held > 0 {
                    self.cell.count_taken(held);
                    self.noted += held;
                }
                return;
            }
            Counted::RequestBytes => passed.read,
            Counted::ResponseBytes => passed.sent,
        };
        let more = (total as u64).saturating_sub(self.noted);
        if more > 0 {
            self.cell.count(more);
            self.noted += more;
        }
    }

    /// Whether what passes has to be told as it does.
    #[must_use]
    pub fn counts_bytes(&self) -> bool {
        self.meter.count != Counted::Requests
    }

    /// A forward-auth call passes: its answer is not seen, so the request counts now. `false` when that can't be, because
    /// bytes count.
    #[must_use]
    pub fn unseen(mut self) -> bool {
        self.answered(true, Passed::default());
        !self.counts_bytes()
    }

    /// What it is reported as.
    #[must_use]
    pub fn metric(&self) -> &str {
        &self.meter.metric
    }

    /// How much was counted.
    #[must_use]
    pub const fn noted(&self) -> u64 {
        self.noted
    }
}

impl Drop for Metered {
    fn drop(&mut self) {
        if self.held > 0 {
            self.cell.give_back(self.held);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{CustomMeter, When};

    fn request(count: Counted, when: When) -> (Arc<Cell>, Metered) {
        let meter = crate::config::Meter::Custom(CustomMeter {
            metric: "calls".to_owned(),
            quantity: None,
            count,
            when,
        });
        let meter = Meter::compile(&meter).unwrap();
        let cell = Arc::new(Cell::new("1", &meter.metric));
        assert!(cell.take(meter.quantity, None));
        (Arc::clone(&cell), Metered::new(cell, Arc::new(meter)))
    }

    const fn passed(read: usize, sent: usize) -> Passed {
        Passed { read, sent }
    }

    #[test]
    fn a_request_counts_once_and_when_its_answer_begins() {
        let (cell, mut metered) = request(Counted::Requests, When::Success);
        metered.passes(passed(9, 0));
        assert_eq!((cell.taken(), cell.tell()), (1, 0));
        metered.answered(true, passed(9, 0));
        metered.passes(passed(9, 9));
        assert_eq!((cell.tell(), metered.noted()), (1, 1));
        drop(metered);
        assert_eq!((cell.tell(), cell.taken()), (0, 1));
    }

    #[test]
    fn a_request_that_fails_gives_back_what_it_was_promised() {
        let (cell, mut metered) = request(Counted::Requests, When::Success);
        metered.answered(false, passed(0, 0));
        metered.passes(passed(0, 500));
        drop(metered);
        assert_eq!((cell.tell(), cell.taken()), (0, 0));
        let (cell, mut metered) = request(Counted::Requests, When::Always);
        metered.answered(false, passed(0, 0));
        assert_eq!(cell.tell(), 1);
    }

    #[test]
    fn bytes_count_as_they_pass_and_not_before_the_answer_is_good() {
        let (cell, mut metered) = request(Counted::RequestBytes, When::Success);
        metered.passes(passed(100, 0));
        assert_eq!(cell.tell(), 0);
        metered.answered(true, passed(150, 0));
        metered.passes(passed(200, 7));
        metered.passes(passed(200, 9));
        assert_eq!((cell.tell(), metered.noted()), (200, 200));
        let (cell, mut metered) = request(Counted::ResponseBytes, When::Success);
        metered.answered(true, passed(150, 0));
        metered.passes(passed(150, 3));
        assert_eq!(cell.tell(), 3);
        assert!(!metered.unseen());
    }
}
