//! Looking after what recurs, in case messages of the gateway are lost: what is due is asked about.
//! Refuses to ask twice at once, however many replicas there are.

use std::time::Duration;

use model::audit::Actor;
use model::billing::{MandateEvent, MandateStatus};
use model::{Ctx, Timestamp};

use super::SubscriptionError;
use super::activate::refused;
use super::set_up::happened;
use crate::audit::record;
use crate::authority::Authority;
use crate::billing::{BillingUnavailable, GatewayError};
use crate::fault::Fault;

const AT_ONCE: i64 = 20;
/// What could not be asked about is asked about again after so long.
const AGAIN: Duration = Duration::from_secs(10 * 60);
/// A mandate whose payment has not come by then is over.
const UNPAID: Duration = Duration::from_secs(3 * 86_400);

impl Authority {
    /// Does what is due, a part of it at a time; tells how much that was.
    ///
    /// # Errors
    /// Storage.
    pub async fn look_after_recurring(&self, ctx: &Ctx) -> Result<usize, Fault> {
        if self.payments.0.is_none() {
            return Ok(0);
        }
        let collections = self.look_after_collections(ctx).await?;
        let subscriptions = self.look_after_subscriptions(ctx).await?;
        let mandates = self.expire_mandates(ctx).await?;
        Ok(collections + subscriptions + mandates)
    }

    async fn look_after_collections(&self, ctx: &Ctx) -> Result<usize, Fault> {
        let mut reader = self.database.read().await?;
        let due = storage::collections::list_due(&mut reader, ctx.now, AT_ONCE).await?;
        drop(reader);
        for id in &due {
            if let Ok(id) = id.parse() {
                self.collect(ctx, id).await?;
            }
        }
        Ok(due.len())
    }

    async fn look_after_subscriptions(&self, ctx: &Ctx) -> Result<usize, Fault> {
        let (now, later) = (ctx.now, ctx.now.plus(AGAIN));
        let work = self.database.write::<_, Fault, _>(move |w| {
            Box::pin(async move { Ok(storage::subscriptions::take_due(w, (now, later), AT_ONCE).await?) })
        });
        let due = work.await?;
        for id in &due {
            let Ok(gateway) = self.gateway() else { break };
            match self.ask_about_subscription(ctx, gateway.as_ref(), id).await {
                Ok(_) => {}
                Err(SubscriptionError::Fault(fault)) => return Err(fault),
                Err(SubscriptionError::Unavailable(BillingUnavailable::Gateway(GatewayError::NotFound))) => {
                    tracing::error!(
                        subscription = id,
                        "the gateway does not know a subscription of ours"
                    );
                    self.look_later(id, ctx.now.plus(Duration::from_secs(86_400)))
                        .await?;
                }
                Err(error) => {
                    tracing::warn!(subscription = id, %error, "a subscription could not be asked about");
                }
            }
        }
        Ok(due.len())
    }

    async fn look_later(&self, id: &str, at: Timestamp) -> Result<(), Fault> {
        let id = id.to_owned();
        let work = self.database.write::<_, Fault, _>(move |w| {
            Box::pin(async move { Ok(storage::subscriptions::look_at(w, &id, at).await?) })
        });
        work.await
    }

    /// Their orders have expired long before.
    async fn expire_mandates(&self, ctx: &Ctx) -> Result<usize, Fault> {
        let mut reader = self.database.read().await?;
        let before = ctx.now.minus(UNPAID);
        let waiting = storage::mandates::list_waiting(&mut reader, before, AT_ONCE).await?;
        drop(reader);
        let count = waiting.len();
        for mandate in waiting {
            let at = ctx.clone();
            let work = self.database.write::<_, Fault, _>(move |w| {
                Box::pin(async move {
                    let held = storage::mandates::hold(w, &mandate.id.to_string()).await?;
                    let unpaid =
                        held.filter(|held| held.status == MandateStatus::Created && held.token.is_none());
                    let Some(mut mandate) = unpaid else { return Ok(()) };
                    mandate.take(MandateEvent::Expired, at.now).map_err(refused)?;
                    storage::mandates::update(w, &mandate).await?;
                    record(
                        w,
                        &at,
                        happened(Actor::System, "billing.autopay_expired", &mandate),
                    )
                    .await?;
                    Ok(())
                })
            });
            work.await?;
        }
        Ok(count)
    }
}
