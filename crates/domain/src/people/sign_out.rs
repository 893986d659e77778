//! Signing out of a surface: the session and everything that came from it.
//! Refuses to end what is somebody else's.

use model::user::User;
use model::{Ctx, SessionId};

use crate::authority::Authority;
use crate::fault::Fault;

impl Authority {
    /// Ends the session, and that of another refresh token of the same user.
    ///
    /// # Errors
    /// Storage. A refresh token that is good for nothing is not an error.
    pub async fn sign_out(
        &self,
        ctx: &Ctx,
        (user, session): (&User, SessionId),
        refresh_token: Option<&str>,
    ) -> Result<(), Fault> {
        self.end_own_session(ctx, user, session).await?;
        let Some(text) = refresh_token else { return Ok(()) };
        if let Some(grant) = self.grant_of_refresh_token(text).await? {
            // Another user's session is not found there.
            self.end_own_session(ctx, user, grant.session_id).await?;
        }
        Ok(())
    }
}
