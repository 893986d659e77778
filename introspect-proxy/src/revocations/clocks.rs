//! Says when this machine's clock and the authorization server's are so far apart that good tokens are refused.
//! It refuses to set anything right: the server's word about the time changes no judgement.

use crate::keys::LEEWAY;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::UNIX_EPOCH;

/// Whether it was told already.
#[derive(Default)]
pub struct Clocks {
    told: AtomicBool,
}

impl Clocks {
    /// Compares our clock with the `Date` of an answer; warns once, and once more after they agreed again.
    pub fn compare(&self, date: Option<&http::HeaderValue>, now: i64) {
        let Some(seconds) = date.and_then(|date| ahead(date.to_str().ok()?, now)) else {
            return;
        };
        let apart = seconds.abs() > LEEWAY;
        if self.told.swap(apart, Ordering::Relaxed) || !apart {
            return;
        }
        tracing::warn!(
            seconds,
            "this machine's clock is ahead of the authorization server's (behind, where negative): tokens may be \
             refused as expired or not valid yet; set both by a time service"
        );
    }
}

/// How many seconds `now` is ahead of an HTTP date.
fn ahead(date: &str, now: i64) -> Option<i64> {
    let date = httpdate::parse_http_date(date).ok()?;
    let date = date.duration_since(UNIX_EPOCH).ok()?.as_secs();
    Some(now - i64::try_from(date).ok()?)
}

#[cfg(test)]
mod tests {
    use super::{Clocks, ahead};
    use http::HeaderValue;
    use std::sync::atomic::Ordering;

    const DATE: &str = "Sat, 21 Nov 2026 23:50:20 GMT";
    const THEN: i64 = 1_795_305_020;

    #[test]
    fn the_difference_is_in_whole_seconds_and_garbage_has_none() {
        assert_eq!(ahead(DATE, THEN + 90), Some(90));
        assert_eq!(ahead(DATE, THEN - 3), Some(-3));
        assert_eq!(ahead("yesterday", THEN), None);
    }

    #[test]
    fn clocks_that_are_apart_are_told_once_until_they_agree_again() {
        let (clocks, date) = (Clocks::default(), HeaderValue::from_static(DATE));
        let mut told = |now| {
            clocks.compare(Some(&date), now);
            clocks.told.load(Ordering::Relaxed)
        };
        assert_eq!(
            [THEN + 4, THEN + 90, THEN + 91, THEN].map(&mut told),
            [false, true, true, false]
        );
    }
}
