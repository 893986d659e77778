//! Forgetting what can't matter any more: expired codes, tokens, sessions, counters, log entries.
//! Refuses to touch audit events, users, and clients that somebody has registered by hand.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use model::Ctx;
use model::settled_clock::SettledClock;
use storage::StorageError;

use crate::authority::Authority;
use crate::fault::Fault;
use crate::people::device::REMEMBERED;

/// How long expired rows are kept, so that a replay shortly after expiry is still recognised as one.
const AFTERLIFE: Duration = Duration::from_secs(24 * 60 * 60);

/// How long an ended API key is remembered, so that a leak of it is still recognised.
const KEYS_AFTERLIFE: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// How long events of GitHub and of the payment gateway are remembered, so that none is taken twice, and orders that nobody
/// has paid.
const REPLAYS: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// The clock that things are deleted by, one for a process.
#[derive(Default)]
pub(crate) struct Settled(Mutex<SettledClock>);

impl Authority {
    /// The moment by which what has expired may be deleted for good: a clock that was set ahead has to stand for an hour
    /// first, because what it makes look expired still kills, stops replays or locks when it is set right. Nothing in the
    /// first hour of a process. `steady` is the time since its start by a clock that nobody sets.
    pub fn settled_ctx(&self, ctx: &Ctx, steady: Duration) -> Option<Ctx> {
        let mut clock = self.settled().0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = clock.look(ctx.now, steady)?;
        drop(clock);
        if now < ctx.now {
            let ahead = ctx.now.since(now).as_secs();
            tracing::warn!(ahead, "the clock has gone ahead; nothing is deleted by it yet");
        }
        Some(Ctx { now, ..ctx.clone() })
    }

    /// Deletes what expired long enough ago, in several short transactions; returns the number of rows.
    ///
    /// # Errors
    /// Storage; what was deleted before stays deleted.
    pub async fn forget_expired(&self, ctx: &Ctx) -> Result<u64, Fault> {
        let before = ctx.now.minus(AFTERLIFE);
        let now = ctx.now;
        let window = self
            .settings
            .account_throttle
            .window
            .max(self.settings.address_throttle.window);
        let idle = now.minus(window.saturating_mul(2));
        let long_ago = now.minus(KEYS_AFTERLIFE);
        let unused = now.minus(REMEMBERED);
        let tokens = self.database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move {
                let mut rows = storage::codes::delete_expired(w, before).await?;
                rows += storage::refresh_tokens::delete_expired(w, before).await?;
                rows += storage::access_tokens::delete_expired(w, before).await?;
                Ok(rows)
            })
        });
        let mut rows = tokens.await?;
        let families = self.database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move {
                let mut rows = storage::grants::delete_expired(w, before).await?;
                rows += storage::sessions::delete_expired(w, before).await?;
                Ok(rows)
            })
        });
        rows += families.await?;
        let small = self.database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move {
                let mut rows = storage::client_assertions::delete_expired(w, now).await?;
                rows += storage::dpop_proofs::delete_expired(w, now).await?;
                rows += storage::request_signatures::delete_expired(w, now).await?;
                rows += storage::throttles::delete_old(w, idle).await?;
                rows += storage::revocations::delete_forgotten(w, now).await?;
                rows += storage::signing_keys::delete_removed(w, now).await?;
                rows += storage::challenges::delete_expired(w, before).await?;
                rows += storage::invitations::delete_expired(w, long_ago).await?;
                rows += storage::devices::delete_unused(w, unused).await?;
                rows += storage::trusted_devices::delete_expired(w, now).await?;
                rows += storage::federation_states::delete_expired(w, now).await?;
                rows += storage::github_deliveries::delete_old(w, now.minus(REPLAYS)).await?;
                rows += storage::gateway_events::delete_old(w, now.minus(REPLAYS)).await?;
                rows += storage::payment_orders::delete_unpaid(w, now.minus(REPLAYS)).await?;
                rows += storage::pending_logins::delete_expired(w, before).await?;
                rows += storage::passkeys::delete_expired(w, now).await?;
                rows += storage::api_keys::delete_ended(w, long_ago).await?;
                rows += storage::idempotency::delete_expired(w, now).await?;
                rows += storage::usage::delete_expired(w, now).await?;
                rows += storage::download_tokens::delete_expired(w, now).await?;
                rows += storage::client_registrations::delete_used_initial(w, now).await?;
                rows += storage::proxies_seen::delete_old(w, now.minus(crate::operation::FORGOTTEN)).await?;
                Ok(rows)
            })
        });
        rows += small.await?;
        rows += self.forget_strangers(ctx).await?;
        self.make_due_terms().await?;
        self.log().forget(now);
        Ok(rows)
    }
}
