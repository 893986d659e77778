//! The meter of a route, compiled.
//! It refuses names that the server could not book, and a quantity where bytes are counted.

use crate::config::{self, Counted, When};
use std::fmt;
use std::sync::Arc;

const LONGEST_NAME: usize = 64;
/// As many as one request may count for.
const MOST: u32 = 1_000_000;

/// What use of a route counts as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meter {
    /// What it is reported as.
    pub metric: Arc<str>,
    /// How many for each request; 0 where bytes are counted.
    pub quantity: u64,
    /// What is counted.
    pub count: Counted,
    /// Which requests.
    pub when: When,
}

impl Meter {
    /// Compiles the `meter` of a route.
    ///
    /// # Errors
    /// A sentence for the person who wrote it.
    pub fn compile(meter: &config::Meter) -> Result<Self, String> {
        let meter = meter.whole();
        let metric = name(&meter.metric).map_err(|reason| format!("meter: {reason}"))?;
        let quantity = match (meter.count, meter.quantity) {
            (Counted::Requests, quantity) => quantity.unwrap_or(1),
            (_, None) => 0,
            (_, Some(_)) => return Err("meter.quantity is of no use where bytes are counted".to_owned()),
        };
        if meter.count == Counted::Requests && !(1..=MOST).contains(&quantity) {
            return Err(format!("meter.quantity must be 1 to {MOST}"));
        }
        Ok(Self {
            metric,
            quantity: quantity.into(),
            count: meter.count,
            when: meter.when,
        })
    }

    /// Whether a request that was let through counts before anything is known of its answer.
    #[must_use]
    pub const fn counts_always(&self) -> bool {
        matches!(self.when, When::Always)
    }
}

/// The name of a metric or of a feature.
///
/// # Errors
/// A sentence for the person who wrote it.
pub fn name(text: &str) -> Result<Arc<str>, String> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_.:-".contains(&byte);
    if (1..=LONGEST_NAME).contains(&text.len()) && text.bytes().all(plain) {
        return Ok(text.into());
    }
    Err(format!(
        "`{text}` must be 1 to {LONGEST_NAME} lower-case letters, digits and `_.:-`"
    ))
}

impl fmt::Display for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let metric = &self.metric;
        match self.count {
            Counted::Requests => write!(f, "{} {metric} for each request", self.quantity)?,
            Counted::RequestBytes => write!(f, "1 {metric} for each byte that is sent")?,
            Counted::ResponseBytes => write!(f, "1 {metric} for each byte that is received")?,
        }
        f.write_str(match (self.when, self.count) {
            (When::Success, Counted::Requests) => " that succeeds",
            (When::Success, _) => " with a request that succeeds",
            (When::Always, _) => ", also when it fails",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compiled(text: &str) -> Result<Meter, String> {
        #[derive(serde::Deserialize)]
        struct File {
            meter: config::Meter,
        }
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        Meter::compile(&file.meter)
    }

    #[test]
    fn a_name_alone_counts_requests_that_succeed() {
        let meter = compiled("meter = \"api_calls\"").unwrap();
        assert_eq!((meter.quantity, meter.counts_always()), (1, false));
        assert_eq!(meter.to_string(), "1 api_calls for each request that succeeds");
        let bytes = "meter = { metric = \"egress\", count = \"response_bytes\", when = \"always\" }";
        let bytes = compiled(bytes).unwrap();
        assert_eq!(
            bytes.to_string(),
            "1 egress for each byte that is received, also when it fails"
        );
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for bad in [
            "meter = \"\"",
            "meter = \"Calls\"",
            "meter = \"calls per day\"",
            "meter = { metric = \"calls\", quantity = 0 }",
            "meter = { metric = \"calls\", quantity = 1000001 }",
            "meter = { metric = \"bytes\", count = \"request_bytes\", quantity = 2 }",
            "meter = { metric = \"calls\", per = \"day\" }",
            "meter = { count = \"requests\" }",
        ] {
            assert!(compiled(bad).is_err(), "{bad}");
        }
        let long = "a".repeat(LONGEST_NAME + 1);
        assert!(name(&long).is_err() && name(&long[1..]).is_ok());
    }
}
