//! Who calls: the person or program behind the credential of a request.
//! Refuses what has ended, been disabled or rested too long; knows nothing of what the caller may do.

use std::sync::Arc;

use model::session::Session;
use model::user::User;
use model::{Ctx, SecretDigest};

use oauth::confirmation::Confirmation;

use crate::authority::Authority;
use crate::fault::Fault;
use crate::oauth::{KnownToken, is_first_party};

/// The bearer of a live credential.
#[derive(Clone)]
pub enum Caller {
    /// Somebody signed in with us, at whatever door.
    Session {
        user: Box<User>,
        session: Box<Session>,
        token: Arc<KnownToken>,
    },
    /// A program with a token that somebody, or nobody, has granted it.
    Application {
        user: Option<Box<User>>,
        token: Arc<KnownToken>,
    },
}

impl Caller {
    pub fn token(&self) -> &KnownToken {
        match self {
            Self::Session { token, .. } | Self::Application { token, .. } => token,
        }
    }

    pub fn user(&self) -> Option<&User> {
        match self {
            Self::Session { user, .. } => Some(user),
            Self::Application { user, .. } => user.as_deref(),
        }
    }

    /// Who is answerable: the user, or the client for itself. For counting, not for deciding.
    pub fn principal(&self) -> String {
        self.token().subject()
    }
}

impl Authority {
    /// Whether the text is a credential that was found good lately: looking at it again costs neither a signature nor a row.
    /// It may have ended since.
    pub fn recalls(&self, text: &str) -> bool {
        let generation = self.keys.snapshot().generation;
        self.known_tokens()
            .get(&SecretDigest::of(text), generation)
            .is_some()
    }

    /// The caller behind a token that is bound to no key, or nobody.
    ///
    /// # Errors
    /// Storage. A text that is no live credential is not an error.
    pub async fn identify(&self, ctx: &Ctx, text: &str) -> Result<Option<Caller>, Fault> {
        self.identify_holder(ctx, text, &Confirmation::default()).await
    }

    /// The caller behind a token, who proves to hold `held`; nobody when the token is bound to anything else.
    ///
    /// # Errors
    /// As [`Authority::identify`].
    pub async fn identify_holder(
        &self,
        ctx: &Ctx,
        text: &str,
        held: &Confirmation,
    ) -> Result<Option<Caller>, Fault> {
        let found = self.find_caller(ctx, text, held).await?;
        if let Some(caller) = &found {
            ctx.origin.trail.acts(crate::audit::acting_of(caller));
        }
        Ok(found)
    }

    async fn find_caller(&self, ctx: &Ctx, text: &str, held: &Confirmation) -> Result<Option<Caller>, Fault> {
        let standing = self.access_token_standing(ctx, text).await?;
        let here = |token: &Arc<KnownToken>| {
            token.allows(ctx.origin.address) && token.confirmation.met_by(held).is_ok()
        };
        let Some(token) = standing.facts.filter(here) else {
            return Ok(None);
        };
        let Some(user_id) = token.user_id else {
            return Ok(Some(Caller::Application { user: None, token }));
        };
        let mut reader = self.database.read().await?;
        let user = storage::users::find_by_id(&mut reader, user_id).await?;
        let Some(user) = user.filter(|user| user.disabled_at.is_none()) else {
            return Ok(None);
        };
        let user = Box::new(user);
        let Some(session_id) = token.session_id.filter(|_| is_first_party(&token.client_id)) else {
            let user = Some(user);
            return Ok(Some(Caller::Application { user, token }));
        };
        let session = storage::sessions::find_by_id(&mut reader, session_id).await?;
        drop(reader);
        let session = session.map(|session| self.activity().latest(session));
        let Some(session) = session.filter(|session| session.is_live(ctx.now)) else {
            return Ok(None);
        };
        self.activity().note(&session, self.settings.sessions, ctx.now);
        Ok(Some(Caller::Session {
            user,
            session: Box::new(session),
            token,
        }))
    }
}
