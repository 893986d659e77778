//! The rules that an account has for its users' passwords, and whether a new password keeps them.
//! Refuses to be the rule for the root user, who has the server's own.

use model::Ctx;
use model::iam::{AccountId, IamUser};
use model::password::{Password, PasswordHash};
use model::password_rules::{BrokenRule, PasswordRules};
use model::{PlainSecret, UserId};
use serde_json::json;
use storage::StorageError;

use super::iam_password::IamPasswordError;
use super::password::PasswordProblem;
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::iam::Permit;

impl Authority {
    /// The account's own rules, or what holds where there are none.
    ///
    /// # Errors
    /// Storage.
    pub async fn password_rules(&self, account: &AccountId) -> Result<PasswordRules, Fault> {
        let mut reader = self.database.read().await?;
        let own = storage::password_policies::find(&mut reader, account).await?;
        Ok(own.unwrap_or_default())
    }

    /// In place of those before; they count for whatever is set from now on.
    ///
    /// # Errors
    /// Storage.
    pub async fn set_password_rules(
        &self,
        ctx: &Ctx,
        permit: &Permit,
        rules: PasswordRules,
    ) -> Result<(), Fault> {
        let (at, account, actor) = (ctx.clone(), permit.account().clone(), permit.actor());
        let work = self.database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move {
                storage::password_policies::put(w, &account, &rules, at.now).await?;
                let happened = Happened {
                    actor,
                    action: "iam.password_rules_changed",
                    target: Some(account.to_string()),
                    detail: json!({ "rules": rules }),
                };
                record(w, &at, happened).await
            })
        });
        Ok(work.await?)
    }

    /// The hash of a password that keeps the rules of the account. For somebody new there is nothing to differ from.
    pub(crate) async fn judged_iam_password(
        &self,
        ctx: &Ctx,
        user: &IamUser,
        (rules, new): (&PasswordRules, &PlainSecret),
    ) -> Result<PasswordHash, IamPasswordError> {
        let refused = |broken| IamPasswordError::Broken {
            broken,
            rules: *rules,
        };
        let Ok(password) = Password::new(new.expose()) else {
            return Err(refused(vec![BrokenRule::TooLong]));
        };
        let mut broken = rules.broken_by(&password);
        let context = self.known_words().with(user.name.as_str());
        let context = context.with(user.account_id.as_str());
        if let Err(problem) = self.hasher.judge(password.clone(), context).await? {
            let rule = as_rule(&problem);
            if !broken.contains(&rule) {
                broken.push(rule);
            }
        }
        // Costs hashes: only for what is good otherwise.
        if broken.is_empty() && self.was_used(user, &password, rules.prevent_reuse).await? {
            broken.push(BrokenRule::PreventReuse);
        }
        if !broken.is_empty() {
            return Err(refused(broken));
        }
        Ok(self.hasher.hash(password, ctx.random.as_ref()).await?)
    }

    /// Whether it is one of the last so many, the present one among them. On the hashing threads, one after the other.
    async fn was_used(&self, user: &IamUser, password: &Password, back: u32) -> Result<bool, Fault> {
        if back == 0 {
            return Ok(false);
        }
        let before = self.former_passwords(user.id, back).await?;
        for stored in user.password.iter().chain(&before) {
            if self.hasher.verify(password.clone(), stored).await?.matches {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn former_passwords(&self, user: UserId, back: u32) -> Result<Vec<PasswordHash>, Fault> {
        let mut reader = self.database.read().await?;
        let most = i64::from(back.saturating_sub(1));
        Ok(storage::password_history::list(&mut reader, user, most).await?)
    }
}

fn as_rule(problem: &PasswordProblem) -> BrokenRule {
    match problem {
        PasswordProblem::TooShort { .. } => BrokenRule::MinLength,
        PasswordProblem::TooLong => BrokenRule::TooLong,
        PasswordProblem::Guessable { .. } => BrokenRule::Guessable,
    }
}
