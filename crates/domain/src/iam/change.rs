//! A change of who may do what in an account: one at a time, written down, and fenced.
//! Refuses to leave what is remembered of somebody's rights behind the change that alters them (P06).

use futures::future::BoxFuture;
use model::audit::Actor;
use model::iam::AccountId;
use model::revocation::RevocationTarget;
use model::{Ctx, UserId};
use policy::Managed;
use serde_json::{Map, Value, json};
use storage::{StorageError, Writer};

use super::IamError;
use super::authorize::Permit;
use super::limits::{Counted, IamSettings};
use super::reach::Reach;
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::revocation;
use crate::settings::Settings;

/// What every change works with.
pub(super) struct Change {
    pub ctx: Ctx,
    pub account: AccountId,
    pub reach: Reach,
    actor: Actor,
    pub(super) authority: Authority,
}

impl Change {
    pub(super) fn settings(&self) -> &Settings {
        &self.authority.settings
    }

    pub(super) fn managed(&self) -> &[Managed] {
        &self.settings().iam.managed
    }

    /// Too many of something, counted after one was added.
    pub(super) fn within(
        &self,
        what: Counted,
        (count, most): (u64, fn(&IamSettings) -> u64),
    ) -> Result<(), IamError> {
        let most = most(&self.settings().iam);
        match count <= most {
            true => Ok(()),
            false => Err(IamError::TooMany { what, most }),
        }
    }

    /// Writes it down. `detail`: an object; the account is added to it.
    pub(super) async fn note(
        &self,
        w: &mut Writer,
        (action, target): (&'static str, String),
        detail: Value,
    ) -> Result<(), StorageError> {
        let mut detail: Map<String, Value> = match detail {
            Value::Object(detail) => detail,
            _ => Map::new(),
        };
        detail.insert("account_id".to_owned(), json!(self.account));
        let happened = Happened {
            actor: self.actor.clone(),
            action,
            target: Some(target),
            detail: Value::Object(detail),
        };
        record(w, &self.ctx, happened).await
    }

    /// Writes down a change of what these users may do, and has their rights read anew.
    pub(super) async fn note_for(
        &self,
        w: &mut Writer,
        (what, detail): ((&'static str, String), Value),
        users: &[UserId],
    ) -> Result<(), StorageError> {
        self.note(w, what, detail).await?;
        self.read_anew(w, users).await
    }

    /// Everything remembered about these users is read anew, here, at the other replicas and at the proxies. Nothing that
    /// was issued ends.
    async fn read_anew(&self, w: &mut Writer, users: &[UserId]) -> Result<(), StorageError> {
        for user in users {
            let target = RevocationTarget::facts_of(*user);
            revocation::append(w, self.settings(), &self.ctx, target).await?;
        }
        Ok(())
    }
}

impl Authority {
    /// Runs the change in one transaction, alone in the account: what it counts and compares stays so until it is done.
    pub(super) async fn change_iam<T, F>(&self, ctx: &Ctx, permit: &Permit, work: F) -> Result<T, IamError>
    where
        F: for<'w> FnOnce(&'w mut Writer, &'w Change) -> BoxFuture<'w, Result<T, IamError>> + Send + 'static,
        T: Send + 'static,
    {
        let change = Change {
            ctx: ctx.clone(),
            account: permit.account().clone(),
            reach: permit.reach().clone(),
            actor: permit.actor(),
            authority: self.clone(),
        };
        let write = self.database.write::<_, IamError, _>(move |w| {
            Box::pin(async move {
                storage::iam_groups::hold_account(w, &change.account).await?;
                work(w, &change).await
            })
        });
        let done = write.await?;
        self.catch_up().await?;
        Ok(done)
    }
}
