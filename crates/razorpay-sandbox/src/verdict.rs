//! What the next collections, charges, mandates and refunds come to.
//! Everything succeeds that nobody has spoken of.

use crate::outcome::Outcome;
use crate::world::TokenStatus;

const MOST: usize = 100;

struct Verdict {
    /// A token or a subscription; anything when absent.
    subject: Option<String>,
    outcome: Outcome,
    left: u32,
}

#[derive(Default)]
pub(crate) struct Verdicts {
    charges: Vec<Verdict>,
    refunds: u32,
    /// What the next mandate is, instead of confirmed.
    pub(crate) next_token: Option<TokenStatus>,
}

impl Verdicts {
    /// So many collections come to this; those of one token or subscription, or any.
    pub(crate) fn next(&mut self, subject: Option<String>, outcome: Outcome, times: u32) {
        if self.charges.len() >= MOST {
            self.charges.remove(0);
        }
        if times > 0 {
            self.charges.push(Verdict {
                subject,
                outcome,
                left: times,
            });
        }
    }

    pub(crate) fn take(&mut self, subject: &str) -> Outcome {
        let fits = |verdict: &Verdict| verdict.subject.as_deref().is_none_or(|wanted| wanted == subject);
        let Some(index) = self.charges.iter().position(fits) else {
            return Outcome::Success;
        };
        let verdict = &mut self.charges[index];
        let outcome = verdict.outcome.clone();
        verdict.left -= 1;
        if verdict.left == 0 {
            self.charges.remove(index);
        }
        outcome
    }

    pub(crate) fn fail_refunds(&mut self, times: u32) {
        self.refunds = times;
    }

    pub(crate) fn refund_fails(&mut self) -> bool {
        let fails = self.refunds > 0;
        self.refunds = self.refunds.saturating_sub(1);
        fails
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Decline;

    #[test]
    fn a_verdict_strikes_its_subject_as_often_as_told() {
        let mut verdicts = Verdicts::default();
        let failure = Outcome::Failure(Decline::default());
        verdicts.next(Some("sub_1".to_owned()), failure.clone(), 2);
        assert_eq!(verdicts.take("sub_2"), Outcome::Success);
        assert_eq!(verdicts.take("sub_1"), failure);
        assert_eq!(verdicts.take("sub_1"), failure);
        assert_eq!(verdicts.take("sub_1"), Outcome::Success);
    }
}
