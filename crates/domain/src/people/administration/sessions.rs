//! The sessions of others: found by who they are of or where they are from, and ended.
//! Refuses to list everybody's: whoever looks names a user, an address or a session.

use std::net::IpAddr;

use model::audit::Actor;
use model::session::Session;
use model::user::User;
use model::{Ctx, SessionId, UserId};
use storage::Reader;

use super::{AdministrationError, UserQuery, require_administrator, require_user};
use crate::authority::Authority;
use crate::people::session::end_within;

/// Sessions that a search finds at most.
pub const MOST_SESSIONS: usize = 200;
const MOST_USERS: u16 = 20;

/// A session and whose it is.
pub struct FoundSession {
    pub session: Session,
    pub user: User,
}

impl Authority {
    /// Live sessions of an id, an IP address, or of the first users that the text finds; at most [`MOST_SESSIONS`].
    ///
    /// # Errors
    /// See [`AdministrationError`].
    pub async fn find_sessions(
        &self,
        ctx: &Ctx,
        q: &str,
        by: &Actor,
    ) -> Result<Vec<FoundSession>, AdministrationError> {
        let q = q.trim();
        let mut reader = self.database.read().await?;
        require_administrator(&mut reader, by).await?;
        if let Ok(id) = q.parse::<SessionId>() {
            let found = storage::sessions::find_by_id(&mut reader, id).await?;
            let live = found.filter(|session| session.is_live(ctx.now));
            return self.with_users(&mut reader, live.into_iter().collect()).await;
        }
        if let Ok(address) = q.parse::<IpAddr>() {
            let most = (ctx.now, MOST_SESSIONS as i64);
            let found = storage::sessions::list_at_address(&mut reader, &address.to_string(), most).await?;
            return self.with_users(&mut reader, found).await;
        }
        drop(reader);
        self.sessions_of_found(ctx, q, by).await
    }

    async fn sessions_of_found(
        &self,
        ctx: &Ctx,
        q: &str,
        by: &Actor,
    ) -> Result<Vec<FoundSession>, AdministrationError> {
        if q.is_empty() {
            return Ok(Vec::new());
        }
        let query = UserQuery {
            q: q.to_owned(),
            page: 1,
            limit: MOST_USERS,
        };
        let mut found = Vec::new();
        for user in self.list_users(&query, by).await?.users {
            let sessions = self.list_sessions(ctx, &user).await?;
            found.extend(sessions.into_iter().map(|session| FoundSession {
                session,
                user: user.clone(),
            }));
        }
        found.truncate(MOST_SESSIONS);
        Ok(found)
    }

    async fn with_users(
        &self,
        reader: &mut Reader,
        sessions: Vec<Session>,
    ) -> Result<Vec<FoundSession>, AdministrationError> {
        let mut found = Vec::with_capacity(sessions.len());
        for session in sessions {
            if let Some(user) = storage::users::find_standing(reader, session.user_id).await? {
                let session = self.activity().latest(session);
                found.push(FoundSession { session, user });
            }
        }
        Ok(found)
    }

    /// Ends one session of somebody; false when it had ended before.
    ///
    /// # Errors
    /// See [`AdministrationError`].
    pub async fn end_session_of(
        &self,
        ctx: &Ctx,
        session: SessionId,
        by: Actor,
    ) -> Result<bool, AdministrationError> {
        let (authority, at) = (self.clone(), ctx.clone());
        let work = self.database.write::<_, AdministrationError, _>(move |w| {
            Box::pin(async move {
                require_administrator(w, &by).await?;
                Ok(end_within(w, &authority.settings, &at, (session, by)).await?)
            })
        });
        let ended = work.await?;
        if ended {
            self.catch_up().await?;
        }
        Ok(ended)
    }

    /// Ends every session of the user with what is bound to them; tells how many.
    ///
    /// # Errors
    /// See [`AdministrationError`].
    pub async fn end_sessions_of(
        &self,
        ctx: &Ctx,
        user: UserId,
        by: Actor,
    ) -> Result<usize, AdministrationError> {
        let (authority, at) = (self.clone(), ctx.clone());
        let work = self.database.write::<_, AdministrationError, _>(move |w| {
            Box::pin(async move {
                require_user(w, user, &by).await?;
                let mut ended = 0;
                for session in storage::sessions::list_live(w, user, at.now).await? {
                    let which = (session.id, by.clone());
                    ended += usize::from(end_within(w, &authority.settings, &at, which).await?);
                }
                Ok(ended)
            })
        });
        let ended = work.await?;
        self.catch_up().await?;
        Ok(ended)
    }
}
