//! The end of an account ends what collects from its owner.
//! Refuses to let anything go before the gateway is sure to be told: the jobs are written with it.

use model::audit::Actor;
use model::{Ctx, UserId};
use storage::Writer;

use crate::authority::Authority;
use crate::fault::Fault;
use crate::jobs::Job;

impl Authority {
    /// For whoever is erased; the jobs know nothing personal but the gateway's ids.
    pub(crate) async fn end_recurring_of(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        root: UserId,
    ) -> Result<(), Fault> {
        let Some(account) = storage::accounts::find_of_root(w, root).await? else {
            return Ok(());
        };
        if let Some(mandate) = storage::mandates::find_living(w, &account).await? {
            self.end_mandate(w, ctx, (mandate, Actor::System)).await?;
        }
        if let Some(subscription) = storage::subscriptions::find_living(w, &account).await? {
            let id = subscription.id;
            self.enqueue(w, ctx, &Job::EndSubscription { id }).await?;
        }
        storage::collections::delete_of_root(w, root).await?;
        storage::mandates::delete_of_root(w, root).await?;
        storage::subscriptions::delete_of_root(w, root).await?;
        storage::gateway_names::delete_customer_of_root(w, root).await?;
        storage::low_balances::delete_of_root(w, root).await?;
        Ok(())
    }
}
