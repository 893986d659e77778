//! RP-initiated logout (OpenID Connect RP-Initiated Logout 1.0).
//! Refuses to send the browser to an unregistered place, and to end a session on another site's word alone (O36).

use model::client::Client;
use model::session::Session;
use model::{Ctx, SessionId};
use oauth::logout::LogoutRequest;

use crate::authority::Authority;
use crate::fault::Fault;

/// What the logout endpoint does with a request.
pub struct LogoutPlan {
    pub client: Option<Client>,
    /// Whether the user must be asked first.
    pub confirm: bool,
    /// The session that ends.
    pub session_id: Option<SessionId>,
    /// Where to go afterwards, with `state` to be appended.
    pub redirect: Option<(String, Option<String>)>,
    /// The return address was not one of the client's, or came without proof of the client.
    pub bad_redirect: bool,
}

impl Authority {
    /// # Errors
    /// Storage.
    pub async fn plan_logout(
        &self,
        ctx: &Ctx,
        request: &LogoutRequest,
        session: Option<&Session>,
    ) -> Result<LogoutPlan, Fault> {
        let hint = request
            .id_token_hint
            .as_deref()
            .and_then(|text| self.read_id_token_hint(ctx, text));
        // §2: when both are there they must agree.
        let contradicted = hint
            .as_ref()
            .zip(request.client_id.as_deref())
            .is_some_and(|(hint, id)| hint.client_id.as_str() != id);
        let hint = hint.filter(|_| !contradicted);
        let client = match &hint {
            Some(hint) => self.find_client(hint.client_id.as_str()).await?,
            None => None,
        };
        let registered = |uri: &&String| {
            client
                .as_ref()
                .is_some_and(|client| client.settings.post_logout_redirect_uris.contains(uri))
        };
        let wanted = request.post_logout_redirect_uri.as_ref();
        let redirect = wanted
            .filter(registered)
            .map(|uri| (uri.clone(), request.state.clone()));
        // The hint names this browser's own session or its user: the client speaks for the person signed in here.
        let proven = hint.as_ref().zip(session).is_some_and(|(hint, session)| {
            hint.session_id == Some(session.id) || hint.subject == session.user_id
        });
        Ok(LogoutPlan {
            bad_redirect: wanted.is_some() && redirect.is_none(),
            confirm: session.is_some() && !proven,
            session_id: session.map(|session| session.id),
            client,
            redirect,
        })
    }
}
