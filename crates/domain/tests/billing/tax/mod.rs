//! Tax profiles, invoices and credit notes.

mod credit;
mod invoices;
mod numbers;
mod profile;

use domain::Caller;
use domain::billing::{Posted, Purpose, Received, Refunded, Seller, TaxProfileChange};
use domain::iam::Permit;
use domain::oauth::{FirstParty, Renewal};
use model::billing::tax::{FinancialYear, Prefix, SellerParty, TaxDocument, TaxRate};
use model::billing::{Currency, LedgerAccount, Money, RefundId};
use model::iam::AccountId;
use model::{Ctx, SystemRandom, Timestamp};
use storage::tax_documents::Wanted;
use storage::{Database, Query as _, StorageError};

use crate::world::World;

/// Of Maharashtra.
pub const GSTIN: &str = "27AAPFU0939F1ZV";

pub fn seller() -> Seller {
    Seller {
        party: SellerParty {
            legal_name: "Lighthouse Services LLP".to_owned(),
            gstin: Some("29AAGCB7383J1Z4".parse().unwrap()),
            address: vec!["1 Church Street".to_owned(), "Bengaluru 560001".to_owned()],
            state: "29".parse().unwrap(),
            email: None,
            website: None,
        },
        sac: "998315".to_owned(),
        rate: TaxRate::try_from(18).unwrap(),
        invoice_prefix: Prefix::of_invoices(),
        credit_prefix: Prefix::of_credit_notes(),
    }
}

/// A world with a seller, and somebody's account in it.
pub struct Shop {
    pub world: World,
    pub account: AccountId,
    pub caller: Caller,
}

impl Shop {
    pub async fn open(database: Database) -> Self {
        Self::of(database, Some(seller())).await
    }

    pub async fn of(database: Database, seller: Option<Seller>) -> Self {
        let world = World::with(database, |settings| settings.billing.seller = seller);
        let signed_in = world.register("ada").await;
        let user = signed_in.user.id;
        let account = world.authority.account_number(&world.ctx(), user).await.unwrap();
        let (authority, ctx) = (&world.authority, world.ctx());
        authority.keep_keys(&ctx).await.unwrap();
        authority.sync_first_party_clients(&ctx).await.unwrap();
        let issued = authority.issue_first_party(&ctx, FirstParty::Platform, &signed_in, Renewal::Never);
        let token = issued.await.unwrap().access_token;
        let caller = authority.identify(&ctx, token.expose()).await.unwrap().unwrap();
        Self {
            world,
            account,
            caller,
        }
    }

    pub async fn permit(&self, action: &'static str) -> Permit {
        let (authority, ctx) = (&self.world.authority, self.world.ctx());
        let permit = authority.permit(
            &ctx,
            &self.caller,
            None,
            action,
            "arn:authz:billing:::tax-profile",
        );
        permit.await.unwrap()
    }

    pub async fn be_in(&self, state: &str) {
        let change = TaxProfileChange {
            gstin: Some(None),
            state_code: Some(Some(state.to_owned())),
            ..TaxProfileChange::default()
        };
        let permit = self.permit("billing:UpdateTaxProfile").await;
        let (authority, ctx) = (&self.world.authority, self.world.ctx());
        let changed = authority.update_tax_profile(&ctx, &permit, change);
        changed.await.unwrap();
    }

    pub async fn pay(&self, payment: &str, minor: i64) -> Posted {
        let posted = self.pay_at(self.world.now(), payment, minor, false).await;
        posted.unwrap()
    }

    /// In a write that is undone at its end when `fail`.
    pub async fn pay_at(
        &self,
        now: Timestamp,
        payment: &str,
        minor: i64,
        fail: bool,
    ) -> Result<Posted, StorageError> {
        let received = Received {
            account: self.account.clone(),
            payment: payment.to_owned(),
            amount: Money::new(minor, Currency::INR),
            purpose: Purpose::Topup,
        };
        let (authority, ctx) = (
            self.world.authority.clone(),
            Ctx {
                now,
                ..self.world.ctx()
            },
        );
        let work = self
            .world
            .authority
            .database
            .write::<_, StorageError, _>(move |w| {
                Box::pin(async move {
                    let posted = authority.receive(w, &ctx, &received).await?;
                    if fail {
                        Err(StorageError::Unavailable("undone".to_owned()))
                    } else {
                        Ok(posted)
                    }
                })
            });
        work.await
    }

    pub async fn refund(&self, payment: &str, refund: &str, minor: i64) -> Result<Posted, StorageError> {
        let refunded = Refunded {
            account: self.account.clone(),
            id: RefundId::random(&SystemRandom),
            refund: refund.to_owned(),
            payment: payment.to_owned(),
            amount: Money::new(minor, Currency::INR),
            source: LedgerAccount::Wallet(self.account.clone()),
        };
        let (authority, ctx) = (self.world.authority.clone(), self.world.ctx());
        let work = self
            .world
            .authority
            .database
            .write::<_, StorageError, _>(move |w| {
                Box::pin(async move { authority.book_refund(w, &ctx, &refunded).await })
            });
        work.await
    }

    /// Oldest first.
    pub async fn documents(&self) -> Vec<TaxDocument> {
        let mut reader = self.world.authority.database.read().await.unwrap();
        let all = storage::tax_documents::list(&mut reader, &self.account, Wanted::default(), (1000, 0));
        let mut documents = all.await.unwrap().0;
        documents.reverse();
        documents
    }

    pub async fn year(&self, year: &str) -> Vec<String> {
        let year: FinancialYear = year.parse().unwrap();
        let documents = self.documents().await.into_iter();
        let mut numbers: Vec<_> = documents
            .filter(|document| document.financial_year == year)
            .map(|document| document.number)
            .collect();
        numbers.sort();
        numbers
    }

    /// What the books have on each side of a tax account: debits and credits of all movements.
    pub async fn booked(&self, account: &LedgerAccount) -> i64 {
        const SUM: &str = "SELECT CAST(coalesce(sum(CASE WHEN credit = $1 THEN amount ELSE -amount END), 0) AS BIGINT) AS n FROM ledger_transfers WHERE credit = $1 OR debit = $1";
        let mut reader = self.world.authority.database.read().await.unwrap();
        let account = account.to_string();
        let row = reader.fetch_one(SUM, &[account.as_str().into()]).await.unwrap();
        row.int("n").unwrap()
    }
}
