//! What answers say about limits: `X-RateLimit-*`, and the fields of draft-ietf-httpapi-ratelimit-headers.
//! It refuses to let the two disagree: one line gives both.

use super::Standing;
use http::{HeaderName, HeaderValue};
use std::fmt::Write as _;
use std::time::Duration;

/// The limit headers, on allowed and refused answers alike.
#[must_use]
pub fn limit_headers(standing: &Standing) -> Vec<(HeaderName, HeaderValue)> {
    let Some(nearest) = standing.nearest() else {
        return Vec::new();
    };
    let (mut state, mut policy) = (String::new(), String::new());
    // draft-ietf-httpapi-ratelimit-headers-10 §3, §4: lists of strings with parameters.
    for line in &standing.limits {
        let gap = if state.is_empty() { "" } else { ", " };
        let (name, rate, verdict) = (line.name, line.rate, line.verdict);
        let (left, wait) = (verdict.remaining, whole_seconds(verdict.reset));
        _ = write!(state, "{gap}\"{name}\";r={left};t={wait}");
        _ = write!(
            policy,
            "{gap}\"{name}\";q={};w={}",
            rate.count,
            rate.window.as_secs()
        );
    }
    let wait = i64::try_from(whole_seconds(nearest.verdict.reset)).unwrap_or(i64::MAX);
    let fixed = HeaderName::from_static;
    let mut headers = vec![
        (fixed("x-ratelimit-limit"), HeaderValue::from(nearest.rate.count)),
        (
            fixed("x-ratelimit-remaining"),
            HeaderValue::from(nearest.verdict.remaining),
        ),
        (
            fixed("x-ratelimit-reset"),
            HeaderValue::from(standing.told_at.saturating_add(wait)),
        ),
    ];
    let texts = [("ratelimit", state), ("ratelimit-policy", policy)];
    let written = texts
        .into_iter()
        .filter_map(|(name, text)| Some((fixed(name), HeaderValue::try_from(text).ok()?)));
    headers.extend(written);
    headers
}

/// Rounded up: whoever waits as long as told is let through.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::super::{LimitLine, Verdict};
    use super::*;
    use crate::config::Rate;

    fn line(name: &'static str, has_room: bool, remaining: u32, reset: Duration) -> LimitLine {
        LimitLine {
            name,
            rate: Rate::parse("9/min").unwrap(),
            verdict: Verdict {
                has_room,
                remaining,
                reset,
            },
        }
    }

    fn text(standing: &Standing, name: &str) -> String {
        let headers = limit_headers(standing);
        let found = headers.iter().find(|(own, _)| own == name).unwrap();
        found.1.to_str().unwrap().to_owned()
    }

    #[test]
    fn both_families_tell_the_nearest_limit_alike() {
        let mut standing = Standing {
            limits: vec![
                line("address", true, 5, Duration::from_millis(6_100)),
                line("key", true, 2, Duration::from_secs(9)),
            ],
            retry_after: None,
            told_at: 1000,
        };
        assert_eq!(
            text(&standing, "ratelimit"),
            "\"address\";r=5;t=7, \"key\";r=2;t=9"
        );
        assert_eq!(text(&standing, "x-ratelimit-remaining"), "2");
        assert_eq!(text(&standing, "x-ratelimit-reset"), "1009");
        standing
            .limits
            .push(line("client", false, 0, Duration::from_secs(30)));
        standing.retry_after = Some(Duration::from_secs(30));
        assert_eq!(text(&standing, "x-ratelimit-remaining"), "0");
        assert_eq!(text(&standing, "x-ratelimit-reset"), "1030");
    }
}
