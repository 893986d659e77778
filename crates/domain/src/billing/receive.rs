//! A payment that has arrived: what it does to the books, once.
//! Refuses to be called for anything the gateway has not captured and vouched for.

use model::Ctx;
use model::billing::{LedgerAccount, Money, MovementKind, Transfer};
use model::iam::AccountId;
use storage::{StorageError, Writer};

use super::{Draft, Posted};
use crate::authority::Authority;

/// A captured payment.
#[derive(Clone, Debug)]
pub struct Received {
    pub account: AccountId,
    /// The gateway's id of the payment.
    pub payment: String,
    /// All of it, tax included.
    pub amount: Money,
    pub purpose: Purpose,
}

/// What was paid for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Purpose {
    Topup,
    Autopay,
    /// A period of a plan, as people read it: `Pro, 1 to 31 December 2026, 3 seats`.
    Subscription {
        plan: String,
    },
}

impl Received {
    /// What the payment is known by in the books.
    pub(super) fn reference(&self) -> String {
        format!("payment:{}", self.payment)
    }
}

impl Purpose {
    const fn kind(&self) -> MovementKind {
        match self {
            Self::Topup => MovementKind::Topup,
            Self::Autopay => MovementKind::Autopay,
            Self::Subscription { .. } => MovementKind::Subscription,
        }
    }

    fn description(&self) -> String {
        match self {
            Self::Topup => "Top-up".to_owned(),
            Self::Autopay => "Automatic top-up".to_owned(),
            Self::Subscription { plan } => plan.clone(),
        }
    }
}

impl Authority {
    /// Books the payment; with a seller configured, the tax it contains and its invoice too. The same payment again is
    /// [`Posted::Already`], whoever brings it.
    ///
    /// # Errors
    /// Storage; a currency that is not the deployment's.
    pub async fn receive(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        received: &Received,
    ) -> Result<Posted, StorageError> {
        if received.amount.currency != self.settings.billing.currency {
            return Err(StorageError::Unavailable(
                "a payment in another currency".to_owned(),
            ));
        }
        let credit = match received.purpose {
            Purpose::Topup | Purpose::Autopay => LedgerAccount::Wallet(received.account.clone()),
            Purpose::Subscription { .. } => LedgerAccount::SubscriptionRevenue,
        };
        let transfer = Transfer {
            debit: LedgerAccount::Gateway,
            credit,
            minor: received.amount.minor,
        };
        let (account, reference) = (&received.account, received.reference());
        let mut transfers = vec![transfer];
        if let Some(seller) = &self.settings.billing.seller {
            storage::ledger::hold_wallet(w, account, received.amount.currency).await?;
            if storage::ledger::is_known(w, &reference).await? {
                return Ok(Posted::Already);
            }
            let invoice = self.issue_invoice(w, ctx, (seller, received)).await?;
            transfers.extend(invoice.transfers());
        }
        let draft = Draft {
            account: received.account.clone(),
            kind: received.purpose.kind(),
            reference,
            transfers,
            description: received.purpose.description(),
            floor: None,
        };
        self.post(w, ctx, draft).await
    }
}
