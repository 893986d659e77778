//! What a provider's word becomes in the transaction that begins a session or links an account.
//! Refuses an account that is somebody else's by now.

use model::audit::Actor;
use model::linked_account::LinkedAccount;
use model::user::User;
use model::{Ctx, UserId};
use serde_json::json;
use storage::{StorageError, Writer};

use super::provider::Identity;
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::jobs::Job;
use crate::people::SignInError;
use crate::people::register::insert_user;

/// What the identity was when it was looked up.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Linked to the user.
    Known,
    /// Linked to nobody; the user, who is signed in, gets it.
    Added,
    /// Linked to nobody; the user is new, too.
    New,
}

#[derive(Clone)]
pub(crate) struct Introduction {
    pub provider: String,
    pub identity: Identity,
    /// Sealed.
    pub tokens: Vec<u8>,
    pub standing: Standing,
}

impl Introduction {
    /// Judges again where nobody can change it any more, and writes it down.
    pub(crate) async fn hold(
        &self,
        w: &mut Writer,
        authority: &Authority,
        (ctx, user): (&Ctx, &User),
    ) -> Result<(), SignInError> {
        if self.standing == Standing::New {
            insert_user(w, ctx, user, Actor::User(user.id)).await?;
        } else if !storage::users::confirm_enabled(w, user.id).await? {
            return Err(SignInError::Stale);
        }
        let found = storage::linked_accounts::find(w, &self.provider, &self.identity.subject).await?;
        match found {
            Some(before) if before.user_id == user.id => {
                if let Some(old) = before.tokens.clone() {
                    authority.give_back(w, ctx, (&self.provider, old)).await?;
                }
                storage::linked_accounts::renew(w, &self.account(ctx, user.id)).await?;
                Ok(())
            }
            None if self.standing != Standing::Known => Ok(self.insert(w, ctx, user.id).await?),
            // Unlinked, or linked to another user, in the meantime.
            _ => Err(SignInError::Stale),
        }
    }

    async fn insert(&self, w: &mut Writer, ctx: &Ctx, user: UserId) -> Result<(), StorageError> {
        let others = storage::linked_accounts::list(w, user).await?;
        let is_first = !others.iter().any(|other| other.provider == self.provider);
        let account = LinkedAccount {
            active_since: is_first.then_some(ctx.now),
            ..self.account(ctx, user)
        };
        storage::linked_accounts::insert(w, &account).await?;
        let happened = Happened {
            actor: Actor::User(user),
            action: "account.linked",
            target: Some(user.to_string()),
            detail: json!({ "provider": self.provider, "subject": self.identity.subject }),
        };
        record(w, ctx, happened).await
    }

    fn account(&self, ctx: &Ctx, user_id: UserId) -> LinkedAccount {
        let Identity {
            subject,
            login,
            name,
            avatar,
            email,
        } = self.identity.clone();
        LinkedAccount {
            provider: self.provider.clone(),
            subject,
            user_id,
            login,
            name,
            avatar,
            email: email.map(|email| email.address),
            active_since: None,
            tokens: Some(self.tokens.clone()),
            linked_at: ctx.now,
            updated_at: ctx.now,
        }
    }
}

impl Authority {
    /// Has tokens that are not needed any more ended at the provider. The caller rings after the commit.
    pub(crate) async fn give_back(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        (provider, tokens): (&str, Vec<u8>),
    ) -> Result<(), crate::Fault> {
        let job = Job::RevokeUpstream {
            provider: provider.to_owned(),
            tokens,
        };
        self.enqueue(w, ctx, &job).await
    }
}
