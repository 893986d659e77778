//! 403 `entitlement_exceeded`: what a plan does not allow, and where more is to be had.
//! Refuses to leave whoever is refused without a way on.

use domain::licences::Exceeded;
use serde_json::{Value, json};

use super::Failure;

pub const CODE: &str = "entitlement_exceeded";

impl From<Exceeded> for Failure {
    fn from(exceeded: Exceeded) -> Self {
        let Exceeded {
            feature,
            limit,
            used,
            upgrade_url,
        } = exceeded;
        let message = format!(
            "The plan of the account allows {limit} of {feature}, and all of them are there. Remove one, or choose another plan."
        );
        Self::forbidden(CODE, message)
            .with("feature", json!(feature))
            .with("limit", json!(limit))
            .with("used", json!(used))
            .with("resets_at", Value::Null)
            .with("upgrade_url", json!(upgrade_url))
    }
}
