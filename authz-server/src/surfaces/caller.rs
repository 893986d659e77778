//! What an operation demands of its caller, as the type of a handler's argument.
//! Refuses everybody else before the body is read; nobody below reads a credential.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use domain::Caller;
use http::request::Parts;
use model::session::Session;
use model::user::User;

use super::{Failure, Presented};

/// Somebody signed in with us. API keys and applications are turned away: they manage no accounts.
pub struct Signed {
    pub user: User,
    pub session: Session,
}

impl<S: Send + Sync> FromRequestParts<S> for Signed {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        match live(parts)?.as_ref() {
            Caller::Session { user, session, .. } => Ok(Self {
                user: user.as_ref().clone(),
                session: session.as_ref().clone(),
            }),
            Caller::Application { .. } => Err(Failure::forbidden(
                "session_required",
                "This needs somebody who is signed in; the token of an application or an API key can't do it.",
            )),
        }
    }
}

/// The caller, whoever it is.
pub(super) fn live(parts: &Parts) -> Result<Arc<Caller>, Failure> {
    match parts.extensions.get::<Presented>() {
        Some(Presented::Live(caller)) => Ok(caller.clone()),
        Some(Presented::Dead) => Err(Failure::dead_credential()),
        Some(Presented::Nothing) | None => Err(Failure::unauthorized()),
    }
}
