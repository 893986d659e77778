//! The subscriptions of an account, and the word of the checkout that one is authorised.
//! Refuses to tell of other accounts', and to believe the payer.

use model::Ctx;
use model::billing::{Plan, Subscription};
use model::iam::AccountId;

use super::SubscriptionError;
use crate::authority::Authority;
use crate::billing::gateway::{Payment, PaymentStatus};
use crate::billing::{BillingUnavailable, GatewayError, PaymentGateway};
use crate::fault::Fault;

impl Authority {
    /// What can be had, the default one first.
    pub fn plans_for_sale(&self) -> impl Iterator<Item = &Plan> {
        self.settings.billing.plans.iter()
    }

    /// One of the account's.
    ///
    /// # Errors
    /// Storage.
    pub async fn find_subscription(
        &self,
        account: &AccountId,
        id: &str,
    ) -> Result<Option<Subscription>, Fault> {
        let mut reader = self.database.read().await?;
        Ok(storage::subscriptions::find_of_account(&mut reader, account, id).await?)
    }

    /// The one that lives first, then the last ones first, and how many they are.
    ///
    /// # Errors
    /// Storage.
    pub async fn list_subscriptions(
        &self,
        account: &AccountId,
        part: (i64, i64),
    ) -> Result<(Vec<Subscription>, i64), Fault> {
        let mut reader = self.database.read().await?;
        Ok(storage::subscriptions::list(&mut reader, account, part).await?)
    }

    /// The answer of the checkout, brought by the payer: the gateway is asked how the subscription is.
    ///
    /// # Errors
    /// See [`SubscriptionError`].
    pub async fn confirm_subscription(
        &self,
        ctx: &Ctx,
        account: &AccountId,
        (id, payment, signature): (&str, &str, &str),
    ) -> Result<Subscription, SubscriptionError> {
        let found = self.find_subscription(account, id).await?;
        let found = found.ok_or(SubscriptionError::NotFound)?;
        let gateway = self.gateway()?;
        if !gateway.vouches_for_subscription(id, payment, signature) {
            return Err(SubscriptionError::Forged);
        }
        let payment = match gateway.find_payment(payment).await {
            Ok(payment) => Some(payment),
            Err(GatewayError::NotFound) => None,
            Err(error) => return Err(BillingUnavailable::from(error).into()),
        };
        let told = self.ask_about_subscription(ctx, gateway.as_ref(), id).await?;
        let told = told.unwrap_or(found);
        if let Some(payment) = payment.filter(is_paid) {
            self.book_subscription(ctx, told.clone(), payment).await?;
        }
        Ok(told)
    }

    /// Periods were paid for, and nobody has told of their payments.
    pub(super) async fn book_missing_payments(
        &self,
        ctx: &Ctx,
        gateway: &dyn PaymentGateway,
        subscription: &Subscription,
    ) -> Result<(), SubscriptionError> {
        let payments = gateway.payments_of_subscription(&subscription.id).await;
        for id in payments.map_err(BillingUnavailable::from)? {
            let mut reader = self.database.read().await.map_err(Fault::from)?;
            let known = storage::ledger::is_known(&mut reader, &format!("payment:{id}")).await?;
            drop(reader);
            if known {
                continue;
            }
            let payment = gateway.find_payment(&id).await;
            let payment = payment.map_err(BillingUnavailable::from)?;
            if is_paid(&payment) {
                self.book_subscription(ctx, subscription.clone(), payment).await?;
            }
        }
        Ok(())
    }

    async fn book_subscription(
        &self,
        ctx: &Ctx,
        subscription: Subscription,
        payment: Payment,
    ) -> Result<(), Fault> {
        let (authority, at) = (self.clone(), ctx.clone());
        let work = self.database.write::<_, Fault, _>(move |w| {
            Box::pin(async move {
                authority
                    .receive_for_subscription(w, &at, (&subscription, &payment))
                    .await
            })
        });
        work.await?;
        self.ring();
        self.catch_up().await
    }
}

pub(super) const fn is_paid(payment: &Payment) -> bool {
    matches!(payment.status, PaymentStatus::Captured | PaymentStatus::Refunded)
}
