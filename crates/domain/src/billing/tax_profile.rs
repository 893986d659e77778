//! What an account says of itself for its invoices.
//! Refuses a registration that is not one, and one of another state than the account is in.

use model::Ctx;
use model::billing::tax::{Gstin, State, TaxProfile};
use serde_json::json;

use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::iam::Permit;

/// For each member: leave it (outer none), clear it (inner none), or put this in its place.
#[derive(Clone, Debug, Default)]
pub struct TaxProfileChange {
    pub gstin: Option<Option<String>>,
    pub legal_name: Option<Option<String>>,
    /// Lines, with line ends between them.
    pub address: Option<Option<String>>,
    pub state_code: Option<Option<String>>,
}

/// Members that can't be as they are wished for, and why.
pub type TaxProfileProblems = Vec<(&'static str, String)>;

#[derive(Debug, thiserror::Error)]
pub enum TaxProfileError {
    #[error("the tax profile can't be so")]
    Invalid(TaxProfileProblems),
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<storage::StorageError> for TaxProfileError {
    fn from(error: storage::StorageError) -> Self {
        Self::Fault(error.into())
    }
}

impl Authority {
    /// Empty before anything was said.
    ///
    /// # Errors
    /// Storage.
    pub async fn tax_profile(&self, permit: &Permit) -> Result<TaxProfile, Fault> {
        let mut reader = self.database.read().await?;
        let found = storage::tax_profiles::find(&mut reader, permit.account()).await?;
        Ok(found.unwrap_or_default())
    }

    /// Changes what is named and leaves the rest; returns all of it. Documents that are written stay as they are.
    ///
    /// # Errors
    /// See [`TaxProfileError`].
    pub async fn update_tax_profile(
        &self,
        ctx: &Ctx,
        permit: &Permit,
        change: TaxProfileChange,
    ) -> Result<TaxProfile, TaxProfileError> {
        let wish = Wish::read(change).map_err(TaxProfileError::Invalid)?;
        let (account, actor, at) = (permit.account().clone(), permit.actor(), ctx.clone());
        let work = self.database.write::<_, TaxProfileError, _>(move |w| {
            Box::pin(async move {
                let was = storage::tax_profiles::hold(w, &account, at.now).await?;
                let profile = wish.merged(was.clone()).map_err(TaxProfileError::Invalid)?;
                if profile != was {
                    storage::tax_profiles::update(w, &account, &profile, at.now).await?;
                    let happened = Happened {
                        actor,
                        action: "billing.tax_profile_updated",
                        target: Some(account.to_string()),
                        detail: json!({ "members": changed(&was, &profile) }),
                    };
                    record(w, &at, happened).await?;
                }
                Ok(profile)
            })
        });
        work.await
    }
}

fn changed(was: &TaxProfile, is: &TaxProfile) -> Vec<&'static str> {
    let members = [
        ("gstin", was.gstin != is.gstin),
        ("legal_name", was.legal_name != is.legal_name),
        ("address", was.address != is.address),
        ("state_code", was.state != is.state),
    ];
    let differing = members.into_iter().filter(|(_, differs)| *differs);
    differing.map(|(name, _)| name).collect()
}

/// The change, each member read for itself.
#[derive(Default)]
struct Wish {
    gstin: Option<Option<Gstin>>,
    legal_name: Option<Option<String>>,
    address: Option<Vec<String>>,
    state: Option<Option<State>>,
}

impl Wish {
    fn read(change: TaxProfileChange) -> Result<Self, TaxProfileProblems> {
        let mut problems = Vec::new();
        let wish = Self {
            gstin: one(&mut problems, "gstin", change.gstin, |text| {
                text.parse().map(Some)
            }),
            legal_name: one(
                &mut problems,
                "legal_name",
                change.legal_name,
                TaxProfile::name_from,
            ),
            address: one(&mut problems, "address", change.address, |text| {
                TaxProfile::address_from(text).map(Some)
            })
            .map(Option::unwrap_or_default),
            state: one(&mut problems, "state_code", change.state_code, |text| {
                text.trim().parse().map(Some)
            }),
        };
        if problems.is_empty() {
            Ok(wish)
        } else {
            Err(problems)
        }
    }

    /// A GSTIN brings its state along; a state that is named must be that one.
    fn merged(self, was: TaxProfile) -> Result<TaxProfile, TaxProfileProblems> {
        let gstin = self.gstin.unwrap_or(was.gstin);
        let registered = gstin.map(|gstin| gstin.state());
        let state = match (self.state, self.gstin.flatten()) {
            (Some(Some(named)), _) => Some(named),
            (Some(None), _) | (None, Some(_)) => registered,
            (None, None) => was.state,
        };
        let profile = TaxProfile {
            gstin,
            legal_name: self.legal_name.unwrap_or(was.legal_name),
            address: self.address.unwrap_or(was.address),
            state,
        };
        let contradiction = |error| vec![("state_code", format!("{error}"))];
        profile.check().map_err(contradiction)?;
        Ok(profile)
    }
}

/// Blank text clears a member as null does.
fn one<T, E: std::fmt::Display>(
    problems: &mut TaxProfileProblems,
    member: &'static str,
    wish: Option<Option<String>>,
    read: impl FnOnce(&str) -> Result<Option<T>, E>,
) -> Option<Option<T>> {
    let text = match wish? {
        Some(text) if !text.trim().is_empty() => text,
        _ => return Some(None),
    };
    match read(&text) {
        Ok(value) => Some(value),
        Err(error) => {
            problems.push((member, error.to_string()));
            None
        }
    }
}
