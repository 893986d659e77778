//! What a payment comes to, as a test or a person decides it.
//! Decides nothing itself.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fields::Fields;
use crate::problem::Problem;

/// What becomes of a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The money is there.
    Success,
    /// Nobody knows yet: it stays `created` until it is settled.
    Pending,
    /// It is declined.
    Failure(Decline),
}

/// Why a payment failed, in Razorpay's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Decline {
    /// `BAD_REQUEST_ERROR`, `GATEWAY_ERROR` or `SERVER_ERROR`.
    pub code: String,
    /// For people.
    pub description: String,
    /// Who is at fault: `customer`, `bank`, `gateway`.
    pub source: String,
    /// Where it failed.
    pub step: String,
    /// For programs.
    pub reason: String,
}

impl Default for Decline {
    fn default() -> Self {
        Self {
            code: "BAD_REQUEST_ERROR".to_owned(),
            description: "Your payment was declined by the bank. Try another method.".to_owned(),
            source: "bank".to_owned(),
            step: "payment_authorization".to_owned(),
            reason: "payment_failed".to_owned(),
        }
    }
}

impl Decline {
    /// There is not enough money.
    #[must_use]
    pub fn insufficient_funds() -> Self {
        Self {
            description: "Your account does not have enough balance for this payment.".to_owned(),
            source: "customer".to_owned(),
            reason: "insufficient_funds".to_owned(),
            ..Self::default()
        }
    }

    /// The person went away.
    #[must_use]
    pub fn cancelled() -> Self {
        Self {
            description: "You cancelled the payment.".to_owned(),
            source: "customer".to_owned(),
            step: "payment_authentication".to_owned(),
            reason: "payment_cancelled".to_owned(),
            ..Self::default()
        }
    }
}

/// The members that make an [`Outcome`] in a steering request.
pub(crate) const MEMBERS: [&str; 6] = ["outcome", "code", "description", "source", "step", "reason"];

impl Outcome {
    /// `{"outcome": "success" | "pending" | "failure", …}`; success when nothing is said.
    pub(crate) fn read(fields: &Fields) -> Result<Self, Problem> {
        let word = fields.word("outcome", &["success", "pending", "failure"])?;
        match word.as_deref() {
            None | Some("success") => Ok(Self::Success),
            Some("pending") => Ok(Self::Pending),
            Some(_) => Ok(Self::Failure(read_decline(fields)?)),
        }
    }
}

fn read_decline(fields: &Fields) -> Result<Decline, Problem> {
    let usual = Decline::default();
    let text = |name: &str, usual: String| Ok(fields.text(name, 255)?.unwrap_or(usual));
    Ok(Decline {
        code: text("code", usual.code)?,
        description: text("description", usual.description)?,
        source: text("source", usual.source)?,
        step: text("step", usual.step)?,
        reason: text("reason", usual.reason)?,
    })
}

/// The five members of a payment that say why it failed; null each when it did not.
pub(crate) fn show_decline(decline: Option<&Decline>) -> [(&'static str, Value); 5] {
    let text =
        |part: fn(&Decline) -> &String| decline.map_or(Value::Null, |found| part(found).clone().into());
    [
        ("error_code", text(|found| &found.code)),
        ("error_description", text(|found| &found.description)),
        ("error_source", text(|found| &found.source)),
        ("error_step", text(|found| &found.step)),
        ("error_reason", text(|found| &found.reason)),
    ]
}
