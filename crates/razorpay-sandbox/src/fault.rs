//! Failures of the API on demand, for so many calls of a route.
//! Changes nothing by itself: a failure comes before the work or after it.

use serde::{Deserialize, Serialize};

const MOST: usize = 64;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Failure {
    /// Answers with this status, such as 500 or 503, in Razorpay's error body.
    Status {
        /// The HTTP status.
        status: u16,
    },
    /// Too many requests: 429.
    RateLimit,
    /// 200, and JSON that breaks off in the middle.
    BrokenJson,
    /// The connection is cut.
    Cut,
    /// No answer for so long; then the connection is cut.
    Timeout {
        /// The wait.
        millis: u64,
    },
    /// The real answer, but late.
    Slow {
        /// The delay.
        millis: u64,
    },
    /// The real answer, once the failures are forgotten.
    Held,
}

/// When a failure strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Nothing has been done.
    Before,
    /// What was asked has been done; only the answer is lost.
    After,
}

struct Armed {
    route: String,
    failure: Failure,
    when: When,
    left: u32,
}

/// The failures that wait for a call.
#[derive(Default)]
pub(crate) struct Faults(Vec<Armed>);

impl Faults {
    pub(crate) fn arm(&mut self, route: &str, failure: Failure, when: When, times: u32) {
        if self.0.len() >= MOST {
            self.0.remove(0);
        }
        if times > 0 {
            self.0.push(Armed {
                route: route.to_owned(),
                failure,
                when,
                left: times,
            });
        }
    }

    pub(crate) fn take(&mut self, method: &str, path: &str) -> Option<(Failure, When)> {
        let index = self.0.iter().position(|armed| fits(&armed.route, method, path))?;
        let armed = &mut self.0[index];
        let found = (armed.failure, armed.when);
        armed.left -= 1;
        if armed.left == 0 {
            self.0.remove(index);
        }
        Some(found)
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

/// `POST /v1/payments/:id/capture`; `*` is any method or any path.
fn fits(route: &str, method: &str, path: &str) -> bool {
    let (wanted, pattern) = route.split_once(' ').unwrap_or(("*", route));
    if wanted != "*" && wanted != method {
        return false;
    }
    if pattern == "*" {
        return true;
    }
    let (pattern, path): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), path.split('/').collect());
    pattern.len() == path.len()
        && pattern
            .iter()
            .zip(&path)
            .all(|(wanted, found)| wanted.starts_with(':') || wanted == found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_fit_by_method_and_segment() {
        assert!(fits("POST /v1/orders", "POST", "/v1/orders"));
        assert!(!fits("POST /v1/orders", "GET", "/v1/orders"));
        assert!(fits("GET /v1/orders/:id", "GET", "/v1/orders/order_1"));
        assert!(!fits("GET /v1/orders/:id", "GET", "/v1/orders/order_1/payments"));
        assert!(fits("* *", "PATCH", "/v1/plans"));
        assert!(fits("/v1/plans", "PATCH", "/v1/plans"));
    }

    #[test]
    fn a_failure_strikes_as_often_as_told() {
        let mut faults = Faults::default();
        faults.arm("* *", Failure::Cut, When::After, 1);
        faults.arm("GET /v1/plans", Failure::RateLimit, When::Before, 0);
        assert_eq!(faults.take("GET", "/v1/plans"), Some((Failure::Cut, When::After)));
        assert_eq!(faults.take("GET", "/v1/plans"), None);
    }
}
