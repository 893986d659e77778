//! `authz-server billing verify`, `credit`, `debit`: prove the books, and credit or debit a wallet by hand.
//! Changes no entry: a mistake is mended by another one.

use std::process::ExitCode;

use clap::Args;
use domain::billing::{AdjustError, Adjusted, Adjustment, Proven};
use model::audit::Actor;
use model::billing::{Currency, Money};
use model::iam::AccountId;

use crate::cli::beside::beside;
use crate::cli::{CliError, Surroundings};

#[derive(Args)]
pub(in crate::cli) struct Verify {
    /// Only the books of this account: its twelve digits.
    #[arg(long)]
    account: Option<AccountId>,
}

#[derive(Args)]
pub(in crate::cli) struct Entry {
    /// The account's twelve digits.
    account: AccountId,
    /// In minor units: 11800 is INR 118.00.
    #[arg(value_parser = clap::value_parser!(i64).range(1..))]
    amount: i64,
    /// Why, in one line. The account's people read it.
    #[arg(long)]
    reason: String,
    /// A name of your own for it, such as a ticket's: what is sent again under the same one is booked once.
    #[arg(long)]
    reference: String,
}

#[derive(Args)]
pub(in crate::cli) struct Debit {
    #[command(flatten)]
    entry: Entry,
    /// Even when the wallet has less.
    #[arg(long)]
    below_zero: bool,
}

pub(super) fn credit(entry: Entry, around: &mut Surroundings<'_>) -> Result<ExitCode, CliError> {
    adjust(entry, (1, false), around)
}

pub(super) fn debit(debit: Debit, around: &mut Surroundings<'_>) -> Result<ExitCode, CliError> {
    adjust(debit.entry, (-1, debit.below_zero), around)
}

pub(super) fn verify(wish: Verify, around: &mut Surroundings<'_>) -> Result<ExitCode, CliError> {
    let proven = beside(around, |authority, _| async move {
        Ok(authority.prove_ledger(wish.account.as_ref()).await?)
    })?;
    let Proven {
        accounts,
        movements,
        transfers,
        balances,
        findings,
    } = proven;
    writeln!(
        around.out,
        "Looked at {transfers} transfers in {movements} movements of {accounts} accounts."
    )?;
    for ((currency, name), amount) in operators(&balances.0) {
        writeln!(around.out, "{:<24} {}", name, shown(currency, amount))?;
    }
    if findings.is_empty() {
        writeln!(around.out, "Everything adds up.")?;
        return Ok(ExitCode::SUCCESS);
    }
    for finding in &findings.list {
        writeln!(around.out, "found     {finding}")?;
    }
    let all = findings.list.len() + findings.left_out;
    writeln!(around.out, "The books do not add up: {all} findings.")?;
    Ok(ExitCode::FAILURE)
}

type Sums = std::collections::BTreeMap<(String, String), i128>;

/// The operator's accounts one by one, the wallets as one.
fn operators(balances: &Sums) -> Vec<((&str, &str), i128)> {
    let mut shown = std::collections::BTreeMap::new();
    for ((currency, name), amount) in balances {
        let name = match name.starts_with("wallet:") {
            true => "wallets",
            false => name.as_str(),
        };
        *shown.entry((currency.as_str(), name)).or_insert(0) += amount;
    }
    shown.into_iter().collect()
}

fn shown(currency: &str, minor: i128) -> String {
    let known: Result<Currency, _> = currency.parse();
    match (known, i64::try_from(minor)) {
        (Ok(currency), Ok(minor)) => Money::new(minor, currency).to_string(),
        _ => format!("{currency:?} {minor} minor units"),
    }
}

fn adjust(
    entry: Entry,
    (sign, below_zero): (i64, bool),
    around: &mut Surroundings<'_>,
) -> Result<ExitCode, CliError> {
    let adjustment = Adjustment {
        account: entry.account,
        minor: entry.amount.saturating_mul(sign),
        reason: entry.reason,
        reference: entry.reference,
        below_zero,
        by: Actor::Operator,
    };
    let (adjusted, currency) = beside(around, |authority, ctx| async move {
        let currency = authority.settings.billing.currency;
        let adjusted = authority.adjust_wallet(&ctx, adjustment).await.map_err(refused)?;
        Ok((adjusted, currency))
    })?;
    let Adjusted { balance, is_new } = adjusted;
    let done = match is_new {
        true => "Booked",
        false => "It was booked already",
    };
    writeln!(
        around.out,
        "{done}. The wallet has {}.",
        Money::new(balance, currency)
    )?;
    Ok(ExitCode::SUCCESS)
}

fn refused(error: AdjustError) -> CliError {
    match error {
        AdjustError::Fault(fault) => CliError::Fault(fault),
        other => CliError::Refused(other.to_string()),
    }
}
