//! The time, and names nobody else has.
//! The only place that asks this machine for the time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

static COUNTER: AtomicU64 = AtomicU64::new(0);

/// Since the epoch.
#[expect(
    clippy::disallowed_methods,
    reason = "a client without a server's injected clock"
)]
pub fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// Since the epoch, in seconds.
pub fn seconds() -> i64 {
    i64::try_from(now().as_secs()).unwrap_or(i64::MAX)
}

/// Letters and digits that no other run and no other call has made.
pub fn unique() -> String {
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    format!("{:x}{:x}x{count}", now().as_micros(), std::process::id())
}

/// `YYYYMMDDThhmmssZ` of an instant.
pub fn basic_time(seconds: i64) -> String {
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Howard Hinnant's civil-from-days, for the Gregorian calendar.
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let (day, month) = (
        doy - (153 * mp + 2) / 5 + 1,
        if mp < 10 { mp + 3 } else { mp - 9 },
    );
    let year = yoe + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_written_as_signatures_want_it() {
        assert_eq!(basic_time(1_440_938_160), "20150830T123600Z");
        assert_eq!(basic_time(951_782_400), "20000229T000000Z");
    }

    #[test]
    fn two_names_differ() {
        assert_ne!(unique(), unique());
    }
}
