//! Proving that an account's books are what they say: each movement against its seal, its transfers and the one before it,
//! and all of them against the snapshots that were written with them.
//! Believes nothing: sums are made anew, in numbers that can't overflow.

use std::collections::{BTreeMap, HashMap};

use crate::audit::{ChainHash, Findings};

use super::DaySums;
use super::seal::{genesis, seal};

/// A row of `ledger_movements` as it stands there, whatever that is, with its transfers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WrittenMovement {
    pub id: String,
    pub seq: i64,
    pub kind: String,
    pub kind_seq: i64,
    pub reference: String,
    pub currency: String,
    pub wallet_change: i64,
    pub balance_after: i64,
    pub description: String,
    /// Microseconds since the epoch.
    pub at: i64,
    pub day: String,
    /// What [`seal`] said when it was booked.
    pub seal: Option<ChainHash>,
    pub transfers: Vec<WrittenTransfer>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WrittenTransfer {
    pub line: i64,
    pub debit: String,
    pub credit: String,
    pub currency: String,
    pub amount: i64,
}

/// What was written beside the movements of an account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Snapshot {
    pub currency: String,
    pub balance: i64,
    pub movements: i64,
    pub days: Vec<DaySums>,
}

/// What is in each ledger account, by currency and name: credits less debits.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Balances(pub BTreeMap<(String, String), i128>);

impl Balances {
    fn add(&mut self, currency: &str, account: &str, amount: i128) {
        let key = (currency.to_owned(), account.to_owned());
        *self.0.entry(key).or_default() += amount;
    }

    /// The sum of all accounts in each currency: zero, if all is well.
    pub fn totals(&self) -> BTreeMap<&str, i128> {
        let mut totals = BTreeMap::new();
        for ((currency, _), amount) in &self.0 {
            *totals.entry(currency.as_str()).or_default() += amount;
        }
        totals
    }

    /// The same with what others have.
    pub fn merge(&mut self, other: &Self) {
        for ((currency, account), amount) in &other.0 {
            self.add(currency, account, *amount);
        }
    }
}

/// A walk along the movements of one account, from the first.
pub struct Proof {
    account: String,
    wallet: String,
    currency: String,
    seq: i64,
    seal: ChainHash,
    balance: i128,
    kinds: HashMap<String, i64>,
    days: BTreeMap<String, [i128; 3]>,
    pub movements: u64,
    pub transfers: u64,
    /// What the ledger accounts have by this account's movements.
    pub balances: Balances,
    pub findings: Findings,
}

impl Proof {
    pub fn of(account: &str, snapshot: &Snapshot) -> Self {
        Self {
            account: account.to_owned(),
            wallet: format!("wallet:{account}"),
            currency: snapshot.currency.clone(),
            seq: 0,
            seal: genesis(account),
            balance: 0,
            kinds: HashMap::new(),
            days: BTreeMap::new(),
            movements: 0,
            transfers: 0,
            balances: Balances::default(),
            findings: Findings::default(),
        }
    }

    /// The next movement.
    pub fn movement(&mut self, written: &WrittenMovement) {
        let due = self.seq.saturating_add(1);
        if written.seq != due {
            self.find(Some(written.seq), format!("movement {due} is missing"));
        }
        self.seq = written.seq;
        self.movements += 1;
        if written.currency != self.currency {
            self.find(
                Some(written.seq),
                format!("it is in {}, the wallet in {}", written.currency, self.currency),
            );
        }
        self.judge_seal(written);
        self.judge_kind(written);
        let sum = self.transfers(written);
        if sum != i128::from(written.wallet_change) {
            let change = written.wallet_change;
            self.find(
                Some(written.seq),
                format!("its transfers change the wallet by {sum}, but it says {change}"),
            );
        }
        self.balance += sum;
        if self.balance != i128::from(written.balance_after) {
            let (balance, after) = (self.balance, written.balance_after);
            self.find(
                Some(written.seq),
                format!("the entries sum up to {balance}, but it says {after}"),
            );
        }
        self.count_day(written, sum);
    }

    /// Behind the seal that is there, not the one that should be: so only what was changed itself is told of.
    fn judge_seal(&mut self, written: &WrittenMovement) {
        let due = seal(&self.account, &self.seal, written);
        let id = &written.id;
        match written.seal {
            None => self.find(Some(written.seq), format!("{id} has no seal")),
            Some(there) if there != due => {
                self.find(
                    Some(written.seq),
                    format!("{id} is not what was sealed when it was booked"),
                );
            }
            Some(_) => {}
        }
        self.seal = written.seal.unwrap_or(due);
    }

    fn judge_kind(&mut self, written: &WrittenMovement) {
        let seen = self.kinds.entry(written.kind.clone()).or_default();
        *seen += 1;
        let (due, known) = (*seen, super::MovementKind::from_name(&written.kind).is_some());
        if !known {
            self.find(Some(written.seq), format!("there is no kind {:?}", written.kind));
        }
        if written.kind_seq != due {
            let what = format!("it is number {} of its kind, not {due}", written.kind_seq);
            self.find(Some(written.seq), what);
        }
    }

    /// By how much they change the wallet.
    fn transfers(&mut self, written: &WrittenMovement) -> i128 {
        let mut sum = 0;
        if written.transfers.is_empty() {
            self.find(Some(written.seq), "it has no transfers");
        }
        for (due, transfer) in (1..).zip(&written.transfers) {
            if let Some(what) = self.unsound(written, transfer, due) {
                self.find(Some(written.seq), format!("transfer {}: {what}", transfer.line));
            }
            let amount = i128::from(transfer.amount);
            self.transfers += 1;
            self.balances.add(&transfer.currency, &transfer.debit, -amount);
            self.balances.add(&transfer.currency, &transfer.credit, amount);
            if transfer.credit == self.wallet {
                sum += amount;
            }
            if transfer.debit == self.wallet {
                sum -= amount;
            }
        }
        sum
    }

    fn unsound(&self, written: &WrittenMovement, transfer: &WrittenTransfer, due: i64) -> Option<String> {
        if transfer.line != due {
            return Some(format!("number {due} is missing"));
        }
        if transfer.currency != written.currency {
            return Some(format!(
                "it is in {}, the movement in {}",
                transfer.currency, written.currency
            ));
        }
        if transfer.amount <= 0 {
            return Some(format!("its amount is {}", transfer.amount));
        }
        if transfer.debit == transfer.credit {
            return Some("it goes from an account to itself".to_owned());
        }
        for side in [&transfer.debit, &transfer.credit] {
            let known = side.parse::<super::LedgerAccount>().is_ok();
            if !known || (side.starts_with("wallet:") && *side != self.wallet) {
                return Some(format!("{side:?} has no place in these books"));
            }
        }
        None
    }

    fn count_day(&mut self, written: &WrittenMovement, change: i128) {
        let sums = self.days.entry(written.day.clone()).or_default();
        let place = match written.kind.as_str() {
            "usage" => 0,
            _ if change > 0 => 1,
            _ => 2,
        };
        sums[place] += if place == 1 { change } else { -change };
    }

    /// The end: what was written beside the movements against what they say.
    pub fn finish(&mut self, snapshot: &Snapshot) {
        if self.seq != snapshot.movements {
            let (last, due) = (self.seq, snapshot.movements);
            self.find(
                None,
                format!("the last movement is {last}, but the wallet has seen {due}"),
            );
        }
        if self.balance != i128::from(snapshot.balance) {
            let (sum, said) = (self.balance, snapshot.balance);
            self.find(
                None,
                format!("the entries sum up to {sum}, but the wallet says {said}"),
            );
        }
        let mut days = std::mem::take(&mut self.days);
        for sums in &snapshot.days {
            let made = days.remove(&sums.day.to_string()).unwrap_or_default();
            let said = [sums.spend, sums.credits, sums.debits].map(i128::from);
            if made != said {
                let what = format!(
                    "{}: spend, credits and debits are {made:?}, not {said:?}",
                    sums.day
                );
                self.find(None, what);
            }
        }
        for (day, sums) in days {
            if sums != [0; 3] {
                self.find(None, format!("the sums of {day} are missing"));
            }
        }
    }

    fn find(&mut self, seq: Option<i64>, what: impl Into<String>) {
        let account = self.account.clone();
        self.findings.add(&account, seq, what);
    }
}

#[cfg(test)]
mod tests;
