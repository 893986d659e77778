//! What may happen in a history.

use domain::billing::{AdjustError, Adjusted, Adjustment, Draft, Posted};
use model::Random as _;
use model::audit::Actor;
use model::billing::MovementKind;
use proptest::prelude::*;
use testkit::random::TestRandom;

use super::{Books, debit, payment_of};

/// What may not take a wallet below zero is described so.
pub const PURCHASE: &str = "Purchase";

#[derive(Clone, Debug)]
pub struct Deed {
    pub account: usize,
    pub what: What,
    /// Few of them, so that they repeat.
    pub key: u32,
    pub minor: i64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum What {
    TopUp,
    /// Has been used; whatever that leaves.
    Usage,
    /// Nothing below zero.
    Purchase,
    Refund,
    Credit,
    Debit,
    DebitBelowZero,
}

const ALL: [What; 7] = [
    What::TopUp,
    What::Usage,
    What::Purchase,
    What::Refund,
    What::Credit,
    What::Debit,
    What::DebitBelowZero,
];

pub fn deeds(accounts: usize) -> impl Strategy<Value = Deed> {
    let what = prop::sample::select(ALL.to_vec());
    (0..accounts, what, 0_u32..12, 1_i64..1000).prop_map(|(account, what, key, minor)| Deed {
        account,
        what,
        key,
        minor,
    })
}

/// What became of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The balance afterwards.
    Done(i64),
    Already,
    Short,
    /// Something else stands under its reference.
    Taken,
}

impl Deed {
    /// Under which it stands in the books.
    pub fn reference(&self) -> String {
        let (account, key) = (self.account, self.key);
        match self.what {
            What::TopUp => format!("payment:pay_{account}_{key}"),
            What::Usage | What::Purchase => format!("usage:{account}_{key}"),
            What::Refund => format!("refund:{account}_{key}"),
            What::Credit | What::Debit | What::DebitBelowZero => format!("adjustment:{account}_{key}"),
        }
    }

    pub const fn change(&self) -> i64 {
        match self.what {
            What::TopUp | What::Credit => self.minor,
            _ => -self.minor,
        }
    }

    pub const fn has_floor(&self) -> bool {
        matches!(self.what, What::Purchase | What::Refund | What::Debit)
    }

    pub const fn is_adjustment(&self) -> bool {
        matches!(self.what, What::Credit | What::Debit | What::DebitBelowZero)
    }

    pub async fn carry_out(&self, books: &Books) -> Outcome {
        let key = format!("{}_{}", self.account, self.key);
        let account = &books.accounts[self.account];
        let floor = self.has_floor().then_some(0);
        let posted = match self.what {
            What::TopUp => {
                let payment = format!("pay_{key}");
                books.receive(payment_of(account, &payment, self.minor)).await
            }
            What::Usage | What::Purchase => {
                let of = (MovementKind::Usage, key.as_str(), self.minor);
                books.post(self.described(debit(account, of, floor))).await
            }
            What::Refund => {
                let of = (MovementKind::Refund, key.as_str(), self.minor);
                books.post(self.described(debit(account, of, floor))).await
            }
            What::Credit | What::Debit | What::DebitBelowZero => return self.adjust(books, key).await,
        };
        match posted.unwrap() {
            Posted::New { after, .. } => Outcome::Done(after),
            Posted::Already => Outcome::Already,
            Posted::Short { .. } => Outcome::Short,
        }
    }

    /// So that it is seen in the books whether it had a floor.
    fn described(&self, mut draft: Draft) -> Draft {
        if self.has_floor() {
            PURCHASE.clone_into(&mut draft.description);
        }
        draft
    }

    async fn adjust(&self, books: &Books, reference: String) -> Outcome {
        let adjustment = Adjustment {
            account: books.accounts[self.account].clone(),
            minor: self.change(),
            reason: "Goodwill".to_owned(),
            reference,
            below_zero: !self.has_floor(),
            by: Actor::Operator,
        };
        let (authority, ctx) = (&books.world.authority, books.world.ctx());
        match authority.adjust_wallet(&ctx, adjustment).await {
            Ok(Adjusted {
                balance,
                is_new: true,
            }) => Outcome::Done(balance),
            Ok(_) => Outcome::Already,
            Err(AdjustError::Short { .. }) => Outcome::Short,
            Err(AdjustError::ReferenceTaken) => Outcome::Taken,
            Err(error) => panic!("{self:?}: {error}"),
        }
    }
}

pub fn below(random: &TestRandom, bound: u64) -> u64 {
    let mut bytes = [0; 8];
    random.fill(&mut bytes);
    u64::from_le_bytes(bytes) % bound
}

/// In one of so many accounts, under one of so many keys.
pub fn any_deed(random: &TestRandom, (accounts, keys): (usize, u64)) -> Deed {
    let place = |bound: usize| usize::try_from(below(random, bound as u64)).unwrap();
    Deed {
        account: place(accounts),
        what: ALL[place(ALL.len())],
        key: u32::try_from(below(random, keys)).unwrap(),
        minor: 1 + i64::try_from(below(random, 1000)).unwrap(),
    }
}
