//! Who calls: the person or program behind the credential of a request.
//! Refuses what has ended, been disabled or rested too long; knows nothing of what the caller may do.

use std::sync::Arc;

use model::iam::{IamUser, TokenAccount};
use model::session::Session;
use model::user::User;
use model::{Ctx, SecretDigest, SessionId, UserId};

use oauth::confirmation::{Confirmation, HolderError};
use storage::Reader;

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
    /// An IAM user: signed in, or, without a session, a program with an access key of theirs.
    Iam {
        user: Box<IamUser>,
        session: Option<Box<Session>>,
        token: Arc<KnownToken>,
    },
    /// A program with a token that somebody, or nobody, has granted it.
    Application {
        user: Option<Box<User>>,
        token: Arc<KnownToken>,
    },
}

/// Why nobody is known to be behind a credential.
#[derive(Debug, thiserror::Error)]
pub enum IdentifyError {
    /// It is not, or no more, good for anything.
    #[error("the credential is not live")]
    NotLive,
    /// It is live, and bound to something else than is held.
    #[error(transparent)]
    Holder(HolderError),
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Caller {
    pub fn token(&self) -> &KnownToken {
        match self {
            Self::Session { token, .. } | Self::Iam { token, .. } | Self::Application { token, .. } => token,
        }
    }

    /// The person; nobody for an IAM user, so that whatever asks for a person refuses one.
    pub fn user(&self) -> Option<&User> {
        match self {
            Self::Session { user, .. } => Some(user),
            Self::Iam { .. } => None,
            Self::Application { user, .. } => user.as_deref(),
        }
    }

    /// The IAM user; nobody for people and applications.
    pub fn iam_user(&self) -> Option<&IamUser> {
        match self {
            Self::Iam { user, .. } => Some(user),
            Self::Session { .. } | Self::Application { .. } => None,
        }
    }

    /// The session of somebody signed in with us.
    pub fn session(&self) -> Option<&Session> {
        match self {
            Self::Session { session, .. } => Some(session),
            Self::Iam { session, .. } => session.as_deref(),
            Self::Application { .. } => None,
        }
    }

    /// The account that the credential acts in; none for applications.
    pub fn account(&self) -> Option<&TokenAccount> {
        self.token().account.as_ref()
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
        match self.identify_holder(ctx, text, &Confirmation::default()).await {
            Ok(caller) => Ok(Some(caller)),
            Err(IdentifyError::NotLive | IdentifyError::Holder(_)) => Ok(None),
            Err(IdentifyError::Fault(fault)) => Err(fault),
        }
    }

    /// The caller behind a token, who proves to hold `held`.
    ///
    /// # Errors
    /// When the token is not live, or bound to anything else; storage.
    pub async fn identify_holder(
        &self,
        ctx: &Ctx,
        text: &str,
        held: &Confirmation,
    ) -> Result<Caller, IdentifyError> {
        let standing = self.access_token_standing(ctx, text).await?;
        let here = |token: &Arc<KnownToken>| token.allows(ctx.origin.address);
        let token = standing.facts.filter(here).ok_or(IdentifyError::NotLive)?;
        token.confirmation.met_by(held).map_err(IdentifyError::Holder)?;
        let found = self.find_caller(ctx, token).await?;
        let caller = found.ok_or(IdentifyError::NotLive)?;
        ctx.origin.trail.acts(|| crate::audit::acting_of(&caller));
        Ok(caller)
    }

    async fn find_caller(&self, ctx: &Ctx, token: Arc<KnownToken>) -> Result<Option<Caller>, Fault> {
        let Some(user_id) = token.user_id else {
            return Ok(Some(Caller::Application { user: None, token }));
        };
        if token
            .account
            .as_ref()
            .is_some_and(|account| account.iam_user.is_some())
        {
            return self.identify_iam_user(ctx, (user_id, token)).await;
        }
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
        let session = self.live_session(ctx, &mut reader, session_id).await?;
        Ok(session.map(|session| Caller::Session { user, session, token }))
    }

    async fn identify_iam_user(
        &self,
        ctx: &Ctx,
        (id, token): (UserId, Arc<KnownToken>),
    ) -> Result<Option<Caller>, Fault> {
        let mut reader = self.database.read().await?;
        let user = storage::iam_users::find_by_id(&mut reader, id).await?;
        let Some(user) = user.filter(|user| user.disabled_at.is_none()) else {
            return Ok(None);
        };
        let mut session = None;
        if let Some(id) = token.session_id {
            session = self.live_session(ctx, &mut reader, id).await?;
            if session.is_none() {
                return Ok(None);
            }
        }
        let user = Box::new(user);
        Ok(Some(Caller::Iam { user, session, token }))
    }

    async fn live_session(
        &self,
        ctx: &Ctx,
        reader: &mut Reader,
        id: SessionId,
    ) -> Result<Option<Box<Session>>, Fault> {
        let session = storage::sessions::find_by_id(reader, id).await?;
        let session = session.map(|session| self.activity().latest(session));
        let Some(session) = session.filter(|session| session.is_live(ctx.now)) else {
            return Ok(None);
        };
        self.activity().note(&session, self.settings.sessions, ctx.now);
        Ok(Some(Box::new(session)))
    }
}
