//! Administrators, and programs that act for one with a scope for it.
//! Refuses here whoever is none; the domain asks again when something is changed.

use axum::extract::FromRequestParts;
use domain::Caller;
use http::request::Parts;
use model::audit::Actor;
use model::user::User;
use serde_json::json;

use crate::surfaces::{Failure, Presented};

const READ: &str = "admin:users:read";
const WRITE: &str = "admin:users:write";
const READ_LICENCES: &str = "admin:licenses:read";
const WRITE_LICENCES: &str = "admin:licenses:write";
const READ_BILLING: &str = "admin:billing:read";
const WRITE_BILLING: &str = "admin:billing:write";

/// Who may see all users.
pub struct MayReadUsers(pub Actor);
/// Who may change them.
pub struct MayWriteUsers(pub Actor);
/// Who may see what accounts have.
pub struct MayReadLicences(pub Actor);
/// Who may change it.
pub struct MayWriteLicences(pub Actor);

/// Who may see the books of accounts.
pub struct MayReadBilling(pub Actor);
/// Who may credit, debit and give back.
pub struct MayWriteBilling(pub Actor);

impl<S: Send + Sync> FromRequestParts<S> for MayReadUsers {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        administrator(parts, READ).map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for MayWriteUsers {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        administrator(parts, WRITE).map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for MayReadLicences {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        administrator(parts, READ_LICENCES).map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for MayWriteLicences {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        administrator(parts, WRITE_LICENCES).map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for MayReadBilling {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        administrator(parts, READ_BILLING).map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for MayWriteBilling {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        administrator(parts, WRITE_BILLING).map(Self)
    }
}

/// T07
fn administrator(parts: &Parts, scope: &'static str) -> Result<Actor, Failure> {
    let presented = parts.extensions.get::<Presented>();
    let caller = presented.ok_or_else(Failure::unauthorized)?.live()?;
    match caller {
        Caller::Session { user, .. } => actor(Some(user)),
        Caller::Iam { .. } => Err(Failure::person_required()),
        Caller::Application { token, .. } if !token.scopes.covers(scope) => Err(Failure::forbidden(
            "insufficient_scope",
            "The credential does not have the scope for this.",
        )
        .with("required_scope", json!(scope))),
        Caller::Application { user, .. } => actor(user.as_deref()),
    }
}

fn actor(user: Option<&User>) -> Result<Actor, Failure> {
    user.filter(|user| user.is_admin())
        .map(|user| Actor::User(user.id))
        .ok_or_else(not_administrator)
}

pub(super) fn not_administrator() -> Failure {
    Failure::forbidden("forbidden", "Only administrators may do this.")
}
