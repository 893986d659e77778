//! Proving the books: every movement of every account, and that there is nothing beside them.
//! Changes nothing and believes nothing; a row that can't be read is a finding like any other.

use model::audit::Findings;
use model::billing::proof::{Balances, Proof, Snapshot};
use model::iam::AccountId;
use storage::{Reader, StorageError, ledger_proof};

use crate::authority::Authority;
use crate::fault::Fault;

const PORTION: i64 = 500;
const ACCOUNTS: i64 = 200;
/// What concerns no account.
const ALL: &str = "-";

/// What was looked at, and what was found.
#[derive(Default, Debug)]
pub struct Proven {
    pub accounts: u64,
    pub movements: u64,
    pub transfers: u64,
    /// What is in each ledger account, as the sum of all transfers: those of the operator's as of the wallets.
    pub balances: Balances,
    pub findings: Findings,
}

impl Authority {
    /// All books, or those of one account. What is written meanwhile is left for the next time.
    ///
    /// # Errors
    /// Storage; what is wrong with the ledger is a finding.
    pub async fn prove_ledger(&self, account: Option<&AccountId>) -> Result<Proven, Fault> {
        let mut proven = Proven::default();
        if let Some(account) = account {
            self.prove_account(account, &mut proven).await?;
            return Ok(proven);
        }
        self.prove_accounts(&mut proven).await?;
        self.prove_whole(&mut proven).await?;
        Ok(proven)
    }

    async fn prove_accounts(&self, proven: &mut Proven) -> Result<(), Fault> {
        let mut after = String::new();
        loop {
            let mut reader = self.database.read().await?;
            let accounts = ledger_proof::list_accounts(&mut reader, &after, ACCOUNTS).await;
            drop(reader);
            let accounts = readable(accounts, ALL, &mut proven.findings)?.unwrap_or_default();
            let Some(last) = accounts.last() else {
                return Ok(());
            };
            last.as_str().clone_into(&mut after);
            for account in &accounts {
                self.prove_account(account, proven).await?;
            }
        }
    }

    async fn prove_account(&self, account: &AccountId, proven: &mut Proven) -> Result<(), Fault> {
        let mut reader = self.database.read().await?;
        let snapshot = ledger_proof::find_snapshot(&mut reader, account).await;
        let Some(Some(snapshot)) = readable(snapshot, account.as_str(), &mut proven.findings)? else {
            return Ok(());
        };
        let mut proof = Proof::of(account.as_str(), &snapshot);
        if walk(&mut reader, account, (&snapshot, &mut proof)).await? {
            proof.finish(&snapshot);
        }
        proven.accounts += 1;
        proven.movements += proof.movements;
        proven.transfers += proof.transfers;
        proven.balances.merge(&proof.balances);
        proven.findings.list.extend(proof.findings.list);
        proven.findings.left_out += proof.findings.left_out;
        Ok(())
    }

    async fn prove_whole(&self, proven: &mut Proven) -> Result<(), Fault> {
        let mut reader = self.database.read().await?;
        let strays = ledger_proof::count_strays(&mut reader).await?;
        let missing = ledger_proof::list_missing_guards(&mut reader).await?;
        let mut find = |what: String| proven.findings.add(ALL, None, what);
        for (count, what) in [
            (strays.movements, "movements that no wallet has seen"),
            (strays.transfers, "transfers of no movement"),
            (strays.seals, "seals of no movement"),
            (strays.days, "days of no wallet"),
        ] {
            if count != 0 {
                find(format!("there are {count} {what}"));
            }
        }
        for guard in missing {
            find(format!("the trigger {guard} is gone or switched off"));
        }
        for (currency, sum) in proven.balances.totals() {
            if sum != 0 {
                find(format!("all accounts in {currency} sum up to {sum}"));
            }
        }
        Ok(())
    }
}

/// Along all movements that the wallet has seen; false when one of them can't be read.
async fn walk(
    reader: &mut Reader,
    account: &AccountId,
    (snapshot, proof): (&Snapshot, &mut Proof),
) -> Result<bool, Fault> {
    let mut after = 0;
    while after < snapshot.movements {
        let up_to = after.saturating_add(PORTION).min(snapshot.movements);
        let portion = ledger_proof::list_movements(reader, account, (after, up_to)).await;
        let Some(portion) = readable(portion, account.as_str(), &mut proof.findings)? else {
            return Ok(false);
        };
        // Whatever lies behind so large a gap: the end of the proof finds that it is missing.
        if portion.is_empty() {
            break;
        }
        portion.iter().for_each(|movement| proof.movement(movement));
        after = up_to;
    }
    Ok(true)
}

/// What can't be read for what is in it is a finding; what can't be read now is a fault.
fn readable<T>(
    outcome: Result<T, StorageError>,
    account: &str,
    findings: &mut Findings,
) -> Result<Option<T>, Fault> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(error @ StorageError::Corrupt { .. }) => {
            findings.add(account, None, format!("it can't be read: {error}"));
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}
