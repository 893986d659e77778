//! What time brings: collections decided, refunds processed, periods charged, each at its instant and in order.
//! Never lets time go back.

use std::collections::BTreeSet;

use super::World;

/// Something that happens by itself.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Collection(String),
    Refund(String),
    Subscription(String),
}

impl World {
    /// Lets everything happen that is due by now.
    pub(crate) fn turn(&mut self, now_ms: i64) {
        let now = (now_ms / 1_000).max(self.now);
        while let Some((at, due)) = self.next_due().filter(|(at, _)| *at <= now) {
            self.now = self.now.max(at);
            self.post.at(self.now.saturating_mul(1_000));
            match due {
                Due::Collection(id) => {
                    self.books.undecided.pop_first();
                    self.decide(&id);
                }
                Due::Refund(id) => {
                    self.books.unprocessed.pop_first();
                    self.process_refund(&id);
                }
                Due::Subscription(id) => self.come_due(&id),
            }
        }
        self.now = now;
        self.post.at(now_ms);
    }

    fn next_due(&self) -> Option<(i64, Due)> {
        let first = |agenda: &BTreeSet<(i64, String)>| agenda.first().cloned();
        let collection = first(&self.books.undecided).map(|(at, id)| (at, Due::Collection(id)));
        let refund = first(&self.books.unprocessed).map(|(at, id)| (at, Due::Refund(id)));
        let subscription = self
            .next_subscription()
            .map(|(at, id)| (at, Due::Subscription(id)));
        [collection, refund, subscription].into_iter().flatten().min()
    }
}
