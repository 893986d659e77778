//! The browsers in which somebody has signed in before, told apart by the mark they keep.
//! Refuses to hold a mark itself, and to know a browser longer than it may keep its mark.

use std::time::Duration;

use model::user::User;
use model::{Ctx, SecretDigest, UserId};
use storage::{StorageError, Writer};

use super::{SignedIn, Signer};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::jobs::Job;
use crate::mail::{Event, Letter, Message};

/// As long as browsers keep a cookie.
pub(crate) const REMEMBERED: Duration = Duration::from_secs(400 * 24 * 60 * 60);

impl Authority {
    /// Notes where somebody has signed in. On a device that their account has not seen before they get a letter, unless
    /// nobody had ever signed in to it.
    pub(super) async fn note_device<P: Signer>(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        begun: &SignedIn<P>,
    ) -> Result<(), Fault> {
        // An IAM user has no mailbox to be told in.
        let Some(user) = begun.user.person() else {
            return Ok(());
        };
        if !remember_device(w, ctx, user.id).await?
            || storage::sessions::count_others(w, user.id, begun.session.id).await? == 0
        {
            return Ok(());
        }
        let letter = Letter::to_user(
            ctx,
            user,
            Message::NewDevice {
                event: Event::of(ctx),
            },
        );
        self.enqueue(w, ctx, &Job::Send(letter)).await
    }

    /// Whether the request comes from where the user has signed in before. The same work when there is no such user.
    pub(super) async fn is_known_device(&self, ctx: &Ctx, user: Option<&User>) -> Result<bool, Fault> {
        let Some(device) = &ctx.origin.device else {
            return Ok(false);
        };
        let mut reader = self.database.read().await?;
        Ok(storage::devices::is_known(&mut reader, user.map(|user| user.id), device).await?)
    }
}

/// Notes where somebody has signed in; true when it is the first time there.
pub(super) async fn remember_device(w: &mut Writer, ctx: &Ctx, user: UserId) -> Result<bool, StorageError> {
    match device_of(ctx) {
        Some(device) => storage::devices::note(w, user, &device, ctx.now).await,
        None => Ok(false),
    }
}

/// Whoever knew the old credentials may have signed in anywhere: only the device in use stays known.
pub(super) async fn forget_other_devices(
    w: &mut Writer,
    ctx: &Ctx,
    user: UserId,
) -> Result<(), StorageError> {
    storage::devices::delete_all_but(w, user, device_of(ctx).as_ref())
        .await
        .map(drop)
}

/// The browser's mark; for a program, which keeps none, what it calls itself and the network it is in. The latter is good
/// enough to spare its owner a letter each time, and for nothing else.
fn device_of(ctx: &Ctx) -> Option<SecretDigest> {
    ctx.origin.device.or_else(|| {
        let agent = ctx.origin.user_agent.as_deref()?;
        let network = ctx.origin.network()?;
        Some(SecretDigest::of(&format!("program\n{network}\n{agent}")))
    })
}
