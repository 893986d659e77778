//! Whether an IAM user may have a password, by the account's rules and by those for everybody.
//! Refuses passwords of before, as far back as the account wants.

use model::iam::{AccountId, IamName, IamUser};
use model::password::{Password, PasswordHash};
use model::password_rules::BrokenRule;
use model::{Ctx, PlainSecret};

use super::IamError;
use crate::authority::Authority;
use crate::people::password::PasswordProblem;

impl Authority {
    /// Its hash, if it is good enough. `user`: none for somebody who is only being made. Slow; never within a write.
    pub(super) async fn iam_hash(
        &self,
        ctx: &Ctx,
        (account, name, user): (&AccountId, &IamName, Option<&IamUser>),
        new: &PlainSecret,
    ) -> Result<PasswordHash, IamError> {
        let Ok(password) = Password::new(new.expose()) else {
            return Err(IamError::Password(PasswordProblem::TooLong.to_string()));
        };
        let mut reader = self.database.read().await?;
        let rules = storage::password_policies::find(&mut reader, account)
            .await?
            .unwrap_or_default();
        let back = i64::from(rules.prevent_reuse.saturating_sub(1));
        let before = match user {
            Some(user) if back > 0 => storage::password_history::list(&mut reader, user.id, back).await?,
            _ => Vec::new(),
        };
        drop(reader);
        let mut broken = rules.broken_by(&password);
        if rules.prevent_reuse > 0 {
            let present = user.and_then(|user| user.password.clone());
            for old in present.into_iter().chain(before) {
                if self.hasher.verify(password.clone(), &old).await?.matches {
                    broken.push(BrokenRule::PreventReuse);
                    break;
                }
            }
        }
        if !broken.is_empty() {
            let rules: Vec<&str> = broken.into_iter().map(BrokenRule::as_str).collect();
            return Err(IamError::Password(format!(
                "breaks rules of the account: {}",
                rules.join(", ")
            )));
        }
        let context = self.known_words().with(name.as_str());
        let judged = self.hasher.judge(password.clone(), context).await?;
        judged.map_err(|problem| IamError::Password(problem.to_string()))?;
        Ok(self.hasher.hash(password, ctx.random.as_ref()).await?)
    }
}
