//! What an operation demands of its caller, as the type of a handler's argument.
//! Refuses everybody else before the body is read; nobody below reads a credential.

use axum::extract::FromRequestParts;
use domain::Caller;
use http::request::Parts;
use model::PlainSecret;
use model::api_key::KeyKind;
use model::iam::IamUser;
use model::session::Session;
use model::user::User;

use super::credential::SERVICE_KEY;
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
            Caller::Iam { .. } => Err(Failure::person_required()),
            Caller::Application { .. } => Err(Failure::session_required()),
        }
    }
}

/// An IAM user who is signed in. People have their own doors, and access keys manage no credentials.
pub struct SignedIam {
    pub user: IamUser,
    pub session: Session,
}

impl<S: Send + Sync> FromRequestParts<S> for SignedIam {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let presented = parts.extensions.get::<Presented>();
        match presented.ok_or_else(Failure::unauthorized)?.live()? {
            Caller::Iam {
                user,
                session: Some(session),
                ..
            } => Ok(Self {
                user: user.as_ref().clone(),
                session: session.as_ref().clone(),
            }),
            Caller::Iam { session: None, .. } | Caller::Application { .. } => {
                Err(Failure::session_required())
            }
            Caller::Session { .. } => Err(Failure::forbidden(
                "iam_user_required",
                "This is for IAM users; yours is among the operations for people.",
            )),
        }
    }
}

/// A live service key, in the header that is for them.
pub struct ServiceKey(pub PlainSecret);

impl<S: Send + Sync> FromRequestParts<S> for ServiceKey {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let presented = parts.extensions.get::<Presented>();
        let caller = presented.ok_or_else(Failure::unauthorized)?.live()?;
        let is_service = caller
            .token()
            .key
            .as_ref()
            .is_some_and(|key| key.kind == KeyKind::Service);
        let text = parts
            .headers
            .get(SERVICE_KEY)
            .and_then(|value| value.to_str().ok());
        match text.filter(|_| is_service) {
            Some(text) => Ok(Self(PlainSecret::new(text))),
            None => Err(Failure::forbidden(
                "service_key_required",
                "This takes a service key in the header X-Service-Key.",
            )),
        }
    }
}
