//! The policies of an account: those that it has written, and those that come with the server.
//! Changes nothing.

use std::sync::Arc;

use model::PolicyId;
use model::iam::AccountId;
use model::iam_policy::CustomPolicy;
use policy::{Document, Managed};
use storage::Query;

use super::groups::{Listed, part};
use super::subject::Held;
use super::{IamError, Named, Permit};
use crate::authority::Authority;
use crate::fault::Fault;

/// A policy that can be attached.
#[derive(Clone, Debug)]
pub enum Policy {
    Managed(Managed),
    Custom(CustomPolicy),
}

impl Policy {
    /// What it is attached by.
    pub fn id(&self) -> String {
        match self {
            Self::Managed(policy) => policy.name.clone(),
            Self::Custom(policy) => policy.id.to_string(),
        }
    }

    pub fn name(&self) -> &str {
        match self {
            Self::Managed(policy) => &policy.name,
            Self::Custom(policy) => policy.name.as_str(),
        }
    }

    pub fn arn(&self) -> String {
        match self {
            Self::Managed(policy) => format!("arn:authz:iam::managed:policy/{}", policy.name),
            Self::Custom(policy) => policy.arn(),
        }
    }

    pub fn description(&self) -> &str {
        match self {
            Self::Managed(policy) => &policy.description,
            Self::Custom(policy) => &policy.description,
        }
    }

    /// As it was written.
    pub fn document(&self) -> &str {
        match self {
            Self::Managed(policy) => policy.document.text(),
            Self::Custom(policy) => &policy.document,
        }
    }

    pub(super) fn held(&self) -> Held {
        let document = match self {
            Self::Managed(policy) => Some(policy.document.clone()),
            Self::Custom(policy) => Document::parse(&policy.document).ok(),
        };
        Held {
            id: self.id(),
            name: self.name().to_owned(),
            document: document.map(Arc::new),
        }
    }
}

impl Authority {
    /// Managed ones first, then the account's own by name; as many as the first number from the second on.
    ///
    /// # Errors
    /// Storage.
    pub async fn list_policies(
        &self,
        permit: &Permit,
        (limit, offset): (u32, u64),
    ) -> Result<Listed<Policy>, Fault> {
        let managed = &self.settings.iam.managed;
        let skip = usize::try_from(offset).unwrap_or(usize::MAX);
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let theirs = managed.iter().skip(skip).take(most).cloned();
        let mut items: Vec<Policy> = theirs.map(Policy::Managed).collect();
        let rest = limit.saturating_sub(u32::try_from(items.len()).unwrap_or(limit));
        let ours = managed.len() as u64;
        let mut reader = self.database.read().await?;
        if rest > 0 {
            let part = part((rest, offset.saturating_sub(ours)));
            let own = storage::iam_policies::list(&mut reader, permit.account(), part).await?;
            items.extend(own.into_iter().map(Policy::Custom));
        }
        let total = ours + storage::iam_policies::count(&mut reader, permit.account()).await?;
        Ok(Listed { items, total })
    }

    /// The policy of this id, if the account may attach it.
    ///
    /// # Errors
    /// [`IamError::Unknown`], and storage.
    pub async fn policy_of_id(&self, permit: &Permit, id: &str) -> Result<Policy, IamError> {
        let mut reader = self.database.read().await?;
        policy_of_id(&mut reader, &self.settings.iam.managed, (permit.account(), id)).await
    }

    /// How policies name the policy of this id; of an unknown one, as if that were its name.
    ///
    /// # Errors
    /// Storage.
    pub async fn policy_arn(&self, account: &AccountId, id: &str) -> Result<String, Fault> {
        let mut reader = self.database.read().await?;
        match policy_of_id(&mut reader, &self.settings.iam.managed, (account, id)).await {
            Ok(policy) => Ok(policy.arn()),
            Err(IamError::Fault(fault)) => Err(fault),
            Err(_) => Ok(format!("arn:authz:iam::{account}:policy/{id}")),
        }
    }
}

pub(super) async fn policy_of_id(
    q: &mut impl Query,
    managed: &[Managed],
    (account, id): (&AccountId, &str),
) -> Result<Policy, IamError> {
    if let Some(policy) = managed.iter().find(|policy| policy.name == id) {
        return Ok(Policy::Managed(policy.clone()));
    }
    let Ok(id) = id.parse::<PolicyId>() else {
        return Err(IamError::Unknown(Named::Policy));
    };
    let found = storage::iam_policies::find(q, account, id).await?;
    let found = found.map(Policy::Custom);
    found.ok_or(IamError::Unknown(Named::Policy))
}
