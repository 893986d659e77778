//! What came in and what went out, oldest first.
//! Forgets the oldest when it is full.

use std::collections::VecDeque;

use crate::bounded::Bounded;
use crate::seen::{SeenRequest, SentEvent};
use crate::webhook::Delivery;

const MAX_SEEN: usize = 10_000;
const MAX_SENT: usize = 1_000;

/// The journal.
pub(crate) struct Journal {
    seen: VecDeque<SeenRequest>,
    sent: Bounded<(Delivery, Option<u16>)>,
    handed_over: u64,
}

impl Default for Journal {
    fn default() -> Self {
        Self {
            seen: VecDeque::new(),
            sent: Bounded::new(MAX_SENT),
            handed_over: 0,
        }
    }
}

impl Journal {
    pub(crate) fn record(&mut self, request: SeenRequest) {
        if self.seen.len() >= MAX_SEEN {
            self.seen.pop_front();
        }
        self.seen.push_back(request);
    }

    pub(crate) fn seen(&self) -> Vec<SeenRequest> {
        self.seen.iter().cloned().collect()
    }

    pub(crate) fn forget_seen(&mut self) {
        self.seen.clear();
    }

    pub(super) fn sent(&mut self, delivery: Delivery) {
        self.sent.insert(delivery.id.clone(), (delivery, None));
    }

    /// Counts what was given to the sender, also again.
    pub(super) const fn count_handed_over(&mut self) {
        self.handed_over += 1;
    }

    pub(crate) const fn handed_over(&self) -> u64 {
        self.handed_over
    }

    pub(super) fn delivery(&self, id: &str) -> Option<Delivery> {
        self.sent.get(id).map(|(delivery, _)| delivery.clone())
    }

    pub(crate) fn answered(&mut self, id: &str, status: Option<u16>) {
        if let Some(entry) = self.sent.get_mut(id) {
            entry.1 = status;
        }
    }

    pub(crate) fn events(&self) -> Vec<SentEvent> {
        let event = |(delivery, status): &(Delivery, Option<u16>)| SentEvent {
            delivery: delivery.id.clone(),
            event: delivery.event.to_owned(),
            action: delivery.action.clone(),
            status: *status,
        };
        self.sent.iter().map(|(_, entry)| event(entry)).collect()
    }
}
