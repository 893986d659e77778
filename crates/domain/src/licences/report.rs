//! Reports of use: each counts once, whoever sends it again.
//! Refuses a batch as a whole when one of its reports is wrong, naming each that is, before anything is counted.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use model::billing::Month;
use model::iam::AccountId;
use model::{Ctx, SecretDigest};
use storage::usage::Key;
use storage::{StorageError, Writer};

use super::Reporter;
use crate::authority::Authority;
use crate::fault::Fault;

/// The most reports in one batch.
pub const MOST_REPORTS: usize = 500;
/// The most of one report.
pub const MOST_QUANTITY: i64 = 1_000_000_000;
const LONGEST_KEY: usize = 128;
/// How long a report is recognised when it comes again.
const REMEMBERED: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// What was used, as it was told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UsageReport {
    /// The account's number.
    pub account: String,
    pub metric: String,
    pub quantity: i64,
    /// Of this report, and of no other one of the same reporter.
    pub key: String,
}

/// What is wrong with a report.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wrong {
    /// No such account.
    Account,
    /// Neither a plan nor a price names it.
    Metric,
    Quantity,
    Key,
    /// The reporter does not speak for this account.
    ForeignAccount,
    /// Its key was used for another report.
    Conflict,
}

impl Wrong {
    /// The member that is wrong.
    pub const fn member(self) -> &'static str {
        match self {
            Self::Account | Self::ForeignAccount => "account_id",
            Self::Metric => "metric",
            Self::Quantity => "quantity",
            Self::Key | Self::Conflict => "idempotency_key",
        }
    }

    pub fn rule(self) -> String {
        match self {
            Self::Account => "there is no such account".to_owned(),
            Self::Metric => "no plan and no price names it".to_owned(),
            Self::Quantity => format!("must be a whole number from 1 to {MOST_QUANTITY}"),
            Self::Key => format!("must be 1 to {LONGEST_KEY} visible ASCII characters"),
            Self::ForeignAccount => "the credential does not speak for this account".to_owned(),
            Self::Conflict => "was used for another report".to_owned(),
        }
    }
}

/// A report of a batch that was not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Refused {
    /// Its place, from 0.
    pub index: usize,
    pub wrong: Wrong,
}

/// Why nothing was taken.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error("a batch has 1 to {MOST_REPORTS} reports")]
    Size,
    /// In the order of the batch.
    #[error("{} reports are wrong", .0.len())]
    Refused(Vec<Refused>),
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for ReportError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

/// A counter after a batch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Counted {
    pub account: AccountId,
    pub metric: String,
    pub used: u64,
    /// What the plan allows.
    pub limit: Option<u64>,
    pub month: Month,
}

/// What became of a batch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Taken {
    /// Reports that were new, and that had been taken before.
    pub written: usize,
    pub known: usize,
    /// Of everything that the batch names, in the order of account and metric.
    pub counters: Vec<Counted>,
}

pub(super) struct Sound {
    pub index: usize,
    pub account: AccountId,
    pub metric: String,
    pub quantity: i64,
    pub key: String,
}

impl Sound {
    fn digest(&self) -> SecretDigest {
        SecretDigest::of(&format!("{} {} {}", self.account, self.metric, self.quantity))
    }
}

impl Authority {
    /// Counts what was used, rates it and debits wallets, all in one write: all of the batch or nothing. What is reported
    /// was used already, so no limit and no empty wallet refuses it. It counts in the month in which it arrives.
    ///
    /// # Errors
    /// See [`ReportError`]; after a fault the same batch may be sent again.
    pub async fn report_usage(
        &self,
        ctx: &Ctx,
        reporter: &Reporter,
        reports: &[UsageReport],
    ) -> Result<Taken, ReportError> {
        if !(1..=MOST_REPORTS).contains(&reports.len()) {
            return Err(ReportError::Size);
        }
        let sound = self.judged(reporter, reports).await?;
        let (authority, at, name) = (self.clone(), ctx.clone(), reporter.name.clone());
        let work = self.database.write::<_, ReportError, _>(move |w| {
            Box::pin(async move {
                let (known, new) = take_keys(w, &at, &name, &sound).await?;
                let counters = authority.count_usage(w, &at, new).await?;
                Ok(Taken {
                    written: sound.len() - known,
                    known,
                    counters,
                })
            })
        });
        let taken = work.await?;
        if taken.written > 0 {
            self.ring();
            self.catch_up().await?;
        }
        Ok(taken)
    }

    /// Every report, or each that is wrong.
    async fn judged(&self, reporter: &Reporter, reports: &[UsageReport]) -> Result<Vec<Sound>, ReportError> {
        let known = self.known_accounts(reports).await?;
        let mut sound = Vec::with_capacity(reports.len());
        let mut refused = Vec::new();
        for (index, report) in reports.iter().enumerate() {
            match self.judge_report(reporter, &known, report) {
                Ok(account) => sound.push(Sound {
                    index,
                    account,
                    metric: report.metric.clone(),
                    quantity: report.quantity,
                    key: report.key.clone(),
                }),
                Err(wrong) => refused.push(Refused { index, wrong }),
            }
        }
        match refused.is_empty() {
            true => Ok(sound),
            false => Err(ReportError::Refused(refused)),
        }
    }

    fn judge_report(
        &self,
        reporter: &Reporter,
        known: &BTreeSet<AccountId>,
        report: &UsageReport,
    ) -> Result<AccountId, Wrong> {
        let account: AccountId = report.account.parse().map_err(|_| Wrong::Account)?;
        if reporter.only.as_ref().is_some_and(|only| *only != account) {
            return Err(Wrong::ForeignAccount);
        }
        if !known.contains(&account) {
            return Err(Wrong::Account);
        }
        let billing = &self.settings.billing;
        if billing.prices.find(&report.metric).is_none() && !billing.plans.name(&report.metric) {
            return Err(Wrong::Metric);
        }
        if !(1..=MOST_QUANTITY).contains(&report.quantity) {
            return Err(Wrong::Quantity);
        }
        let key = report.key.as_bytes();
        let visible = (1..=LONGEST_KEY).contains(&key.len()) && key.iter().all(u8::is_ascii_graphic);
        visible.then_some(account).ok_or(Wrong::Key)
    }

    async fn known_accounts(&self, reports: &[UsageReport]) -> Result<BTreeSet<AccountId>, Fault> {
        let named: BTreeSet<AccountId> = reports
            .iter()
            .filter_map(|one| one.account.parse().ok())
            .collect();
        let mut reader = self.database.read().await?;
        let mut known = BTreeSet::new();
        for account in named {
            if storage::licences::account_made_at(&mut reader, &account)
                .await?
                .is_some()
            {
                known.insert(account);
            }
        }
        Ok(known)
    }
}

/// How much is new of what; 0 for what was known. Keys are taken in their order, so that two batches never wait for each other.
pub(super) type News = BTreeMap<(AccountId, String), i64>;

async fn take_keys(
    w: &mut Writer,
    ctx: &Ctx,
    reporter: &str,
    reports: &[Sound],
) -> Result<(usize, News), ReportError> {
    let mut ordered: Vec<&Sound> = reports.iter().collect();
    ordered.sort_by(|one, other| one.key.cmp(&other.key));
    let (mut known, mut news, mut refused) = (0, News::new(), Vec::new());
    let times = (ctx.now, ctx.now.plus(REMEMBERED));
    for report in ordered {
        let key = (reporter, report.key.as_str());
        let sum = news
            .entry((report.account.clone(), report.metric.clone()))
            .or_default();
        match storage::usage::take_key(w, key, &report.digest(), times).await? {
            // At most MOST_REPORTS times MOST_QUANTITY.
            Key::New => *sum += report.quantity,
            Key::Known => known += 1,
            Key::Conflict => refused.push(Refused {
                index: report.index,
                wrong: Wrong::Conflict,
            }),
        }
    }
    if refused.is_empty() {
        return Ok((known, news));
    }
    refused.sort_by_key(|refused| refused.index);
    Err(ReportError::Refused(refused))
}
