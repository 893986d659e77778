//! Administrators, and programs that act for one with a scope for it.
//! Refuses here whoever is none; the domain asks again when something is changed.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use domain::Caller;
use http::request::Parts;
use model::audit::Actor;
use model::user::User;
use serde_json::json;

use crate::surfaces::{Failure, Presented};

/// What administrators do here, and the scope that lets a program do it for one.
pub trait Errand {
    const SCOPE: &'static str;
}

/// See all users.
pub struct ReadUsers;
/// Change them.
pub struct WriteUsers;
/// See what accounts have.
pub struct ReadLicences;
/// Change it.
pub struct WriteLicences;
/// See the books of accounts.
pub struct ReadBilling;
/// Credit, debit and give back.
pub struct WriteBilling;

impl Errand for ReadUsers {
    const SCOPE: &'static str = "admin:users:read";
}

impl Errand for WriteUsers {
    const SCOPE: &'static str = "admin:users:write";
}

impl Errand for ReadLicences {
    const SCOPE: &'static str = "admin:licenses:read";
}

impl Errand for WriteLicences {
    const SCOPE: &'static str = "admin:licenses:write";
}

impl Errand for ReadBilling {
    const SCOPE: &'static str = "admin:billing:read";
}

impl Errand for WriteBilling {
    const SCOPE: &'static str = "admin:billing:write";
}

/// Who may do the errand.
pub struct May<E> {
    pub by: Actor,
    errand: PhantomData<E>,
}

impl<S: Send + Sync, E: Errand> FromRequestParts<S> for May<E> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        administrator(parts, E::SCOPE).map(|by| Self {
            by,
            errand: PhantomData,
        })
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
