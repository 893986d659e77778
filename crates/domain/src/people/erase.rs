//! The end of an account: nothing personal stays, and nobody gets its id again.
//! Refuses before the time of grace is over, and twice.

use model::audit::Actor;
use model::email::Email;
use model::grant::GrantEnd;
use model::user::User;
use model::{Ctx, UserId};
use serde_json::json;
use storage::{StorageError, Writer};

use super::account_endings::end_account_of;
use super::endings::end_all;
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::iam::erase_iam_of_root;
use crate::jobs::Job;
use crate::mail::{Letter, Message};

impl Authority {
    /// Carries out what was asked for, if it was not cancelled; all of it or nothing.
    pub(crate) async fn erase_account(&self, ctx: &Ctx, id: UserId) -> Result<(), Fault> {
        let mut reader = self.database.read().await?;
        let Some(user) = storage::users::find_by_id(&mut reader, id).await? else {
            return Ok(());
        };
        drop(reader);
        let farewell = Letter::to_user(ctx, &user, Message::AccountErased {});
        let (authority, at) = (self.clone(), ctx.clone());
        let work = self.database.write::<_, Fault, _>(move |w| {
            Box::pin(async move {
                if !storage::account_deletions::take_due(w, id, at.now).await? {
                    return Ok(false);
                }
                let why = GrantEnd::UserErased;
                let (sessions, grants) = end_all(w, &authority.settings, &at, (id, why)).await?;
                authority.drop_links(w, &at, id).await?;
                end_account_of(w, &authority.settings, &at, id).await?;
                authority.end_recurring_of(w, &at, id).await?;
                erase_iam_of_root(w, &authority.settings, (&at, id)).await?;
                erase_everything(w, &at, &user).await?;
                authority.enqueue(w, &at, &Job::Send(farewell)).await?;
                let happened = Happened {
                    actor: Actor::System,
                    action: "user.erased",
                    target: Some(id.to_string()),
                    detail: json!({ "sessions": sessions, "grants": grants }),
                };
                record(w, &at, happened).await?;
                Ok(true)
            })
        });
        if work.await? {
            self.ring();
            self.catch_up().await?;
        }
        Ok(())
    }
}

/// Every table that knows something personal has a line here.
async fn erase_everything(w: &mut Writer, ctx: &Ctx, user: &User) -> Result<(), StorageError> {
    storage::devices::delete_all_but(w, user.id, None).await?;
    forget_teams(w, user).await?;
    storage::trusted_devices::delete_of_user(w, user.id).await?;
    storage::avatars::delete_of_user(w, user.id).await?;
    storage::preferences::delete_of_user(w, user.id).await?;
    storage::milestones::delete_of_user(w, user.id).await?;
    storage::challenges::delete_of_user(w, user.id).await?;
    storage::consents::delete_of_user(w, user.id).await?;
    storage::api_keys::delete_of_user(w, user.id).await?;
    storage::idempotency::delete_of_caller(w, &user.id.to_string()).await?;
    storage::second_factors::delete_of_user(w, user.id).await?;
    storage::github_installations::delete_of_user(w, user.id).await?;
    storage::jobs::delete_of_user(w, user.id).await?;
    storage::sessions::forget_origins(w, user.id).await?;
    storage::audit::anonymise(w, user.id).await?;
    crate::audit::erase_person(w, user.id).await?;
    storage::users::erase(w, user.id, &placeholder(user), ctx.now).await?;
    Ok(())
}

/// What they were in, whom they have invited, and their own account with everybody in it.
async fn forget_teams(w: &mut Writer, user: &User) -> Result<(), StorageError> {
    if let Some(account) = storage::accounts::find_of_root(w, user.id).await? {
        storage::memberships::delete_of_account(w, &account).await?;
        storage::invitations::delete_of_account(w, &account).await?;
        storage::accounts::rename(w, &account, None).await?;
        // Invoices stay, as the law asks for (CGST Act, section 36); what was said for the next ones goes.
        storage::tax_profiles::delete(w, &account).await?;
    }
    storage::memberships::delete_of_user(w, user.id).await?;
    storage::invitations::delete_of_user(w, user.id, &user.email).await?;
    Ok(())
}

/// An address that nobody can have (RFC 6761 §6.4), for a column that wants one.
fn placeholder(user: &User) -> Email {
    format!("{}@erased.invalid", user.id)
        .parse()
        .unwrap_or_else(|_| user.email.clone())
}
