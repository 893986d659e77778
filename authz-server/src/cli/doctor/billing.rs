//! Whether payments move money.
//! Asks no gateway: that would need its keys to leave the machine.

use super::Finding;
use crate::config::{Config, GatewayKind};

pub(super) fn gateway(config: &Config) -> Vec<Finding> {
    let billing = &config.billing;
    vec![match billing.gateway {
        GatewayKind::None => Finding::Fine("payments are not set up; balances can be read".to_owned()),
        GatewayKind::Sandbox => Finding::doubtful(
            "payments go to the built-in sandbox: wallets are credited and no money moves",
            "before anybody relies on it set billing.gateway = \"razorpay\" and its keys",
        ),
        GatewayKind::Razorpay => match billing.key_id.as_deref() {
            Some(key) if key.starts_with("rzp_test_") => Finding::doubtful(
                "billing.key_id is a test key: Razorpay moves no money for it",
                "use the live key when you go live",
            ),
            _ => Finding::Fine(format!("razorpay at {}", billing.base_url)),
        },
    }]
}
