//! The start of a session, the same after every way of signing in.
//! Refuses to reuse anything: id and secret are new each time (S01).

use model::audit::Actor;
use model::authentication::Authentication;
use model::session::Session;
use model::user::User;
use model::{Ctx, PlainSecret, SessionId};
use oauth::opaque::OpaqueKind;
use serde_json::json;
use storage::{StorageError, Writer};

use super::Signer;
use crate::audit::{Happened, record};
use crate::settings::Settings;

/// Somebody who has just signed in. The cookie is the only copy of the session's secret.
#[derive(Clone)]
pub struct SignedIn<P = User> {
    pub user: P,
    pub session: Session,
    pub cookie: PlainSecret,
    /// What the browser keeps from now on to be trusted, when that was asked for.
    pub trust: Option<PlainSecret>,
}

impl<P: Signer> SignedIn<P> {
    pub(super) fn new(settings: &Settings, ctx: &Ctx, user: P, authentication: Authentication) -> Self {
        let random = ctx.random.as_ref();
        let cookie = PlainSecret::generate(OpaqueKind::SessionCookie, random);
        let session = Session::start(
            SessionId::random(random),
            user.id(),
            cookie.digest(),
            authentication,
            &ctx.origin,
            settings.sessions,
        );
        Self {
            user,
            session,
            cookie,
            trust: None,
        }
    }

    /// The session as it goes on with more proven, under a new secret (S01).
    pub(super) fn strengthened(
        settings: &Settings,
        ctx: &Ctx,
        (user, session): (&P, &Session),
        authentication: Authentication,
    ) -> Self {
        let mut same = Self::new(settings, ctx, user.clone(), authentication);
        same.session.id = session.id;
        same.session.created_at = session.created_at;
        // Tokens that can be renewed have given it longer limits.
        same.session.expires_at = same.session.expires_at.max(session.expires_at);
        same.session.idle_expires_at = same.session.idle_expires_at.max(session.idle_expires_at);
        same
    }

    /// The same session after a new sign-in of its user; false when it has ended.
    pub(super) async fn renew_session(&self, w: &mut Writer, ctx: &Ctx) -> Result<bool, StorageError> {
        if !storage::sessions::renew(w, &self.session).await? {
            return Ok(false);
        }
        let happened = Happened {
            actor: Actor::User(self.user.id()),
            action: "session.renewed",
            target: Some(self.session.id.to_string()),
            detail: json!({ "amr": self.session.authentication.amr }),
        };
        record(w, ctx, happened).await?;
        Ok(true)
    }

    pub(super) async fn insert_session(&self, w: &mut Writer, ctx: &Ctx) -> Result<(), StorageError> {
        storage::sessions::insert(w, &self.session).await?;
        let happened = Happened {
            actor: Actor::User(self.user.id()),
            action: "session.started",
            target: Some(self.session.id.to_string()),
            detail: json!({ "amr": self.session.authentication.amr }),
        };
        record(w, ctx, happened).await
    }
}
