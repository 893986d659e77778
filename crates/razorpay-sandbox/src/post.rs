//! Events and their deliveries: which one goes when.
//! Sends nothing itself, and forgets the oldest events.

use std::collections::{BTreeMap, VecDeque};

use crate::dice::Dice;
use crate::settings::Webhooks;
use crate::signature;

const MOST_EVENTS: usize = 5_000;
const MOST_DELIVERIES: usize = 50_000;
/// The wait before a retry does not grow beyond this, in milliseconds.
const MOST_BACKOFF: i64 = 3_600_000;

/// Something that was told, as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// `x-razorpay-event-id`, the same for every delivery.
    pub id: String,
    /// Such as `payment.captured`.
    pub name: String,
    /// The raw bytes that are signed.
    pub body: String,
    /// `x-razorpay-signature`, made with the secret of its time.
    pub signature: String,
    /// What each delivery was answered with; `None` when there was no answer.
    pub answers: Vec<Option<u16>>,
}

struct Delivery {
    event: String,
    attempt: u8,
}

/// When a delivery goes, and before which others of the same instant.
type Turn = (i64, u64, u64);

/// What the courier does next.
pub(crate) enum Next {
    Send(Event, u8),
    /// Nothing before that instant, if there is one.
    Wait(Option<i64>),
}

pub(crate) struct Post {
    dice: Dice,
    now: i64,
    events: VecDeque<Event>,
    waiting: BTreeMap<Turn, Delivery>,
    under_way: bool,
    places: u64,
}

impl Post {
    pub(crate) fn new(seed: Option<u64>) -> Self {
        Self {
            dice: Dice::new(seed.map(|seed| seed.wrapping_add(1))),
            now: 0,
            events: VecDeque::new(),
            waiting: BTreeMap::new(),
            under_way: false,
            places: 0,
        }
    }

    pub(crate) fn at(&mut self, now_ms: i64) {
        self.now = self.now.max(now_ms);
    }

    /// Takes an event, and decides when and how often it goes: never, when there is nobody to tell.
    pub(crate) fn accept(&mut self, name: &str, body: String, secret: &str, rules: Option<&Webhooks>) {
        if self.events.len() >= MOST_EVENTS {
            self.events.pop_front();
        }
        let event = Event {
            id: self.dice.id("evt").replacen("evt_", "", 1),
            name: name.to_owned(),
            signature: signature::hex(secret, &body),
            body,
            answers: Vec::new(),
        };
        if let Some(rules) = rules {
            self.plan(&event.id, rules);
        }
        self.events.push_back(event);
    }

    fn plan(&mut self, event: &str, rules: &Webhooks) {
        for _ in 0..=rules.duplicates {
            let lost = self.dice.up_to(99) < u32::from(rules.lost_percent);
            let spread = rules.delay_max.saturating_sub(rules.delay_min);
            let delay = rules.delay_min.saturating_add(self.dice.up_to(spread));
            let behind = self.dice.up_to(u32::from(rules.shuffle));
            if !lost {
                let place = self.places + 2 * u64::from(behind) + u64::from(behind > 0);
                self.queue(event, i64::from(delay), place, 0);
            }
        }
    }

    fn queue(&mut self, event: &str, delay: i64, place: u64, attempt: u8) {
        if self.waiting.len() >= MOST_DELIVERIES {
            return;
        }
        self.places += 2;
        let turn = (self.now.saturating_add(delay), place, self.places);
        let event = event.to_owned();
        self.waiting.insert(turn, Delivery { event, attempt });
    }

    /// The delivery whose turn it is; none while events are held back.
    pub(crate) fn next(&mut self, held: bool) -> Next {
        if held || self.under_way {
            return Next::Wait(None);
        }
        while let Some(entry) = self.waiting.first_entry() {
            let due = entry.key().0;
            if due > self.now {
                return Next::Wait(Some(due));
            }
            let delivery = entry.remove();
            // An event that was forgotten meanwhile is passed over.
            if let Some(event) = self.find(&delivery.event) {
                self.under_way = true;
                return Next::Send(event, delivery.attempt);
            }
        }
        Next::Wait(None)
    }

    /// Notes what a delivery was answered, and queues the next try.
    pub(crate) fn answered(&mut self, id: &str, attempt: u8, status: Option<u16>, rules: &Webhooks) {
        self.under_way = false;
        if let Some(event) = self.events.iter_mut().rev().find(|event| event.id == id) {
            event.answers.push(status);
        }
        let taken = status.is_some_and(|status| (200..300).contains(&status));
        if !taken && attempt < rules.retries {
            let doubled = i64::from(rules.backoff) << u32::from(attempt).min(20);
            let place = self.places;
            self.queue(id, doubled.min(MOST_BACKOFF), place, attempt + 1);
        }
    }

    /// Delivers an event once more, now.
    pub(crate) fn again(&mut self, id: &str) -> bool {
        let known = self.find(id).is_some();
        if known {
            let place = self.places;
            self.queue(id, 0, place, u8::MAX);
        }
        known
    }

    pub(crate) fn find(&self, id: &str) -> Option<Event> {
        self.events.iter().rev().find(|event| event.id == id).cloned()
    }

    /// Oldest first.
    pub(crate) fn events(&self) -> impl Iterator<Item = &Event> {
        self.events.iter()
    }

    /// Whether every delivery has been made that can be made now; with a running clock retries are not waited for.
    pub(crate) fn is_quiet(&self, frozen: bool, held: bool) -> bool {
        let due = |(turn, _): (&Turn, &Delivery)| turn.0 <= self.now;
        let first = |delivery: &Delivery| matches!(delivery.attempt, 0 | u8::MAX);
        let open = match frozen {
            true => self.waiting.first_key_value().is_some_and(due),
            false => self.waiting.values().any(first),
        };
        !self.under_way && (held || !open)
    }
}

#[cfg(test)]
mod tests;
