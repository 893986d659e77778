//! Browsers in which somebody needs no second step for thirty days.
//! Refuses another user's, another browser's and a revoked one, and to pass for a second factor: the session says one.

use model::audit::Actor;
use model::trusted_device::{TRUST_TTL, TrustedDevice};
use model::{Ctx, PlainSecret, SecretDigest, TrustedDeviceId, UserId};
use oauth::opaque::{self, OpaqueKind};
use serde_json::json;
use storage::{StorageError, Writer};

use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;

/// What a browser has kept, as a request presents it in [`model::Origin::trust`]; nothing when it is not one of ours.
pub fn trust_digest(kept: &str) -> Option<SecretDigest> {
    (opaque::parse(kept) == Some(OpaqueKind::TrustedDevice)).then(|| SecretDigest::of(kept))
}

/// Trust that is about to be given, and its secret.
#[derive(Clone)]
pub(in crate::people) struct FreshTrust {
    pub secret: PlainSecret,
    device: TrustedDevice,
}

impl FreshTrust {
    /// Nothing where there is no browser with a mark to hold it to.
    pub(in crate::people) fn make(ctx: &Ctx, user_id: UserId) -> Option<Self> {
        let random = ctx.random.as_ref();
        let device = TrustedDevice {
            id: TrustedDeviceId::random(random),
            user_id,
            browser: ctx.origin.device?,
            address: ctx.origin.address.map(|address| address.to_string()),
            user_agent: ctx.origin.user_agent.clone(),
            created_at: ctx.now,
            last_used_at: ctx.now,
            expires_at: ctx.now.plus(TRUST_TTL),
        };
        let secret = PlainSecret::generate(OpaqueKind::TrustedDevice, random);
        Some(Self { secret, device })
    }

    pub(in crate::people) async fn put(&self, w: &mut Writer, ctx: &Ctx) -> Result<(), StorageError> {
        storage::trusted_devices::put(w, &self.device, &self.secret.digest()).await?;
        note(
            w,
            ctx,
            (self.device.user_id, self.device.id),
            "trusted_device.added",
        )
        .await
    }
}

impl Authority {
    /// Whether the request comes from a browser that the user trusts. Written down when it does.
    pub(in crate::people) async fn use_trust(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        user: UserId,
    ) -> Result<bool, StorageError> {
        let (Some(secret), Some(browser)) = (&ctx.origin.trust, &ctx.origin.device) else {
            return Ok(false);
        };
        let at = (&ctx.origin, ctx.now);
        let used = storage::trusted_devices::note_use(w, user, (secret, browser), at).await?;
        if let Some(id) = used {
            note(w, ctx, (user, id), "trusted_device.used").await?;
        }
        Ok(used.is_some())
    }

    /// The browsers the user trusts, the one used last first.
    ///
    /// # Errors
    /// Storage.
    pub async fn list_trusted_devices(&self, ctx: &Ctx, user: UserId) -> Result<Vec<TrustedDevice>, Fault> {
        let mut reader = self.database.read().await?;
        Ok(storage::trusted_devices::list_live(&mut reader, user, ctx.now).await?)
    }

    /// Trusts one no more; false when the user trusts no such browser.
    ///
    /// # Errors
    /// Storage.
    pub async fn revoke_trusted_device(
        &self,
        ctx: &Ctx,
        (user, id): (UserId, TrustedDeviceId),
    ) -> Result<bool, Fault> {
        let at = ctx.clone();
        let work = self.database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move {
                let revoked = storage::trusted_devices::delete(w, (id, user)).await?;
                if revoked {
                    note(w, &at, (user, id), "trusted_device.revoked").await?;
                }
                Ok(revoked)
            })
        });
        Ok(work.await?)
    }

    /// Trusts none any more; tells how many there were.
    ///
    /// # Errors
    /// Storage.
    pub async fn revoke_trusted_devices(&self, ctx: &Ctx, user: UserId) -> Result<u64, Fault> {
        let at = ctx.clone();
        let work = self.database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move { end_trust(w, &at, (user, Actor::User(user))).await })
        });
        Ok(work.await?)
    }
}

/// Ends all trust of the user, whatever is the reason. Written down when there was some.
pub(in crate::people) async fn end_trust(
    w: &mut Writer,
    ctx: &Ctx,
    (user, by): (UserId, Actor),
) -> Result<u64, StorageError> {
    let count = storage::trusted_devices::delete_of_user(w, user).await?;
    if count > 0 {
        let happened = Happened {
            actor: by,
            action: "trusted_devices.revoked",
            target: Some(user.to_string()),
            detail: json!({ "count": count }),
        };
        record(w, ctx, happened).await?;
    }
    Ok(count)
}

async fn note(
    w: &mut Writer,
    ctx: &Ctx,
    (user, id): (UserId, TrustedDeviceId),
    action: &'static str,
) -> Result<(), StorageError> {
    let happened = Happened {
        actor: Actor::User(user),
        action,
        target: Some(id.to_string()),
        detail: json!({}),
    };
    record(w, ctx, happened).await
}
