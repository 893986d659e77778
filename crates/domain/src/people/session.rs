//! A session after its start: resumed by its cookie, kept alive by use, ended.
//! Refuses a dead session and a disabled user alike, and looks nothing up for a malformed cookie.

use model::audit::Actor;
use model::grant::GrantEnd;
use model::revocation::RevocationTarget;
use model::session::Session;
use model::user::User;
use model::{Ctx, SecretDigest, SessionId};
use oauth::opaque::{self, OpaqueKind};
use serde_json::json;
use storage::{StorageError, Writer};

use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::revocation;
use crate::settings::Settings;

/// Sessions written per transaction of a flush.
const FLUSH: usize = 500;

impl Authority {
    /// The live session behind a cookie and its user.
    ///
    /// # Errors
    /// Storage.
    pub async fn resume(&self, ctx: &Ctx, cookie: &str) -> Result<Option<(User, Session)>, Fault> {
        if opaque::parse(cookie) != Some(OpaqueKind::SessionCookie) {
            return Ok(None);
        }
        let mut reader = self.database.read().await?;
        let found = storage::sessions::find_by_secret(&mut reader, &SecretDigest::of(cookie)).await?;
        let Some(session) = found.map(|session| self.activity().latest(session)) else {
            return Ok(None);
        };
        if !session.is_live(ctx.now) {
            return Ok(None);
        }
        let user = storage::users::find_by_id(&mut reader, session.user_id).await?;
        let Some(user) = user.filter(|user| user.disabled_at.is_none()) else {
            return Ok(None);
        };
        self.activity().note(&session, self.settings.sessions, ctx.now);
        ctx.origin.trail.acts(|| crate::audit::person_acting(&user));
        Ok(Some((user, session)))
    }

    /// Writes down which sessions were used since the last flush, and tells how many.
    ///
    /// # Errors
    /// Storage; what was not written is lost.
    pub async fn flush_session_activity(&self) -> Result<usize, Fault> {
        let seen = self.activity().take();
        for part in seen.chunks(FLUSH) {
            let part = part.to_vec();
            let written: Result<(), StorageError> = self
                .database
                .write(move |w| {
                    Box::pin(async move {
                        for (id, seen) in part {
                            storage::sessions::touch(w, id, seen.at, seen.idle_expires_at).await?;
                        }
                        Ok(())
                    })
                })
                .await;
            written?;
        }
        Ok(seen.len())
    }

    /// Ends a session with the grants bound to it; false when it had ended before.
    ///
    /// # Errors
    /// Storage.
    pub async fn end_session(&self, ctx: &Ctx, session: SessionId, by: Actor) -> Result<bool, Fault> {
        let (authority, ctx) = (self.clone(), ctx.clone());
        let work = self.database.write(move |w| {
            Box::pin(async move { end_within(w, &authority.settings, &ctx, (session, by)).await })
        });
        let ended: Result<bool, StorageError> = work.await;
        let ended = ended?;
        if ended {
            self.catch_up().await?;
        }
        Ok(ended)
    }
}

/// Ends a session inside a transaction, as its last step. The caller catches up after the commit.
pub(super) async fn end_within(
    w: &mut Writer,
    settings: &Settings,
    ctx: &Ctx,
    (session, by): (SessionId, Actor),
) -> Result<bool, StorageError> {
    if !storage::sessions::end(w, session, ctx.now).await? {
        return Ok(false);
    }
    let grants = storage::grants::end_of_session(w, session, GrantEnd::SessionEnded, ctx.now).await?;
    let happened = Happened {
        actor: by,
        action: "session.ended",
        target: Some(session.to_string()),
        detail: json!({ "grants": grants.len() }),
    };
    record(w, ctx, happened).await?;
    revocation::append(w, settings, ctx, RevocationTarget::Session(session)).await?;
    Ok(true)
}
