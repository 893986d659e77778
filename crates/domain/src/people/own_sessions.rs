//! What people do with their own sessions: look at them, end one, the others, or all.
//! Refuses to know a session of somebody else (S08).

use model::audit::Actor;
use model::session::Session;
use model::user::User;
use model::{Ctx, SessionId};
use storage::StorageError;

use super::endings::end_sessions_but;
use super::session::end_within;
use crate::authority::Authority;
use crate::fault::Fault;

impl Authority {
    /// The user's live sessions as of now, newest first.
    ///
    /// # Errors
    /// Storage.
    pub async fn list_sessions(&self, ctx: &Ctx, user: &User) -> Result<Vec<Session>, Fault> {
        let mut reader = self.database.read().await?;
        let stored = storage::sessions::list_live(&mut reader, user.id, ctx.now).await?;
        Ok(stored
            .into_iter()
            .map(|session| self.activity().latest(session))
            .collect())
    }

    /// Ends one session of the user; false when they have no such session, whoever else may have it.
    ///
    /// # Errors
    /// Storage.
    pub async fn end_own_session(&self, ctx: &Ctx, user: &User, session: SessionId) -> Result<bool, Fault> {
        let (settings, at, user) = (self.settings.clone(), ctx.clone(), user.id);
        let work = self.database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move {
                let found = storage::sessions::find_by_id(w, session).await?;
                if found.is_none_or(|session| session.user_id != user) {
                    return Ok(false);
                }
                end_within(w, &settings, &at, (session, Actor::User(user))).await
            })
        });
        let ended = work.await?;
        if ended {
            self.catch_up().await?;
        }
        Ok(ended)
    }

    /// Ends every session of the user but `keep`, with all they have granted; tells how many. Grants that outlive
    /// sessions stay: they are withdrawn with their application.
    ///
    /// # Errors
    /// Storage.
    pub async fn end_own_sessions(
        &self,
        ctx: &Ctx,
        user: &User,
        keep: Option<SessionId>,
    ) -> Result<usize, Fault> {
        let (settings, at, user) = (self.settings.clone(), ctx.clone(), user.id);
        let work = self.database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move { end_sessions_but(w, &settings, &at, (user, keep)).await })
        });
        let ended = work.await?;
        self.catch_up().await?;
        Ok(ended)
    }
}
