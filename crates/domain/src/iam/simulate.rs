//! What would be decided: the same evaluator, asked about somebody without doing anything.
//! Refuses to know more of a request than it is told, but for who they are.

use model::{Ctx, UserId};
use policy::{Context, Source};
use storage::iam_attachments::Holder;

use super::arn;
use super::context::of_subject;
use super::decide::{Verdict, of_sources, verdict};
use super::find::{group_named, user_named};
use super::subject::{Held, held_by};
use super::{IamError, Named, Permit};
use crate::authority::Authority;

/// A request that is only thought of.
#[derive(Clone, Debug)]
pub struct Simulation {
    /// An ARN of the account's (`…:user/ada`, `…:group/developers`, `…:root`), or the name of a user.
    pub principal: String,
    pub action: String,
    pub resource: String,
    pub context: Context,
}

/// What would be decided, and about whom.
#[derive(Clone, Debug)]
pub struct Simulated {
    pub principal: String,
    pub verdict: Verdict,
}

impl Authority {
    /// # Errors
    /// [`IamError::Unknown`] for a principal that the account does not have, and storage.
    pub async fn simulate(
        &self,
        ctx: &Ctx,
        permit: &Permit,
        wish: &Simulation,
    ) -> Result<Simulated, IamError> {
        let account = permit.account();
        let named = match wish.principal.starts_with("arn:") {
            true => arn::within(&wish.principal, account),
            false => Some(format!("arn:authz:iam::{account}:user/{}", wish.principal)),
        };
        let named = named.ok_or(IamError::Unknown(Named::User))?;
        let prefix = format!("arn:authz:iam::{account}:");
        let team = format!("arn:authz:team::{account}:member/");
        let asked = (wish.action.as_str(), wish.resource.as_str());
        let mut reader = self.database.read().await?;
        let user = match named.strip_prefix(&prefix) {
            Some("root") => storage::accounts::find_root(&mut reader, account).await?,
            Some(rest) => match rest.split_once('/') {
                Some(("user", name)) => Some(user_named(&mut reader, account, name).await?.id),
                Some(("group", name)) => {
                    let group = group_named(&mut reader, account, name).await?;
                    let holder = Holder::Group(group.id);
                    let held = held_by(&mut reader, &self.settings.iam.managed, holder).await?;
                    let sources: Vec<Source<'_>> = held.iter().map(Held::source).collect();
                    let verdict = of_sources(&sources, asked, &timed(&wish.context, ctx));
                    return Ok(Simulated {
                        principal: named,
                        verdict,
                    });
                }
                _ => None,
            },
            None => named.strip_prefix(&team).and_then(|id| id.parse().ok()),
        };
        drop(reader);
        self.simulate_for(ctx, permit, (user, wish)).await
    }

    async fn simulate_for(
        &self,
        ctx: &Ctx,
        permit: &Permit,
        (user, wish): (Option<UserId>, &Simulation),
    ) -> Result<Simulated, IamError> {
        let unknown = || IamError::Unknown(Named::User);
        let subject = self.subject(permit.account(), user.ok_or_else(unknown)?).await?;
        let subject = subject.ok_or_else(unknown)?;
        let mut context = timed(&wish.context, ctx);
        for (key, values) in of_subject(&subject, permit.account()).iter() {
            context.set(key, values.iter().map(String::as_str));
        }
        Ok(Simulated {
            principal: subject.arn.clone(),
            verdict: verdict(&subject, (&wish.action, &wish.resource), &context),
        })
    }
}

/// It happens now unless the question says otherwise.
fn timed(told: &Context, ctx: &Ctx) -> Context {
    let mut context = told.clone();
    if !told.iter().any(|(key, _)| key == "request:time") {
        context.add("request:time", ctx.now.to_string());
    }
    context
}
