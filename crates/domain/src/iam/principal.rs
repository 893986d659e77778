//! From what services call somebody to who that is, and in which account they act.
//! Refuses those who are disabled.

use model::UserId;
use model::iam::AccountId;

use super::IamError;
use super::find::user_named;
use crate::authority::Authority;
use crate::fault::Fault;

impl Authority {
    /// The account that somebody acts in unless they choose another: an IAM user's, or a person's own.
    pub(super) async fn account_of(&self, user: UserId) -> Result<Option<AccountId>, Fault> {
        if let Some(known) = self.known_subjects().account_of(user) {
            return Ok(Some(known));
        }
        let mut reader = self.database.read().await?;
        let account = match storage::iam_users::find_by_id(&mut reader, user).await? {
            Some(iam) => Some(iam.account_id),
            None => storage::accounts::find_of_root(&mut reader, user).await?,
        };
        if let Some(account) = &account {
            self.known_subjects().note_account(user, account.clone());
        }
        Ok(account)
    }

    /// An id (`usr_…`) or an ARN: `…:root`, `…:user/<name>`, `arn:authz:team::<account>:member/<id>`.
    pub(super) async fn principal_named(&self, name: &str) -> Result<Option<(UserId, AccountId)>, Fault> {
        let found = match name.strip_prefix("arn:authz:") {
            None => match name.parse::<UserId>() {
                Ok(user) => self.account_of(user).await?.map(|account| (user, account)),
                Err(_) => None,
            },
            Some(rest) => self.principal_of_arn(rest).await?,
        };
        let Some((user, account)) = found else {
            return Ok(None);
        };
        Ok(self.is_enabled(user).await?.then_some((user, account)))
    }

    async fn principal_of_arn(&self, rest: &str) -> Result<Option<(UserId, AccountId)>, Fault> {
        let parts: Vec<&str> = rest.splitn(4, ':').collect();
        let [service, "", account, resource] = parts.as_slice() else {
            return Ok(None);
        };
        let Ok(account) = account.parse::<AccountId>() else {
            return Ok(None);
        };
        let mut reader = self.database.read().await?;
        let user = match (*service, resource.split_once('/')) {
            ("iam", None) if *resource == "root" => {
                storage::accounts::find_root(&mut reader, &account).await?
            }
            ("iam", Some(("user", name))) => match user_named(&mut reader, &account, name).await {
                Ok(user) => Some(user.id),
                Err(IamError::Fault(fault)) => return Err(fault),
                Err(_) => None,
            },
            ("team", Some(("member", id))) => id.parse().ok(),
            _ => None,
        };
        Ok(user.map(|user| (user, account)))
    }

    async fn is_enabled(&self, user: UserId) -> Result<bool, Fault> {
        let mut reader = self.database.read().await?;
        if let Some(iam) = storage::iam_users::find_by_id(&mut reader, user).await? {
            return Ok(iam.disabled_at.is_none());
        }
        let person = storage::users::find_by_id(&mut reader, user).await?;
        Ok(person.is_some_and(|person| person.disabled_at.is_none()))
    }
}
