//! Verifying the log in the database: every chain, entry by entry, against the hashes and what was signed.
//! Changes nothing and believes nothing; a row that can't be read is a finding like any other.

use std::collections::VecDeque;

use jose::KeySet;
use model::audit::checkpoint::{Checkpoint, Purpose};
use model::audit::{ChainHash, Findings, Walk};
use storage::audit_chains::Chain;
use storage::audit_checkpoints::StoredCheckpoint;
use storage::{Reader, StorageError, audit_chains, audit_checkpoints, audit_entries};

use crate::authority::Authority;
use crate::fault::Fault;

const PORTION: i64 = 500;
const CHAINS: i64 = 200;

/// What was looked at, and what was found.
#[derive(Default, Debug)]
pub struct Verified {
    pub chains: u64,
    pub entries: i64,
    pub checkpoints: i64,
    pub erased: i64,
    /// Entries after the last checkpoint of their chain: whoever writes to the database could remove them unseen.
    pub unsigned: i64,
    pub findings: Findings,
}

impl Authority {
    /// Every chain, or the one of this account.
    ///
    /// # Errors
    /// Storage; what is wrong with the log is a finding.
    pub async fn verify_audit_log(&self, account: Option<&str>) -> Result<Verified, Fault> {
        let mut verified = Verified::default();
        let keys = match self.audit_key_set().await {
            Ok(keys) => keys,
            Err(fault) if fault.is_transient() => return Err(fault),
            Err(fault) => {
                verified.findings.add("?", None, format!("audit_keys: {fault}"));
                KeySet::default()
            }
        };
        if let Some(account) = account {
            let mut reader = self.database.read().await?;
            let chain = audit_chains::find(&mut reader, account).await;
            drop(reader);
            match readable(chain, (account, None), &mut verified.findings)? {
                Some(Some(chain)) => self.verify_chain(&keys, &chain, &mut verified).await?,
                Some(None) => self.find_strays(account, &mut verified).await?,
                None => {}
            }
            return Ok(verified);
        }
        self.verify_all(&keys, &mut verified).await?;
        Ok(verified)
    }

    async fn verify_all(&self, keys: &KeySet, verified: &mut Verified) -> Result<(), Fault> {
        let mut after = String::new();
        loop {
            let mut reader = self.database.read().await?;
            let chains = audit_chains::list_after(&mut reader, &after, CHAINS).await;
            drop(reader);
            let Some(chains) = readable(chains, ("?", None), &mut verified.findings)? else {
                return Ok(());
            };
            let Some(last) = chains.last() else {
                break;
            };
            after.clone_from(&last.account);
            for chain in &chains {
                self.verify_chain(keys, chain, verified).await?;
            }
        }
        self.find_all_strays(verified).await
    }

    async fn verify_chain(&self, keys: &KeySet, chain: &Chain, verified: &mut Verified) -> Result<(), Fault> {
        let (before, hash) = (chain.first.0.saturating_sub(1), chain.first.1);
        let mut walk = Walk::after(&chain.account, before, hash);
        judge_start(&mut walk, keys, chain);
        let mut reader = self.database.read().await?;
        walk_along(&mut reader, keys, (chain, &mut walk)).await?;
        drop(reader);
        judge_end(&mut walk, chain);
        verified.chains += 1;
        verified.entries += walk.entries;
        verified.checkpoints += walk.checkpoints;
        verified.erased += walk.erased;
        verified.unsigned += chain.seq - chain.checkpoint.1.max(before);
        verified.findings.list.extend(walk.findings.list);
        verified.findings.left_out += walk.findings.left_out;
        Ok(())
    }

    /// Entries and checkpoints of accounts that have no chain.
    async fn find_all_strays(&self, verified: &mut Verified) -> Result<(), Fault> {
        let mut reader = self.database.read().await?;
        for of_checkpoints in [false, true] {
            let mut after = String::new();
            loop {
                let next = match of_checkpoints {
                    false => audit_entries::account_after(&mut reader, &after).await?,
                    true => audit_checkpoints::account_after(&mut reader, &after).await?,
                };
                let Some(account) = next else {
                    break;
                };
                if audit_chains::find(&mut reader, &account).await?.is_none() {
                    stray(&account, verified);
                }
                after = account;
            }
        }
        Ok(())
    }

    async fn find_strays(&self, account: &str, verified: &mut Verified) -> Result<(), Fault> {
        let mut reader = self.database.read().await?;
        let everything = (i64::MIN, i64::MAX);
        let entries = audit_entries::list_after(&mut reader, account, everything, 1).await?;
        let checkpoints = audit_checkpoints::list_after(&mut reader, account, everything, 1).await?;
        if !entries.is_empty() || !checkpoints.is_empty() {
            stray(account, verified);
        }
        Ok(())
    }
}

fn stray(account: &str, verified: &mut Verified) {
    let what = "there are entries or checkpoints, but no row that says how far the log has come";
    verified.findings.add(account, None, what);
}

/// What can't be read for what is in it is a finding; what can't be read now is a fault.
fn readable<T>(
    outcome: Result<T, StorageError>,
    (account, seq): (&str, Option<i64>),
    findings: &mut Findings,
) -> Result<Option<T>, Fault> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(error @ StorageError::Corrupt { .. }) => {
            findings.add(account, seq, format!("it can't be read: {error}"));
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// A chain begins at its genesis, or where a signature says that it was cut.
fn judge_start(walk: &mut Walk, keys: &KeySet, chain: &Chain) {
    let (before, hash) = (chain.first.0.saturating_sub(1), chain.first.1);
    let Some(jws) = &chain.pruned else {
        if before != 0 || hash != ChainHash::genesis(&chain.account) || chain.pruned_times != 0 {
            walk.find(
                Some(chain.first.0),
                "entries before it are gone, and no signature vouches for that",
            );
        }
        return;
    };
    match Checkpoint::verify(jws, keys) {
        Err(why) => walk.find(
            Some(before),
            format!("the signature under what was pruned does not hold: {why}"),
        ),
        Ok(said) => {
            let due = (
                Purpose::Pruned,
                chain.account.as_str(),
                chain.pruned_times,
                before,
                hash,
            );
            if (
                said.purpose,
                said.account.as_str(),
                said.number,
                said.seq,
                said.hash,
            ) != due
            {
                let what = format!(
                    "the log was pruned up to entry {}, but does not begin after it",
                    said.seq
                );
                walk.find(Some(chain.first.0), what);
            }
        }
    }
}

async fn walk_along(
    reader: &mut Reader,
    keys: &KeySet,
    (chain, walk): (&Chain, &mut Walk),
) -> Result<(), Fault> {
    let account = chain.account.as_str();
    // Also what lies outside of the chain's bounds is looked at.
    let mut after = i64::MIN;
    let mut signed_after = i64::MIN;
    let mut due: VecDeque<StoredCheckpoint> = VecDeque::new();
    loop {
        let portion = list_entries(reader, account, (after, &mut walk.findings)).await?;
        let last = portion.last().map(|entry| entry.seq);
        let up_to = last.unwrap_or(i64::MAX);
        let found = audit_checkpoints::list_after(reader, account, (signed_after, up_to), i64::MAX).await;
        let found = readable(found, (account, None), &mut walk.findings)?.unwrap_or_default();
        signed_after = up_to;
        due.extend(found);
        for entry in &portion {
            while let Some(early) = due.pop_front_if(|next| next.seq < entry.seq) {
                judge_checkpoint(walk, keys, &early);
            }
            walk.entry(entry);
            while let Some(next) = due.pop_front_if(|next| next.seq == entry.seq) {
                judge_checkpoint(walk, keys, &next);
            }
        }
        let Some(last) = last else {
            break;
        };
        after = last;
    }
    for late in due {
        judge_checkpoint(walk, keys, &late);
    }
    Ok(())
}

/// A portion of entries; one that can't be read is found alone, and the walk goes on behind it.
async fn list_entries(
    reader: &mut Reader,
    account: &str,
    (after, findings): (i64, &mut Findings),
) -> Result<Vec<model::audit::Entry>, Fault> {
    let outcome = audit_entries::list_after(reader, account, (after, i64::MAX), PORTION).await;
    if let Ok(entries) = outcome {
        return Ok(entries);
    }
    let (mut readable_ones, mut place) = (Vec::new(), after);
    for _ in 0..PORTION {
        let Some(seq) = audit_entries::seq_after(reader, account, place).await? else {
            break;
        };
        let one = audit_entries::list_after(reader, account, (place, seq), 1).await;
        readable_ones.extend(readable(one, (account, Some(seq)), findings)?.unwrap_or_default());
        place = seq;
    }
    Ok(readable_ones)
}

fn judge_checkpoint(walk: &mut Walk, keys: &KeySet, stored: &StoredCheckpoint) {
    let said = match Checkpoint::verify(&stored.jws, keys) {
        Ok(said) => said,
        Err(why) => {
            return walk.find(
                Some(stored.seq),
                format!("the signature of its checkpoint does not hold: {why}"),
            );
        }
    };
    if (said.purpose, said.number, said.seq) != (Purpose::Interval, stored.number, stored.seq) {
        return walk.find(
            Some(stored.seq),
            "the checkpoint kept for it is about something else",
        );
    }
    walk.checkpoint(&said);
}

fn judge_end(walk: &mut Walk, chain: &Chain) {
    if walk.seq < chain.seq {
        let what = format!("entries {} to {} are missing at the end", walk.seq + 1, chain.seq);
        walk.find(Some(walk.seq + 1), what);
    } else if walk.seq > chain.seq {
        walk.find(
            Some(chain.seq + 1),
            format!("the log had come to entry {} only", chain.seq),
        );
    } else if walk.hash != chain.hash {
        walk.find(
            Some(walk.seq),
            "the last entry is not the one that was written last",
        );
    } else if walk.entries > 0 && walk.at != chain.at {
        walk.find(Some(walk.seq), "the last entry was written at another time");
    }
    if walk.erased != chain.erased {
        let what = format!(
            "{} entries have no personal parts, but {} were erased",
            walk.erased, chain.erased
        );
        walk.find(None, what);
    }
    let before = chain.first.0 - 1;
    let (number, seq) = chain.checkpoint;
    let kept = number > 0 && seq >= before;
    let due = kept.then_some(number);
    if walk.number != due {
        let shown =
            |number: Option<i64>| number.map_or_else(|| "none".to_owned(), |number| number.to_string());
        let what = format!(
            "the last checkpoint is {}, but {} was signed",
            shown(walk.number),
            shown(due)
        );
        walk.find(None, what);
    }
}
