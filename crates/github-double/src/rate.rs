//! The primary rate limit: requests of one caller in one hour.
//! Counts, and says when it is too much; refuses nothing itself.

use std::collections::BTreeMap;

const WINDOW_SECONDS: i64 = 3600;
const AUTHENTICATED: u32 = 5_000;
const ANONYMOUS: u32 = 60;
const MAX_CALLERS: usize = 10_000;

/// Where a caller stands after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    pub(crate) limit: u32,
    pub(crate) used: u32,
    pub(crate) reset: i64,
}

impl Rate {
    pub(crate) const fn remaining(self) -> u32 {
        self.limit.saturating_sub(self.used)
    }

    pub(crate) const fn exceeded(self) -> bool {
        self.used > self.limit
    }
}

/// The counters by caller; nobody is the caller of anonymous requests.
#[derive(Default)]
pub(crate) struct Rates(BTreeMap<Option<String>, (u32, i64)>);

impl Rates {
    /// Counts one request.
    pub(crate) fn count(&mut self, caller: Option<String>, now: i64) -> Rate {
        self.0.retain(|_, (_, reset)| now < *reset);
        if self.0.len() >= MAX_CALLERS {
            self.0.pop_last();
        }
        let limit = if caller.is_some() {
            AUTHENTICATED
        } else {
            ANONYMOUS
        };
        let (used, reset) = self.0.entry(caller).or_insert((0, now + WINDOW_SECONDS));
        *used = used.saturating_add(1);
        Rate {
            limit,
            used: *used,
            reset: *reset,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_caller_has_its_own_hour() {
        let mut rates = Rates::default();
        let first = rates.count(Some("a".to_owned()), 100);
        assert_eq!((first.remaining(), first.reset), (4_999, 3_700));
        assert_eq!(rates.count(Some("a".to_owned()), 200).used, 2);
        assert_eq!(rates.count(Some("b".to_owned()), 200).used, 1);
        assert_eq!(rates.count(Some("a".to_owned()), 3_700).used, 1);
    }

    #[test]
    fn strangers_get_sixty_requests() {
        let mut rates = Rates::default();
        let last = (0..61).map(|_| rates.count(None, 0)).last().unwrap();
        assert!(last.exceeded());
    }
}
