//! One sliding window: how many requests in the last window, estimated from two counters, in whole milliseconds.
//! It refuses to count what it refuses. `take.lua` says the same; a test holds them against each other.

use crate::Rate;
use std::time::Duration;

/// The counters of one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// When it began, in milliseconds.
    pub started_at: u64,
    /// Requests counted in it.
    pub current: u32,
    /// Requests counted in the one before.
    pub previous: u32,
}

/// What a limit says about one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether this limit has room; the request passes when all of its limits have.
    pub has_room: bool,
    /// Requests that may still come now, after this one.
    pub remaining: u32,
    /// How long until there is one more than that.
    pub reset: Duration,
}

/// Judges a request against several limits at once, and counts it against all of them or against none.
pub fn take(windows: &mut [(Window, Rate)], now: u64) -> Vec<Verdict> {
    let rolled = |(window, rate): &(Window, Rate)| window.rolled(span(*rate), now);
    let rolled: Vec<Window> = windows.iter().map(rolled).collect();
    let has_room = |(window, rate): (&Window, Rate)| window.used(span(rate), now) < u64::from(rate.count);
    let rates = windows.iter().map(|(_, rate)| *rate);
    let passes = rolled.iter().zip(rates).all(has_room);
    let judge = |((kept, rate), rolled): (&mut (Window, Rate), Window)| {
        let has_room = has_room((&rolled, *rate));
        let mut counted = rolled;
        counted.current += u32::from(passes);
        if passes {
            *kept = counted;
        }
        counted.verdict(*rate, now, has_room)
    };
    windows.iter_mut().zip(rolled).map(judge).collect()
}

/// The length of a window in milliseconds.
fn span(rate: Rate) -> u64 {
    u64::try_from(rate.window.as_millis()).unwrap_or(u64::MAX).max(1)
}

impl Window {
    /// A window that begins now, in milliseconds.
    #[must_use]
    pub const fn begin(now: u64) -> Self {
        Self {
            started_at: now,
            current: 0,
            previous: 0,
        }
    }

    /// Gives back what was taken.
    pub const fn refund(&mut self) {
        self.current = self.current.saturating_sub(1);
    }

    /// Whether nothing is remembered any more of a window as long as that of `rate`.
    #[must_use]
    pub fn is_idle(&self, window: Duration, now: u64) -> bool {
        Duration::from_millis(now.saturating_sub(self.started_at)) >= window * 2
    }

    fn rolled(&self, span: u64, now: u64) -> Self {
        // A clock set back a little makes nobody wait much longer; set back by more than a window, it begins anew.
        if self.started_at > now + span {
            return Self::begin(now);
        }
        let started_at = self.started_at.min(now);
        match now - started_at {
            elapsed if elapsed >= span * 2 => Self::begin(now),
            elapsed if elapsed >= span => Self {
                started_at: started_at + span,
                current: 0,
                previous: self.current,
            },
            _ => Self { started_at, ..*self },
        }
    }

    fn verdict(&self, rate: Rate, now: u64, has_room: bool) -> Verdict {
        let used = self.used(span(rate), now).min(u64::from(rate.count));
        let reset = used.checked_sub(1).map(|fewer| self.wait(span(rate), now, fewer));
        Verdict {
            has_room,
            remaining: u32::try_from(u64::from(rate.count) - used).unwrap_or(u32::MAX),
            reset: Duration::from_millis(reset.unwrap_or(0)),
        }
    }

    /// The previous window counts for the part of it that is still inside the last window, rounded up.
    fn used(&self, span: u64, now: u64) -> u64 {
        let inside = span - (now - self.started_at);
        u64::from(self.current) + (u64::from(self.previous) * inside).div_ceil(span)
    }

    /// Milliseconds until no more than `fewer` are counted.
    fn wait(&self, span: u64, now: u64, fewer: u64) -> u64 {
        let (current, previous) = (u64::from(self.current), u64::from(self.previous));
        // The previous window fades during this one, and this one during the next.
        let (ends, fading, room) = if current <= fewer {
            (span, previous, fewer - current)
        } else {
            (span * 2, current, fewer)
        };
        let inside = (room * span / fading.max(1)).min(span);
        (ends - inside).saturating_sub(now - self.started_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RATE: Rate = Rate {
        count: 3,
        window: Duration::from_secs(60),
    };

    fn one(window: &mut Window, rate: Rate, now: u64) -> Verdict {
        let mut windows = [(*window, rate)];
        let verdict = take(&mut windows, now)[0];
        *window = windows[0].0;
        verdict
    }

    /// A01
    #[test]
    fn the_last_of_the_budget_passes_and_the_next_does_not() {
        let mut window = Window::begin(0);
        for remaining in [2, 1, 0] {
            let verdict = one(&mut window, RATE, 0);
            assert_eq!((verdict.has_room, verdict.remaining), (true, remaining));
        }
        let refused = one(&mut window, RATE, 0);
        let third = Duration::from_secs(80);
        assert_eq!(
            (refused.has_room, refused.reset),
            (false, third),
            "a third must have faded"
        );
        assert!(!one(&mut window, RATE, 79_999).has_room);
        assert!(one(&mut window, RATE, 80_000).has_room);
    }

    #[test]
    fn a_refused_request_costs_nothing() {
        let mut window = Window::begin(0);
        for _ in 0..100 {
            one(&mut window, RATE, 0);
        }
        assert!(one(&mut window, RATE, 80_000).has_room);
    }

    #[test]
    fn one_limit_without_room_spares_the_others() {
        let wide = Rate { count: 10, ..RATE };
        let mut windows = [(Window::begin(0), wide), (Window::begin(0), RATE)];
        let last = (0..5).map(|_| take(&mut windows, 0)).last().unwrap();
        assert_eq!((last[0].has_room, last[0].remaining), (true, 7));
        assert_eq!((last[1].has_room, last[1].remaining), (false, 0));
    }

    #[test]
    fn two_windows_of_silence_forget_everything() {
        let mut window = Window::begin(0);
        while one(&mut window, RATE, 0).has_room {}
        assert_eq!(one(&mut window, RATE, 120_000).remaining, 2);
    }

    #[test]
    fn a_clock_set_back_locks_nobody_out_for_long() {
        let mut window = Window::begin(3_600_000);
        while one(&mut window, RATE, 3_600_000).has_room {}
        assert!(!one(&mut window, RATE, 3_590_000).has_room);
        assert!(one(&mut window, RATE, 3_680_000).has_room);
        assert!(one(&mut window, RATE, 0).has_room);
    }

    proptest! {
        #[test]
        fn n_requests_count_n(count in 1u32..200, asked in 1usize..400) {
            let (rate, mut window) = (Rate { count, ..RATE }, Window::begin(5));
            let passed = (0..asked).filter(|_| one(&mut window, rate, 5).has_room).count();
            prop_assert_eq!(passed, asked.min(count as usize));
        }

        #[test]
        fn what_is_told_is_true(steps in prop::collection::vec(0u64..40_000, 1..60), count in 1u32..8) {
            let (rate, mut window, mut now) = (Rate { count, ..RATE }, Window::begin(0), 0);
            for step in steps {
                now += step;
                let told = one(&mut window, rate, now);
                let mut copy = window;
                let more = (0..20).take_while(|_| one(&mut copy, rate, now).has_room).count();
                prop_assert_eq!(more, told.remaining as usize, "so many more pass at once");
                let (mut later, then) = (window, now + u64::try_from(told.reset.as_millis()).unwrap());
                let more = (0..20).take_while(|_| one(&mut later, rate, then).has_room).count();
                prop_assert!(more > told.remaining as usize, "and after the reset one more");
            }
        }
    }
}
