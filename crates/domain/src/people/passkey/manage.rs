//! The passkeys of somebody signed in: listed, renamed, removed.
//! Refuses to remove one before its owner has shown that it is them, and to touch another user's.

use model::audit::Actor;
use model::passkey::{Passkey, PasskeyName};
use model::session::Session;
use model::user::User;
use model::{Ctx, PasskeyId, UserId};
use serde_json::json;
use storage::Writer;

use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::people::second_factor::end_trust;
use crate::people::{Presence, PresenceError};

impl Authority {
    /// The oldest first.
    ///
    /// # Errors
    /// Storage.
    pub async fn list_passkeys(&self, user: UserId) -> Result<Vec<Passkey>, Fault> {
        let mut reader = self.database.read().await?;
        Ok(storage::passkeys::list_of_user(&mut reader, user).await?)
    }

    /// False when the user has no such passkey.
    ///
    /// # Errors
    /// Storage.
    pub async fn rename_passkey(
        &self,
        ctx: &Ctx,
        (user, id): (UserId, PasskeyId),
        name: &str,
    ) -> Result<bool, Fault> {
        let (at, name) = (ctx.clone(), PasskeyName::tidy(name));
        self.database
            .write::<_, Fault, _>(move |w| {
                Box::pin(async move {
                    if !storage::passkeys::update_name(w, (id, user), &name).await? {
                        return Ok(false);
                    }
                    let happened = Happened {
                        actor: Actor::User(user),
                        action: "passkey.renamed",
                        target: Some(id.to_string()),
                        detail: json!({ "name": name.as_str() }),
                    };
                    record(w, &at, happened).await?;
                    Ok(true)
                })
            })
            .await
    }

    /// False when the user has no such passkey. With the last second factor the backup codes go and all other sessions end.
    ///
    /// # Errors
    /// See [`PresenceError`].
    pub async fn remove_passkey(
        &self,
        ctx: &Ctx,
        (user, session): (&User, &Session),
        (id, given): (PasskeyId, impl Into<Presence<'_>>),
    ) -> Result<bool, PresenceError> {
        self.prove_presence(ctx, (user, session), given).await?;
        let known = self.list_passkeys(user.id).await?;
        let Some(passkey) = known.into_iter().find(|passkey| passkey.id == id) else {
            return Ok(false);
        };
        let (authority, at, user, keep) = (self.clone(), ctx.clone(), user.clone(), session.clone());
        let removed = self
            .database
            .write::<_, Fault, _>(move |w| {
                Box::pin(async move { authority.remove_within(w, &at, (&user, &keep), &passkey).await })
            })
            .await?;
        self.ring();
        self.catch_up().await?;
        Ok(removed)
    }

    async fn remove_within(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        (user, session): (&User, &Session),
        passkey: &Passkey,
    ) -> Result<bool, Fault> {
        if !storage::passkeys::delete(w, (passkey.id, user.id)).await? {
            return Ok(false);
        }
        end_trust(w, ctx, (user.id, Actor::System)).await?;
        let name = &passkey.name;
        let mut what =
            format!("The passkey “{name}” was removed. It does not sign in to your account any more.");
        if storage::second_factors::count_factors(w, user.id).await? == 0 {
            what.push_str(&self.end_second_step(w, ctx, (user.id, session.id)).await?);
        }
        let detail = json!({ "passkey": passkey.id, "name": name.as_str() });
        self.note_factor(w, ctx, user, ("passkey.removed", detail, &what))
            .await?;
        Ok(true)
    }
}
