//! Credits and debits by the operator's hand, with a reason and under a reference of the operator's own.
//! Refuses to book the same reference twice, what is something else under it, and whoever is no administrator at that moment.

use model::Ctx;
use model::audit::Actor;
use model::billing::{LedgerAccount, MOST, MovementKind, Transfer};
use model::iam::AccountId;
use serde_json::json;
use storage::{StorageError, Writer};

use super::{Draft, Posted};
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::people::AdministrationError;
use crate::people::administration::require_administrator;

pub(super) const LONGEST_REASON: usize = 200;
const LONGEST_REFERENCE: usize = 64;

/// What is to be booked.
#[derive(Clone, Debug)]
pub struct Adjustment {
    pub account: AccountId,
    /// Above zero it is given, below zero it is taken.
    pub minor: i64,
    /// The account's people read it.
    pub reason: String,
    /// The operator's own name of it; again under the same one, it is booked once.
    pub reference: String,
    /// Whether taking may leave less than nothing.
    pub below_zero: bool,
    pub by: Actor,
}

/// Why nothing is booked.
#[derive(Debug, thiserror::Error)]
pub enum AdjustError {
    #[error("only administrators do this")]
    NotAdministrator,
    #[error("there is no account with this number")]
    NoSuchAccount,
    #[error("an amount is a whole number of minor units, not zero, and at most {MOST}")]
    Amount,
    #[error("a reason is one line of at most {LONGEST_REASON} characters")]
    Reason,
    #[error("a reference is a text of at most {LONGEST_REFERENCE} visible ASCII characters")]
    Reference,
    #[error("something else was booked under this reference")]
    ReferenceTaken,
    #[error("the wallet has only {balance}")]
    Short { balance: i64 },
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for AdjustError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<AdministrationError> for AdjustError {
    fn from(error: AdministrationError) -> Self {
        match error {
            AdministrationError::Fault(fault) => Self::Fault(fault),
            _ => Self::NotAdministrator,
        }
    }
}

/// What came of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Adjusted {
    pub balance: i64,
    /// False when it was booked before.
    pub is_new: bool,
}

impl Authority {
    /// # Errors
    /// See [`AdjustError`].
    pub async fn adjust_wallet(&self, ctx: &Ctx, adjustment: Adjustment) -> Result<Adjusted, AdjustError> {
        check(&adjustment)?;
        let (authority, at) = (self.clone(), ctx.clone());
        let work = self
            .database
            .write(move |w| Box::pin(async move { authority.book_adjustment(w, &at, adjustment).await }));
        let adjusted = work.await?;
        self.ring();
        self.catch_up().await?;
        Ok(adjusted)
    }

    async fn book_adjustment(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        adjustment: Adjustment,
    ) -> Result<Adjusted, AdjustError> {
        require_administrator(w, &adjustment.by).await?;
        let account = adjustment.account.clone();
        if storage::accounts::find_root(w, &account).await?.is_none() {
            return Err(AdjustError::NoSuchAccount);
        }
        match self.post(w, ctx, draft(&adjustment)).await? {
            Posted::Short { balance } => Err(AdjustError::Short { balance }),
            Posted::Already => self.booked_before(w, &adjustment).await,
            Posted::New { after, .. } => {
                let happened = self.adjusted(adjustment, after);
                record(w, ctx, happened).await?;
                Ok(Adjusted {
                    balance: after,
                    is_new: true,
                })
            }
        }
    }

    async fn booked_before(&self, w: &mut Writer, adjustment: &Adjustment) -> Result<Adjusted, AdjustError> {
        let known = storage::ledger::find_by_reference(w, &reference(adjustment)).await?;
        let same = |(account, entry): &(AccountId, model::billing::LedgerEntry)| {
            *account == adjustment.account
                && entry.wallet_change == adjustment.minor
                && entry.description == adjustment.reason.trim()
        };
        if !known.as_ref().is_some_and(same) {
            return Err(AdjustError::ReferenceTaken);
        }
        let wallet = storage::ledger::find_wallet(w, &adjustment.account).await?;
        Ok(Adjusted {
            balance: wallet.map_or(0, |wallet| wallet.balance),
            is_new: false,
        })
    }

    fn adjusted(&self, adjustment: Adjustment, after: i64) -> Happened {
        Happened {
            actor: adjustment.by,
            action: "billing.adjusted",
            target: Some(adjustment.account.to_string()),
            detail: json!({
                "amount": adjustment.minor,
                "currency": self.settings.billing.currency,
                "balance": after,
                "reason": adjustment.reason.trim(),
                "reference": adjustment.reference,
            }),
        }
    }
}

fn check(adjustment: &Adjustment) -> Result<(), AdjustError> {
    let reference = adjustment.reference.as_bytes();
    if adjustment.minor == 0 || adjustment.minor.unsigned_abs() > MOST.unsigned_abs() {
        return Err(AdjustError::Amount);
    }
    if !is_reason(&adjustment.reason) {
        return Err(AdjustError::Reason);
    }
    if !(1..=LONGEST_REFERENCE).contains(&reference.len()) || !reference.iter().all(u8::is_ascii_graphic) {
        return Err(AdjustError::Reference);
    }
    Ok(())
}

/// One line that says something, of what is asked for with blanks around it.
pub(super) fn is_reason(text: &str) -> bool {
    let text = text.trim();
    (1..=LONGEST_REASON).contains(&text.chars().count()) && !text.contains(char::is_control)
}

fn reference(adjustment: &Adjustment) -> String {
    format!("adjustment:{}", adjustment.reference)
}

fn draft(adjustment: &Adjustment) -> Draft {
    let wallet = LedgerAccount::Wallet(adjustment.account.clone());
    let (debit, credit) = match adjustment.minor > 0 {
        true => (LedgerAccount::Adjustments, wallet),
        false => (wallet, LedgerAccount::Adjustments),
    };
    Draft {
        account: adjustment.account.clone(),
        kind: MovementKind::Adjustment,
        reference: reference(adjustment),
        transfers: vec![Transfer {
            debit,
            credit,
            minor: adjustment.minor.saturating_abs(),
        }],
        description: adjustment.reason.trim().to_owned(),
        floor: (!adjustment.below_zero).then_some(0),
    }
}
