//! The double-entry ledger: movements of transfers, each from one ledger account to another.
//! Refuses one-sided entries: a transfer debits as much as it credits, so every sum is zero by its form.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

use crate::clock::Timestamp;
use crate::iam::AccountId;
use crate::id::{Id, Kind};

use super::Currency;

#[derive(Debug)]
pub struct MovementKindTag;
impl Kind for MovementKindTag {
    const PREFIX: &'static str = "mov";
}
pub type MovementId = Id<MovementKindTag>;

/// Where money can be, in the books of the operator.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum LedgerAccount {
    /// What an account has paid ahead: owed to it.
    Wallet(AccountId),
    /// What the payment gateway has collected and not yet paid out.
    Gateway,
    /// Metered use.
    UsageRevenue,
    /// Subscriptions.
    SubscriptionRevenue,
    /// Central, state and integrated goods and services tax, owed to the state.
    Cgst,
    Sgst,
    Igst,
    /// The other side of the three: tax contained in what was received.
    TaxContained,
    /// What the operator gives or takes by hand.
    Adjustments,
    /// Set aside for refunds that the gateway has still to carry out.
    RefundsHeld,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a ledger account")]
pub struct LedgerAccountError;

const FIXED: [(LedgerAccount, &str); 9] = [
    (LedgerAccount::Gateway, "gateway"),
    (LedgerAccount::UsageRevenue, "revenue:usage"),
    (LedgerAccount::SubscriptionRevenue, "revenue:subscriptions"),
    (LedgerAccount::Cgst, "tax:cgst"),
    (LedgerAccount::Sgst, "tax:sgst"),
    (LedgerAccount::Igst, "tax:igst"),
    (LedgerAccount::TaxContained, "tax:contained"),
    (LedgerAccount::Adjustments, "adjustments"),
    (LedgerAccount::RefundsHeld, "refunds:held"),
];

impl fmt::Display for LedgerAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Wallet(account) = self {
            return write!(f, "wallet:{account}");
        }
        let known = FIXED.iter().find(|(account, _)| account == self);
        f.write_str(known.map_or("", |(_, name)| name))
    }
}

impl FromStr for LedgerAccount {
    type Err = LedgerAccountError;

    fn from_str(text: &str) -> Result<Self, LedgerAccountError> {
        if let Some(account) = text.strip_prefix("wallet:") {
            return account.parse().map(Self::Wallet).map_err(|_| LedgerAccountError);
        }
        let known = FIXED.iter().find(|(_, name)| *name == text);
        known
            .map(|(account, _)| account.clone())
            .ok_or(LedgerAccountError)
    }
}

/// Why money moved.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum MovementKind {
    /// A payment by hand.
    Topup,
    /// A payment by mandate.
    Autopay,
    /// A payment for a plan; it does not pass the wallet.
    Subscription,
    /// Metered use.
    Usage,
    /// A payment given back.
    Refund,
    /// By the operator's hand.
    Adjustment,
}

impl MovementKind {
    pub const ALL: [Self; 6] = [
        Self::Topup,
        Self::Autopay,
        Self::Subscription,
        Self::Usage,
        Self::Refund,
        Self::Adjustment,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Topup => "topup",
            Self::Autopay => "autopay",
            Self::Subscription => "subscription",
            Self::Usage => "usage",
            Self::Refund => "refund",
            Self::Adjustment => "adjustment",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// From one ledger account to another; both in the movement's currency.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Transfer {
    pub debit: LedgerAccount,
    pub credit: LedgerAccount,
    /// Above zero.
    pub minor: i64,
}

/// Transfers that belong together, written once and never changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Movement {
    pub id: MovementId,
    /// Whose books it is in.
    pub account: AccountId,
    pub kind: MovementKind,
    /// What it is about, once and for ever: `payment:pay_…`, `refund:rfnd_…`, `usage:…`.
    pub reference: String,
    pub currency: Currency,
    /// The first is what it is about.
    pub transfers: Vec<Transfer>,
    /// For people: one line.
    pub description: String,
    pub at: Timestamp,
    /// The day that it is booked on.
    pub day: Date,
}

impl Movement {
    /// By how much it changes the wallet of its account; nothing when that can't be counted.
    pub fn wallet_change(&self) -> Option<i64> {
        let wallet = LedgerAccount::Wallet(self.account.clone());
        self.transfers.iter().try_fold(0_i64, |sum, transfer| {
            let credit = if transfer.credit == wallet {
                transfer.minor
            } else {
                0
            };
            let debit = if transfer.debit == wallet {
                transfer.minor
            } else {
                0
            };
            sum.checked_add(credit)?.checked_sub(debit)
        })
    }
}

/// A movement as its account sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LedgerEntry {
    pub id: MovementId,
    /// Its place in the account's history, from 1.
    pub seq: i64,
    pub kind: MovementKind,
    pub reference: String,
    pub currency: Currency,
    /// What it is about, above zero: also what did not pass the wallet.
    pub amount: i64,
    pub wallet_change: i64,
    pub balance_after: i64,
    pub description: String,
    pub at: Timestamp,
}

/// What an account has, as the sum of what moved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wallet {
    pub balance: i64,
    pub currency: Currency,
    /// Movements so far.
    pub movements: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ledger_account_reads_back() {
        let wallet = LedgerAccount::Wallet("123456789012".parse().unwrap());
        for account in FIXED.into_iter().map(|(account, _)| account).chain([wallet]) {
            assert_eq!(account.to_string().parse(), Ok(account));
        }
        assert!("wallet:12".parse::<LedgerAccount>().is_err());
        assert!("".parse::<LedgerAccount>().is_err());
    }
}
