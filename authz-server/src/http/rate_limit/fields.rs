//! What an answer says about the caller's quota: the customary fields, and those the IETF is standardising.
//! Rounds against itself: whoever waits as long as told is let through.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use model::Timestamp;

use super::log::Standing;
use crate::config::Rate;

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const STATE: HeaderName = HeaderName::from_static("ratelimit");

/// Every field but `Retry-After`, which is the refusal's own.
pub(super) fn write(headers: &mut HeaderMap, (name, rate): (&str, Rate), standing: Standing, now: Timestamp) {
    let wait = whole_seconds(standing.more_in);
    let (quota, remaining) = (rate.quota(), standing.remaining);
    headers.insert(LIMIT, quota.into());
    headers.insert(REMAINING, remaining.into());
    headers.insert(RESET, epoch_seconds(now.plus(standing.more_in)).into());
    // draft-ietf-httpapi-ratelimit-headers-10 §3, §4: lists of strings with parameters.
    let window = rate.window().as_secs();
    let policy = HeaderValue::try_from(format!("\"{name}\";q={quota};w={window}"));
    let state = HeaderValue::try_from(format!("\"{name}\";r={remaining};t={wait}"));
    for (field, value) in [(POLICY, policy), (STATE, state)] {
        if let Ok(value) = value {
            headers.insert(field, value);
        }
    }
    if !standing.is_allowed {
        headers.insert(header::RETRY_AFTER, wait.into());
    }
}

pub(super) fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

fn epoch_seconds(at: Timestamp) -> i64 {
    at.as_micros().div_euclid(1_000_000) + i64::from(at.as_micros().rem_euclid(1_000_000) > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_rounded_up_and_a_refusal_says_when_to_come_back() {
        let standing = Standing {
            is_allowed: false,
            remaining: 0,
            more_in: Duration::from_micros(1_500_000),
        };
        let mut headers = HeaderMap::new();
        let rate = Rate::new(50, 900);
        write(
            &mut headers,
            ("authentication", rate),
            standing,
            Timestamp::from_micros(10_000_001),
        );
        let text = |name: &str| headers[name].to_str().unwrap().to_owned();
        assert_eq!(text("x-ratelimit-limit"), "50");
        assert_eq!(text("x-ratelimit-reset"), "12");
        assert_eq!(text("ratelimit-policy"), "\"authentication\";q=50;w=900");
        assert_eq!(text("ratelimit"), "\"authentication\";r=0;t=2");
        assert_eq!(text("retry-after"), "2");
    }
}
