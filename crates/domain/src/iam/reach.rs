//! Nobody grants above himself (P07): what somebody gives, or takes in hand, must be within what they have.
//! Refuses anybody but owners to touch those who administer the account.

use std::fmt;
use std::sync::Arc;

use model::UserId;
use policy::{Document, Managed, exceeds};
use storage::iam_attachments::Holder;
use storage::{Query, Writer};

use super::IamError;
use super::policies::Policy;
use super::subject::{Held, Standing, Subject, held_by, held_by_user};
use crate::oauth::TokenFacts;

/// Whoever has it may do everything within the account.
pub const ADMINISTRATOR_ACCESS: &str = "AdministratorAccess";

/// What goes beyond the caller's own rights.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Beyond {
    /// Somebody who administers the account.
    Administrator,
    /// What would be granted, in words.
    Grants { policy: String, excess: String },
}

impl fmt::Display for Beyond {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Administrator => f.write_str("Only owners of the account touch its administrators."),
            Self::Grants { policy, excess } => write!(f, "{policy}: {excess}"),
        }
    }
}

/// How far somebody's rights go.
#[derive(Clone)]
pub(super) struct Reach {
    granter: Arc<Subject>,
    /// What the token is narrowed to, where it is (V07).
    narrowed: Option<Arc<Document>>,
    managed: Arc<[Managed]>,
}

impl Reach {
    pub(super) fn of(granter: Arc<Subject>, token: Option<&TokenFacts>, managed: Arc<[Managed]>) -> Self {
        let policy = token.and_then(|token| token.session_policy.as_deref());
        Self {
            granter,
            narrowed: policy.and_then(|text| Document::parse(text).ok()).map(Arc::new),
            managed,
        }
    }

    pub(super) fn granter(&self) -> UserId {
        self.granter.id
    }

    pub(super) fn is_owner(&self) -> bool {
        matches!(self.granter.standing, Standing::Owner)
    }

    /// None of them administers the account.
    pub(super) async fn over_people(&self, w: &mut Writer, users: &[UserId]) -> Result<(), IamError> {
        if self.is_owner() {
            return Ok(());
        }
        for user in users {
            let held = held_by_user(w, &self.managed, *user).await?;
            if self.administers(&held) {
                return Err(Beyond::Administrator.into());
            }
        }
        Ok(())
    }

    /// Somebody's password or keys may be set.
    pub(super) async fn over_credentials_of(&self, w: &mut Writer, user: UserId) -> Result<(), IamError> {
        if user == self.granter.id {
            return Ok(());
        }
        self.over_people(w, &[user]).await?;
        self.over_rights_of(w, &[user]).await
    }

    /// All that any of them may do is within the caller's rights.
    pub(super) async fn over_rights_of(&self, q: &mut impl Query, users: &[UserId]) -> Result<(), IamError> {
        if self.is_owner() {
            return Ok(());
        }
        for user in users {
            let held = held_by_user(q, &self.managed, *user).await?;
            self.over(&held)?;
        }
        Ok(())
    }

    /// What the holder itself gives is within the caller's rights.
    pub(super) async fn over_policies_of(&self, w: &mut Writer, holder: Holder) -> Result<(), IamError> {
        if self.is_owner() {
            return Ok(());
        }
        let held = held_by(w, &self.managed, holder).await?;
        self.over(&held)
    }

    /// What the policy gives is within the caller's rights.
    pub(super) fn over_policy(&self, policy: &Policy) -> Result<(), IamError> {
        match self.is_owner() {
            true => Ok(()),
            false => self.over(&[policy.held()]),
        }
    }

    /// Whether taking away what the holder has could give somebody more than before.
    pub(super) async fn denies(&self, w: &mut Writer, holder: Holder) -> Result<bool, IamError> {
        let held = held_by(w, &self.managed, holder).await?;
        Ok(held.iter().any(may_deny))
    }

    fn over(&self, granted: &[Held]) -> Result<(), IamError> {
        let Standing::Bound(own) = &self.granter.standing else {
            return Ok(());
        };
        let own: Vec<&Document> = own.iter().filter_map(|one| one.document.as_deref()).collect();
        // What cannot be read denies everything: it grants nothing.
        let readable = granted.iter().filter(|one| one.document.is_some());
        let named: Vec<(&str, &Document)> = readable
            .filter_map(|one| Some((one.name.as_str(), one.document.as_deref()?)))
            .collect();
        let documents: Vec<&Document> = named.iter().map(|(_, document)| *document).collect();
        let narrowed = self.narrowed.as_deref();
        let beyond = exceeds(&own, &documents).or_else(|| exceeds(&[narrowed?], &documents));
        match beyond {
            None => Ok(()),
            Some(excess) => Err(Beyond::Grants {
                policy: named
                    .get(excess.document)
                    .map_or("", |(name, _)| *name)
                    .to_owned(),
                excess: excess.to_string(),
            }
            .into()),
        }
    }

    /// Whether whoever has this may do everything within the account.
    fn administers(&self, held: &[Held]) -> bool {
        let Some(all) = self.managed.iter().find(|one| one.name == ADMINISTRATOR_ACCESS) else {
            return true;
        };
        let documents: Vec<&Document> = held.iter().filter_map(|one| one.document.as_deref()).collect();
        let named = held.iter().any(|one| one.id == ADMINISTRATOR_ACCESS);
        named || exceeds(&documents, &[&all.document]).is_none()
    }
}

/// Whether the policy denies something, or can't be read, which denies everything.
pub(super) fn may_deny(held: &Held) -> bool {
    held.document.as_ref().is_none_or(|document| document.denies())
}
