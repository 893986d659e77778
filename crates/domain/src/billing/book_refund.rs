//! A refund in the books: set aside, then given back by the gateway, or returned to where it was.
//! Refuses to book a refund twice: each of the three is written once for its own reason.

use model::Ctx;
use model::billing::{LedgerAccount, Money, MovementKind, PaymentRefund, RefundId, Transfer};
use model::iam::AccountId;
use storage::{StorageError, Writer};

use super::{Credit, Draft, Posted};
use crate::authority::Authority;

/// A refund that the gateway has carried out.
#[derive(Clone, Debug)]
pub struct Refunded {
    pub account: AccountId,
    /// Our own name of it.
    pub id: RefundId,
    /// The gateway's id of it.
    pub refund: String,
    /// The gateway's id of the payment.
    pub payment: String,
    /// Tax included.
    pub amount: Money,
    /// What the payment had been credited to: the wallet, or the revenue of subscriptions.
    pub source: LedgerAccount,
}

impl Authority {
    /// Books what the gateway has given back, with the credit note; the money was set aside before.
    ///
    /// # Errors
    /// Storage.
    pub async fn book_refund(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        refunded: &Refunded,
    ) -> Result<Posted, StorageError> {
        let credit = Credit {
            account: &refunded.account,
            payment: &refunded.payment,
            refund: &refunded.refund,
            amount: refunded.amount,
        };
        let mut transfers = vec![Transfer {
            debit: LedgerAccount::RefundsHeld,
            credit: LedgerAccount::Gateway,
            minor: refunded.amount.minor,
        }];
        transfers.extend(self.credit_note(w, ctx, &credit).await?);
        let draft = Draft {
            account: refunded.account.clone(),
            kind: MovementKind::Refund,
            reference: format!("refund:{}", refunded.refund),
            transfers,
            description: format!("Refund of {} paid out", refunded.payment),
            floor: None,
        };
        self.post(w, ctx, draft).await
    }

    /// Sets the money aside, so that it can't be spent and given back.
    pub(super) async fn hold_refund(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        (refund, floor): (&PaymentRefund, Option<i64>),
    ) -> Result<Posted, StorageError> {
        let draft = Draft {
            account: refund.account.clone(),
            kind: MovementKind::Refund,
            reference: format!("refund:{}", refund.id),
            transfers: vec![Transfer {
                debit: refund.source.clone(),
                credit: LedgerAccount::RefundsHeld,
                minor: refund.amount.minor,
            }],
            description: format!("Refund of {}", refund.payment),
            floor,
        };
        self.post(w, ctx, draft).await
    }

    /// The gateway would not: back to where it was.
    pub(super) async fn return_refund(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        refund: &PaymentRefund,
    ) -> Result<Posted, StorageError> {
        let draft = Draft {
            account: refund.account.clone(),
            kind: MovementKind::Refund,
            reference: format!("refund:{}:returned", refund.id),
            transfers: vec![Transfer {
                debit: LedgerAccount::RefundsHeld,
                credit: refund.source.clone(),
                minor: refund.amount.minor,
            }],
            description: format!("Refund of {} failed", refund.payment),
            floor: None,
        };
        self.post(w, ctx, draft).await
    }
}
