//! The wall clock as far as it has proved itself, for what can't be undone: deleting what has expired.
//! Refuses to follow a clock that has just gone ahead: until it has stood so for a while it may be wrong, and be set back.

use std::time::Duration;

use crate::Timestamp;

/// So long a clock must have gone on evenly before anything is deleted by it.
pub const SETTLES: Duration = Duration::from_secs(60 * 60);
/// What a time service corrects between two looks is no jump.
const DRIFT: i64 = 60 * 1_000_000;

/// Compares the wall clock with one that only counts on.
#[derive(Clone, Copy, Debug, Default)]
pub struct SettledClock {
    /// Microseconds that the wall clock is ahead of the steady one, as far as that is believed.
    believed: Option<i64>,
    /// Another lead, and when it was first seen.
    seen: Option<(i64, Duration)>,
}

impl SettledClock {
    /// The time by which things may be deleted: `wall` if it goes on as before or has been set back; the time that it was
    /// before it went ahead, and how long that is ago; nothing before the clock has stood for [`SETTLES`] at all.
    ///
    /// `steady` is the time since any fixed moment, by a clock that nobody sets.
    pub fn look(&mut self, wall: Timestamp, steady: Duration) -> Option<Timestamp> {
        let counted = i64::try_from(steady.as_micros()).unwrap_or(i64::MAX);
        let lead = wall.as_micros().saturating_sub(counted);
        let usual = self
            .believed
            .is_some_and(|believed| lead <= believed.saturating_add(DRIFT));
        if usual || self.has_stood(lead, steady) {
            (self.believed, self.seen) = (Some(lead), None);
        }
        let believed = self.believed?;
        Some(Timestamp::from_micros(believed.saturating_add(counted)))
    }

    fn has_stood(&mut self, lead: i64, steady: Duration) -> bool {
        match self.seen {
            Some((seen, since)) if lead.abs_diff(seen) <= DRIFT.unsigned_abs() => {
                steady.saturating_sub(since) >= SETTLES
            }
            _ => {
                self.seen = Some((lead, steady));
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);
    const YEARS: Duration = Duration::from_secs(10 * 365 * 86_400);

    fn day(at: Duration) -> Timestamp {
        Timestamp::from_seconds(1_795_221_529).plus(at)
    }

    /// One that has been looked at for an hour.
    fn settled() -> SettledClock {
        let mut clock = SettledClock::default();
        assert_eq!(clock.look(day(Duration::ZERO), Duration::ZERO), None);
        assert_eq!(clock.look(day(SETTLES), SETTLES), Some(day(SETTLES)));
        clock
    }

    #[test]
    fn a_clock_that_nobody_has_watched_is_not_believed() {
        let mut clock = SettledClock::default();
        for minutes in [0, 10, 59] {
            assert_eq!(clock.look(day(MINUTE * minutes), MINUTE * minutes), None);
        }
        assert_eq!(clock.look(day(MINUTE * 60), MINUTE * 60), Some(day(MINUTE * 60)));
    }

    #[test]
    fn a_clock_that_goes_ahead_is_believed_when_it_has_stood() {
        let mut clock = settled();
        for minutes in [70, 100, 129] {
            let at = MINUTE * minutes;
            assert_eq!(clock.look(day(at + YEARS), at), Some(day(at)), "{minutes}");
        }
        let at = MINUTE * 130;
        assert_eq!(clock.look(day(at + YEARS), at), Some(day(at + YEARS)));
    }

    #[test]
    fn a_clock_that_is_set_back_is_believed_at_once() {
        let mut clock = settled();
        let at = MINUTE * 70;
        let back = day(at).minus(Duration::from_secs(86_400));
        assert_eq!(clock.look(back, at), Some(back));
        let later = MINUTE * 80;
        let set_right = clock.look(day(later), later);
        assert_eq!(
            set_right,
            Some(back.plus(MINUTE * 10)),
            "a jump ahead, if a right one"
        );
    }

    #[test]
    fn one_that_jumps_about_settles_nowhere() {
        let mut clock = settled();
        for minutes in 70..400 {
            let at = MINUTE * minutes;
            let wall = day(at + YEARS + Duration::from_secs(u64::from(minutes) * 86_400));
            assert_eq!(clock.look(wall, at), Some(day(at)));
        }
    }

    #[test]
    fn a_time_service_may_correct_a_little() {
        let mut clock = settled();
        let at = SETTLES + MINUTE * 10;
        let wall = day(at + Duration::from_secs(30));
        assert_eq!(clock.look(wall, at), Some(wall));
    }
}
