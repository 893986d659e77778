//! What is to be told to the server, line by line, each under a key that stays until the line is taken.
//! It refuses to merge: a line that may have arrived is never told with another quantity or key.

use super::cell::Cell;
use crate::audit::Names;
use serde::Serialize;
use std::collections::VecDeque;
use std::sync::Arc;

/// Lines in a batch at most; the server takes 500.
pub const MOST: usize = 200;

/// The most that one line tells; the server takes no more.
const LARGEST: u64 = 1_000_000_000;

/// One line.
#[derive(Clone, Debug)]
pub struct Line {
    cell: Arc<Cell>,
    quantity: u64,
    key: String,
}

/// A line as it is sent.
#[derive(Debug, Serialize)]
pub struct Told<'a> {
    /// Whose use.
    pub account_id: &'a str,
    /// Of what.
    pub metric: &'a str,
    /// How much.
    pub quantity: u64,
    /// The same when it is told again.
    pub key: &'a str,
}

/// What became of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every line is on the books, now or since earlier.
    Taken,
    /// Nobody knows; all is told again.
    Unknown,
    /// The server took nothing, because of the lines at these places, which it never will take.
    Refused(Vec<usize>),
    /// The server took nothing, because it was too much at once.
    TooMuch,
}

/// Lines that were not taken yet.
pub struct Lines {
    names: Names,
    waiting: VecDeque<Line>,
    /// How many of the first travel together.
    together: usize,
}

impl Default for Lines {
    fn default() -> Self {
        Self {
            names: Names::new(),
            waiting: VecDeque::new(),
            together: MOST,
        }
    }
}

impl Lines {
    /// Makes lines of what is new. Only while nothing waits: so what waits is bounded by the number of counters.
    pub fn cut(&mut self, news: Vec<Arc<Cell>>) {
        if !self.is_empty() {
            return;
        }
        for cell in news {
            let mut left = cell.tell();
            while left > 0 {
                let (quantity, key) = (left.min(LARGEST), self.names.next());
                let cell = Arc::clone(&cell);
                self.waiting.push_back(Line { cell, quantity, key });
                left -= quantity;
            }
        }
    }

    /// The lines to be sent next.
    pub fn batch(&self) -> impl Iterator<Item = Told<'_>> {
        self.waiting.iter().take(self.together).map(Line::told)
    }

    /// Says what became of [`Self::batch`]; lines that will never be taken leave.
    pub fn came_out(&mut self, outcome: &Outcome) -> Vec<Line> {
        let sent = self.together.min(self.waiting.len());
        match outcome {
            Outcome::Unknown => Vec::new(),
            Outcome::Taken => {
                for line in self.waiting.drain(..sent) {
                    line.cell.settle(line.quantity);
                }
                self.together = MOST;
                Vec::new()
            }
            Outcome::TooMuch if sent > 1 => {
                self.together = sent / 2;
                Vec::new()
            }
            Outcome::TooMuch => self.give_up(&[0]),
            Outcome::Refused(places) => self.give_up(places),
        }
    }

    fn give_up(&mut self, places: &[usize]) -> Vec<Line> {
        let (mut kept, mut gone) = (VecDeque::new(), Vec::new());
        for (place, line) in self.waiting.drain(..).enumerate() {
            if places.contains(&place) {
                // It is off the books of the server, so it takes no part of what the account may use.
                line.cell.settle(line.quantity);
                gone.push(line);
            } else {
                kept.push_back(line);
            }
        }
        self.waiting = kept;
        gone
    }

    /// How many wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether none waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Every line that waits.
    pub fn all(&self) -> impl Iterator<Item = &Line> {
        self.waiting.iter()
    }
}

impl Line {
    /// As it is sent.
    #[must_use]
    pub fn told(&self) -> Told<'_> {
        Told {
            account_id: &self.cell.account,
            metric: &self.cell.metric,
            quantity: self.quantity,
            key: &self.key,
        }
    }
}

#[cfg(test)]
mod tests;
