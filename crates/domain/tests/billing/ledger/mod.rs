//! The books: histories, races, crashes, and tampering.

mod aborts;
mod crash;
mod deed;
mod erasure;
mod histories;
mod races;
mod tampering;

use domain::billing::{Draft, Posted, Proven, Purpose, Received};
use futures::future::BoxFuture;
use model::billing::{Currency, LedgerAccount, LedgerEntry, Money, MovementKind, Transfer};
use model::iam::AccountId;
use storage::{Database, StorageError, Writer};

use crate::world::World;
use deed::Deed;

/// Accounts that have wallets, and what happens in them.
pub struct Books {
    pub world: World,
    pub accounts: Vec<AccountId>,
}

impl Books {
    pub async fn open(database: Database, accounts: usize) -> Self {
        let world = World::new(database);
        let mut numbers = Vec::new();
        for number in 0..accounts {
            let signed_in = world.register(&format!("owner{number}")).await;
            let ctx = world.ctx();
            let account = world.authority.account_number(&ctx, signed_in.user.id);
            numbers.push(account.await.unwrap());
        }
        Self {
            world,
            accounts: numbers,
        }
    }

    pub async fn write<T, F>(&self, work: F) -> Result<T, StorageError>
    where
        F: for<'w> FnOnce(&'w mut Writer) -> BoxFuture<'w, Result<T, StorageError>> + Send + 'static,
        T: Send + 'static,
    {
        self.world.authority.database.write(work).await
    }

    pub async fn post(&self, draft: Draft) -> Result<Posted, StorageError> {
        let (authority, ctx) = (self.world.authority.clone(), self.world.ctx());
        self.write(move |w| Box::pin(async move { authority.post(w, &ctx, draft).await }))
            .await
    }

    pub async fn receive(&self, received: Received) -> Result<Posted, StorageError> {
        let (authority, ctx) = (self.world.authority.clone(), self.world.ctx());
        self.write(move |w| Box::pin(async move { authority.receive(w, &ctx, &received).await }))
            .await
    }

    pub async fn top_up(&self, account: usize, payment: &str, minor: i64) -> Posted {
        let received = payment_of(&self.accounts[account], payment, minor);
        self.receive(received).await.unwrap()
    }

    pub async fn balance(&self, account: usize) -> i64 {
        let mut reader = self.world.authority.database.read().await.unwrap();
        let wallet = storage::ledger::find_wallet(&mut reader, &self.accounts[account]).await;
        wallet.unwrap().map_or(0, |wallet| wallet.balance)
    }

    /// All movements, the oldest first.
    pub async fn entries(&self, account: usize) -> Vec<LedgerEntry> {
        let mut reader = self.world.authority.database.read().await.unwrap();
        let all = (i64::MAX, i64::MAX);
        let entries = storage::ledger::list(&mut reader, &self.accounts[account], None, all).await;
        let mut entries = entries.unwrap();
        entries.reverse();
        entries
    }

    pub async fn proven(&self) -> Proven {
        self.world.authority.prove_ledger(None).await.unwrap()
    }

    pub async fn findings(&self) -> Vec<String> {
        let proven = self.proven().await;
        proven.findings.list.iter().map(ToString::to_string).collect()
    }
}

pub fn payment_of(account: &AccountId, payment: &str, minor: i64) -> Received {
    Received {
        account: account.clone(),
        payment: payment.to_owned(),
        amount: Money::new(minor, Currency::INR),
        purpose: Purpose::Topup,
    }
}

/// Something is used, or given back, at the wallet's cost.
pub fn debit(
    account: &AccountId,
    (kind, key, minor): (MovementKind, &str, i64),
    floor: Option<i64>,
) -> Draft {
    let to = match kind {
        MovementKind::Refund => LedgerAccount::Gateway,
        _ => LedgerAccount::UsageRevenue,
    };
    Draft {
        account: account.clone(),
        kind,
        reference: format!("{}:{key}", kind.as_str()),
        transfers: vec![Transfer {
            debit: LedgerAccount::Wallet(account.clone()),
            credit: to,
            minor,
        }],
        description: "Requests".to_owned(),
        floor,
    }
}
