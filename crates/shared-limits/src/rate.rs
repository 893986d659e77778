//! So many in so long.
//! It refuses to read or write its text: the programs have ways of their own.

use std::time::Duration;

/// At most `count` in one `window`, of whole milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    /// Requests in one window.
    pub count: u32,
    /// Length of the window.
    pub window: Duration,
}

impl Rate {
    /// The most a window can count: milliseconds of a day times this is still exact in a float.
    pub const MOST: u32 = 100_000_000;

    /// The part of one of so many processes that count apart; never nothing where the whole is something.
    #[must_use]
    pub fn share(self, replicas: u32) -> Self {
        Self {
            count: (self.count / replicas.max(1)).max(self.count.min(1)),
            window: self.window,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_part_and_at_least_one() {
        let share = |count, replicas| {
            let window = Duration::from_secs(1);
            Rate { count, window }.share(replicas).count
        };
        assert_eq!(
            (share(100, 3), share(2, 3), share(1, 0), share(0, 3)),
            (33, 1, 1, 0)
        );
    }
}
