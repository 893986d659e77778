//! The owner of the old address takes a change of address back.
//! Refuses to leave behind what its author may have planted: sessions, factors, trust, links, keys, other mails, a deletion.

use model::audit::Actor;
use model::challenge::{Challenge, Purpose};
use model::email::Email;
use model::user::User;
use model::{ChallengeId, Ctx};
use serde_json::json;
use storage::Writer;

use super::challenge::{Asking, ProofError};
use super::deletion::cancel;
use super::endings::end_all_but;
use super::verify_email::ConfirmEmailError;
use crate::api_keys::end_keys_since;
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::jobs::{ASK, Job};

impl Authority {
    /// Whoever made the change is thrown out, with their password, all linked accounts, and the second factors that were
    /// added since they asked for it. A mail to the old address brings a new password.
    ///
    /// # Errors
    /// See [`ConfirmEmailError`].
    pub async fn undo_email_change(&self, ctx: &Ctx, link: &str) -> Result<Email, ConfirmEmailError> {
        let looked = self.look_at_link(ctx, &[Purpose::UndoEmailChange], link).await;
        let (challenge, user) = looked.map_err(|error| match error {
            ProofError::Invalid => ConfirmEmailError::Invalid,
            ProofError::Fault(fault) => ConfirmEmailError::Fault(fault),
        })?;
        let restored = challenge.email.clone();
        let (authority, ctx) = (self.clone(), ctx.clone());
        self.database
            .write(move |w| {
                Box::pin(async move {
                    let emails = (&user.email, &challenge.email);
                    let holds = storage::challenges::consume(w, challenge.id, ctx.now).await?
                        && storage::users::change_email(w, user.id, emails, ctx.now).await?
                        && storage::users::set_password(w, user.id, None, ctx.now).await?;
                    if !holds {
                        return Err(ConfirmEmailError::Invalid);
                    }
                    Ok(authority.throw_out(w, &ctx, (&user, &challenge)).await?)
                })
            })
            .await?;
        self.ring();
        self.catch_up().await?;
        Ok(restored)
    }

    async fn throw_out(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        (user, challenge): (&User, &Challenge),
    ) -> Result<(), Fault> {
        let (id, since) = (user.id, challenge.created_at);
        let factors = storage::second_factors::delete_since(w, id, since).await?;
        let keys = end_keys_since(w, &self.settings, ctx, (id, since)).await?;
        let links = self.drop_links(w, ctx, id).await?;
        let sessions = end_all_but(w, &self.settings, ctx, (id, None)).await?;
        // A second change may wait to be confirmed, and a mail may be on its way to the author's mailbox.
        storage::challenges::consume_since(w, id, since, ctx.now).await?;
        storage::jobs::delete_of_kind(w, id, ASK).await?;
        let deletion = storage::account_deletions::find(w, id).await?;
        // One by an administrator, who has shut the account, is not the author's.
        let is_open = user.disabled_at.is_none();
        if deletion.is_some_and(|deletion| is_open && deletion.requested_at >= since) {
            cancel(w, ctx, (id, Actor::User(id))).await?;
        }
        self.enqueue(w, ctx, &Job::Ask(new_password(ctx, &challenge.email)))
            .await?;
        let happened = Happened {
            actor: Actor::User(id),
            action: "user.email_change_undone",
            target: Some(id.to_string()),
            detail: json!({
                "from": user.email.as_str(), "to": challenge.email.as_str(),
                "second_factors": factors, "api_keys": keys, "linked_accounts": links, "sessions": sessions,
            }),
        };
        Ok(record(w, ctx, happened).await?)
    }
}

/// Whoever has the mailbox chooses it.
fn new_password(ctx: &Ctx, email: &Email) -> Asking {
    Asking {
        challenge: ChallengeId::random(ctx.random.as_ref()),
        purpose: Purpose::ResetPassword,
        email: email.clone(),
        user: None,
        browser: None,
        flow: None,
        page: None,
    }
}
