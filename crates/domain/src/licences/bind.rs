//! Binding an account to a plan, in the write of whatever is the reason for it.
//! Refuses to let the end of a subscription end what something else has bound.

use model::Ctx;
use model::audit::Actor;
use model::billing::{Binding, Licence, LicenceId, LicenceSource};
use model::revocation::RevocationTarget;
use serde_json::json;
use storage::{StorageError, Writer};

use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::revocation;

impl Authority {
    /// Puts a licence in the place of the account's present one; the same again changes nothing. Where it gives nothing any
    /// more and comes from a subscription, it replaces only what came from that subscription. Whoever writes calls
    /// [`Authority::catch_up`] after the commit.
    ///
    /// # Errors
    /// Storage; an account that there is not.
    pub async fn bind_licence(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        binding: &Binding,
    ) -> Result<(), StorageError> {
        self.bind_licence_by(w, ctx, (binding, Actor::System))
            .await
            .map(drop)
    }

    /// False when nothing was to be changed.
    pub(super) async fn bind_licence_by(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        (binding, by): (&Binding, Actor),
    ) -> Result<bool, StorageError> {
        if storage::licences::hold_account(w, &binding.account)
            .await?
            .is_none()
        {
            return Err(StorageError::Unavailable("no such account to bind".to_owned()));
        }
        let before = storage::licences::find(w, &binding.account).await?;
        if before.as_ref().is_some_and(|before| before.binding == *binding)
            || is_foreign_end(before.as_ref(), binding)
        {
            return Ok(false);
        }
        let goes_on = before.as_ref().filter(|before| before.gives_at(ctx.now));
        let goes_on = goes_on.filter(|before| before.binding.plan == binding.plan);
        let licence = Licence {
            id: None,
            binding: binding.clone(),
            valid_from: goes_on.map_or(ctx.now, |before| before.valid_from),
        };
        let id = LicenceId::random(ctx.random.as_ref());
        storage::licences::replace(w, id, &licence, ctx.now).await?;
        let happened = Happened {
            actor: by,
            action: "licence.bound",
            target: Some(id.to_string()),
            detail: json!({
                "account": binding.account,
                "plan": binding.plan,
                "seats": binding.seats,
                "status": binding.status.as_str(),
                "valid_until": binding.valid_until.map(|until| until.to_string()),
                "before": before.map(|before| before.binding.plan),
            }),
        };
        record(w, ctx, happened).await?;
        let target = RevocationTarget::facts_of_account(binding.account.clone());
        revocation::append(w, &self.settings, ctx, target).await?;
        Ok(true)
    }
}

fn is_foreign_end(before: Option<&Licence>, binding: &Binding) -> bool {
    let ends = !binding.status.gives() && matches!(binding.source, LicenceSource::Subscription(_));
    ends && before.is_none_or(|before| before.binding.source != binding.source)
}
