//! What an operation demands of its caller, as the type of a handler's argument.
//! Refuses everybody else before the body is read; nobody below reads a credential.

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
        match parts.extensions.get::<Presented>() {
            Some(presented) => Self::of(presented),
            None => Err(Failure::unauthorized()),
        }
    }
}

impl Signed {
    /// The same for an operation that takes other credentials, too.
    pub fn of(presented: &Presented) -> Result<Self, Failure> {
        match presented.live()? {
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
