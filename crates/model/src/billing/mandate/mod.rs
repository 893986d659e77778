//! A mandate: leave to collect money when the wallet runs low, and what it has become.
//! Refuses to come back from its end, and to believe old news.

mod status;
mod terms;

pub use status::{MandateEvent, MandateRefusal, MandateStatus, Pause};
pub use terms::{MandateTerms, TermsError};

use crate::clock::Timestamp;
use crate::iam::AccountId;
use crate::id::{Id, Kind};

use super::{Currency, PaymentOrderId};

#[derive(Debug)]
pub struct MandateKind;
impl Kind for MandateKind {
    const PREFIX: &'static str = "man";
}
pub type MandateId = Id<MandateKind>;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mandate {
    pub id: MandateId,
    pub account: AccountId,
    pub status: MandateStatus,
    pub terms: MandateTerms,
    pub currency: Currency,
    /// The order whose payment makes the mandate.
    pub order: PaymentOrderId,
    /// The same as the gateway calls it.
    pub gateway_order: String,
    /// Who pays, as the gateway knows them.
    pub customer: String,
    /// What is collected with, once the payment was made.
    pub token: Option<String>,
    /// When the gateway's latest news of the token happened, in whole seconds.
    pub told_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

impl Mandate {
    /// Takes what the gateway tells of the token; false when that is old or changes nothing. Of two things told of the same
    /// second the more final one counts.
    pub fn hear(&mut self, event: MandateEvent, at: Timestamp) -> bool {
        let at = Timestamp::from_seconds(at.as_seconds());
        if self.told_at.is_some_and(|told| at < told) && !event.is_final() {
            return false;
        }
        let again = self.told_at == Some(at) && event == MandateEvent::Confirmed;
        if again && self.status != MandateStatus::Created {
            return false;
        }
        let before = (self.status, self.told_at);
        if let Ok(status) = self.status.after(event) {
            self.told_at = Some(self.told_at.map_or(at, |told| told.max(at)));
            self.become_status(status, at);
        }
        before != (self.status, self.told_at)
    }

    /// What its owner, or our own rules, want of it.
    ///
    /// # Errors
    /// What can't be in this state.
    pub fn take(&mut self, event: MandateEvent, now: Timestamp) -> Result<(), MandateRefusal> {
        let status = self.status.after(event)?;
        self.become_status(status, now);
        Ok(())
    }

    fn become_status(&mut self, status: MandateStatus, at: Timestamp) {
        self.status = status;
        if status.is_final() && self.ended_at.is_none() {
            self.ended_at = Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mandate() -> Mandate {
        Mandate {
            id: Id::random(&crate::SystemRandom),
            account: "123456789012".parse().unwrap(),
            status: MandateStatus::Created,
            terms: MandateTerms {
                threshold: 100,
                amount: 500,
                most: 1000,
            },
            currency: Currency::INR,
            order: Id::random(&crate::SystemRandom),
            gateway_order: "order_1".to_owned(),
            customer: "cust_1".to_owned(),
            token: None,
            told_at: None,
            created_at: Timestamp::EPOCH,
            ended_at: None,
        }
    }

    /// What a gateway can tell of one token, in the order in which it happens, each in a second of its own.
    fn stories() -> impl Strategy<Value = Vec<(MandateEvent, i64)>> {
        let back_and_forth = proptest::collection::vec(any::<bool>(), 0..6);
        let end = proptest::option::of(proptest::sample::select(vec![
            MandateEvent::Cancelled,
            MandateEvent::Expired,
        ]));
        (back_and_forth, end).prop_map(|(middle, end)| {
            let middle = middle.into_iter().map(|paused| match paused {
                true => MandateEvent::PausedAtGateway,
                false => MandateEvent::Confirmed,
            });
            let all = std::iter::once(MandateEvent::Confirmed).chain(middle).chain(end);
            all.zip(1..).collect()
        })
    }

    proptest! {
        #[test]
        fn news_in_any_order_and_any_number_ends_alike(
            (story, shuffled) in stories().prop_flat_map(|story| {
                let twice: Vec<_> = story.iter().chain(&story).copied().collect();
                (Just(story), Just(twice).prop_shuffle())
            })
        ) {
            let told = |events: &[(MandateEvent, i64)]| {
                let mut mandate = mandate();
                for (event, second) in events {
                    mandate.hear(*event, Timestamp::from_seconds(*second));
                }
                (mandate.status, mandate.ended_at)
            };
            prop_assert_eq!(told(&story), told(&shuffled));
        }
    }

    #[test]
    fn a_pause_by_its_owner_is_not_undone_by_news() {
        let mut mandate = mandate();
        assert!(mandate.hear(MandateEvent::Confirmed, Timestamp::from_seconds(1)));
        mandate
            .take(MandateEvent::Pause, Timestamp::from_seconds(2))
            .unwrap();
        mandate.hear(MandateEvent::Confirmed, Timestamp::from_seconds(3));
        assert_eq!(mandate.status, MandateStatus::Paused(Pause::Owner));
    }
}
