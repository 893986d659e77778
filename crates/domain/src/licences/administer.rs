//! What operators do with licences by hand: giving, prolonging and ending them.
//! Refuses plans that are not configured, ends in the past, and whoever is no administrator at that moment.

use model::audit::Actor;
use model::billing::{Binding, LicenceSource, LicenceStatus};
use model::iam::AccountId;
use model::{Ctx, Timestamp};
use storage::{StorageError, Writer};

use super::Held;
use crate::authority::Authority;
use crate::fault::Fault;
use crate::people::AdministrationError;
use crate::people::administration::require_administrator;

const MOST_SEATS: u32 = 100_000;

/// Why no licence was changed.
#[derive(Debug, thiserror::Error)]
pub enum LicenceError {
    #[error("only administrators do this")]
    NotAdministrator,
    #[error("there is no such account")]
    UnknownAccount,
    #[error("there is no such plan")]
    UnknownPlan,
    #[error("a licence has 1 to {MOST_SEATS} seats")]
    Seats,
    #[error("a licence ends later than now")]
    Past,
    #[error("the account has no licence that could be ended")]
    Nothing,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for LicenceError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<AdministrationError> for LicenceError {
    fn from(error: AdministrationError) -> Self {
        match error {
            AdministrationError::Fault(fault) => Self::Fault(fault),
            _ => Self::NotAdministrator,
        }
    }
}

/// What an account is to have; what is left out stays as it is.
#[derive(Clone, Default, Debug)]
pub struct NewLicence {
    /// The plan's id.
    pub plan: Option<String>,
    pub seats: Option<u32>,
    /// `Some(None)`: without an end.
    pub valid_until: Option<Option<Timestamp>>,
}

impl Authority {
    /// Gives the account a licence by hand.
    ///
    /// # Errors
    /// See [`LicenceError`].
    pub async fn give_licence(
        &self,
        ctx: &Ctx,
        (account, new): (&AccountId, NewLicence),
        by: Actor,
    ) -> Result<Held, LicenceError> {
        let past = new.valid_until.flatten().is_some_and(|until| until <= ctx.now);
        if past {
            return Err(LicenceError::Past);
        }
        self.change_licence(ctx, (account, by), move |authority, held| {
            authority.given(held, &new)
        })
        .await
    }

    /// Ends the licence that the account has; it has the default plan afterwards.
    ///
    /// # Errors
    /// See [`LicenceError`].
    pub async fn end_licence(&self, ctx: &Ctx, account: &AccountId, by: Actor) -> Result<Held, LicenceError> {
        self.change_licence(ctx, (account, by), |_, held| match held.licence.id {
            Some(_) => Ok(Binding {
                status: LicenceStatus::Cancelled,
                source: LicenceSource::Admin,
                ..held.licence.binding.clone()
            }),
            None => Err(LicenceError::Nothing),
        })
        .await
    }

    fn given(&self, held: &Held, new: &NewLicence) -> Result<Binding, LicenceError> {
        let before = &held.licence.binding;
        let plan = new.plan.as_ref().unwrap_or(&before.plan);
        let plan = self.settings.billing.plans.find(plan);
        let plan = plan.ok_or(LicenceError::UnknownPlan)?;
        let same = plan.id == before.plan && held.licence.id.is_some();
        let seats = if same { before.seats } else { plan.seats };
        let seats = new.seats.unwrap_or(seats);
        if !(1..=MOST_SEATS).contains(&seats) {
            return Err(LicenceError::Seats);
        }
        Ok(Binding {
            account: before.account.clone(),
            plan: plan.id.clone(),
            seats,
            status: LicenceStatus::Active,
            valid_until: new.valid_until.unwrap_or(before.valid_until.filter(|_| same)),
            source: LicenceSource::Admin,
        })
    }

    async fn change_licence(
        &self,
        ctx: &Ctx,
        (account, by): (&AccountId, Actor),
        change: impl FnOnce(&Self, &Held) -> Result<Binding, LicenceError> + Send + 'static,
    ) -> Result<Held, LicenceError> {
        let (authority, at, account) = (self.clone(), ctx.clone(), account.clone());
        let work = self.database.write::<_, LicenceError, _>(move |w: &mut Writer| {
            Box::pin(async move {
                require_administrator(w, &by).await?;
                if storage::licences::hold_account(w, &account).await?.is_none() {
                    return Err(LicenceError::UnknownAccount);
                }
                let held = authority.held(w, &at, &account).await?;
                let binding = change(&authority, &held)?;
                authority.bind_licence_by(w, &at, (&binding, by)).await?;
                Ok(authority.held(w, &at, &account).await?)
            })
        });
        let held = work.await?;
        self.catch_up().await?;
        Ok(held)
    }
}
