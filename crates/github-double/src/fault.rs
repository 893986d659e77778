//! Misbehaviour on demand, per endpoint.
//! Never changes anything: a faulty answer is given before the request is looked at.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Endpoint;

const MAX_ARMED: usize = 64;

/// What goes wrong instead of, or before, the real answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// Answers with this status, such as 500 or 502.
    Status {
        /// The HTTP status.
        status: u16,
    },
    /// The primary rate limit: 403 and nothing remaining until the reset.
    RateLimit {
        /// Seconds until the reset.
        reset_in: u32,
    },
    /// A secondary rate limit: 429 with `Retry-After`.
    SecondaryRateLimit {
        /// The value of `Retry-After`, in seconds.
        retry_after: u32,
    },
    /// Gives the real answer, but late.
    Slow {
        /// The delay.
        millis: u64,
    },
    /// 200 with a body that breaks off in the middle.
    BrokenJson,
    /// Closes the connection without an answer.
    Close,
}

impl Fault {
    /// A late answer.
    #[must_use]
    pub fn slow(delay: Duration) -> Self {
        let millis = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        Self::Slow { millis }
    }
}

struct Armed {
    endpoint: Endpoint,
    fault: Fault,
    left: Option<u32>,
}

/// The faults that wait for a request, in the order in which they were set.
#[derive(Default)]
pub(crate) struct Faults(Vec<Armed>);

impl Faults {
    /// Sets a fault for so many requests, or until cleared; the oldest one goes when there are too many.
    pub(crate) fn arm(&mut self, endpoint: Endpoint, fault: Fault, times: Option<u32>) {
        if times == Some(0) {
            return;
        }
        if self.0.len() >= MAX_ARMED {
            self.0.remove(0);
        }
        self.0.push(Armed {
            endpoint,
            fault,
            left: times,
        });
    }

    /// The fault for this request.
    pub(crate) fn take(&mut self, endpoint: Endpoint) -> Option<Fault> {
        let index = self.0.iter().position(|armed| armed.endpoint == endpoint)?;
        let armed = &mut self.0[index];
        let fault = armed.fault;
        if let Some(left) = &mut armed.left {
            *left -= 1;
            if *left == 0 {
                self.0.remove(index);
            }
        }
        Some(fault)
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_strikes_its_endpoint_as_often_as_told_and_the_next_one_follows() {
        let mut faults = Faults::default();
        faults.arm(Endpoint::User, Fault::Close, Some(1));
        faults.arm(Endpoint::User, Fault::BrokenJson, None);
        assert_eq!(faults.take(Endpoint::App), None);
        assert_eq!(faults.take(Endpoint::User), Some(Fault::Close));
        assert_eq!(faults.take(Endpoint::User), Some(Fault::BrokenJson));
        assert_eq!(faults.take(Endpoint::User), Some(Fault::BrokenJson));
        faults.clear();
        assert_eq!(faults.take(Endpoint::User), None);
    }
}
