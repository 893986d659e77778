//! Accounts as administrators see them: whose they are, who works in them, and what IAM users there are.
//! Refuses to change what an account decides for itself; only an IAM user is shut and let in again.

use model::Ctx;
use model::UserId;
use model::audit::Actor;
use model::iam::{AccountId, IamUser};
use model::iam_policy::{CustomPolicy, Group};
use model::team::{Account, Member, Seat};
use serde_json::json;
use storage::Reader;
use storage::audit_chains::Chain;
use storage::iam_attachments::{Attached, Holder};

use super::state::disable_within;
use super::{AdministrationError, UserQuery, require_administrator};
use crate::audit::{AuditFilter, AuditPage, Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;

/// Entries of each kind that one account is shown with.
pub const MOST_SHOWN: i64 = 200;
const MOST_USERS: u16 = 20;

/// An IAM user or group with the policies it has itself.
pub struct WithPolicies<T> {
    pub holder: T,
    pub policies: Vec<Attached>,
}

/// One account and what is in it, the first [`MOST_SHOWN`] of each kind.
pub struct AccountFile {
    pub account: Account,
    pub members: Vec<Member>,
    pub users: Vec<WithPolicies<IamUser>>,
    /// With the names of their users.
    pub groups: Vec<(WithPolicies<Group>, Vec<String>)>,
    pub policies: Vec<CustomPolicy>,
}

impl Authority {
    /// The account of a number, or those whose root users the text finds.
    ///
    /// # Errors
    /// See [`AdministrationError`].
    pub async fn find_accounts(&self, q: &str, by: &Actor) -> Result<Vec<Account>, AdministrationError> {
        let q = q.trim();
        let mut reader = self.database.read().await?;
        require_administrator(&mut reader, by).await?;
        if let Ok(number) = q.parse::<AccountId>() {
            let found = storage::accounts::find(&mut reader, &number).await?;
            return Ok(found.into_iter().collect());
        }
        drop(reader);
        let query = UserQuery {
            q: q.to_owned(),
            page: 1,
            limit: MOST_USERS,
        };
        let roots = self.list_users(&query, by).await?.users;
        let (mut found, mut reader) = (Vec::new(), self.database.read().await?);
        for root in roots {
            if let Some(number) = storage::accounts::find_of_root(&mut reader, root.id).await? {
                found.extend(storage::accounts::find(&mut reader, &number).await?);
            }
        }
        Ok(found)
    }

    /// The accounts somebody works in besides their own.
    ///
    /// # Errors
    /// See [`AdministrationError`].
    pub async fn seats_of(&self, user: UserId, by: &Actor) -> Result<Vec<Seat>, AdministrationError> {
        let mut reader = self.database.read().await?;
        require_administrator(&mut reader, by).await?;
        Ok(
            storage::memberships::list_seats(&mut reader, user, (MOST_SHOWN, 0))
                .await?
                .0,
        )
    }

    /// # Errors
    /// See [`AdministrationError`].
    pub async fn read_account(
        &self,
        number: &AccountId,
        by: &Actor,
    ) -> Result<Option<AccountFile>, AdministrationError> {
        let mut reader = self.database.read().await?;
        require_administrator(&mut reader, by).await?;
        let Some(account) = storage::accounts::find(&mut reader, number).await? else {
            return Ok(None);
        };
        let page = (MOST_SHOWN, 0);
        Ok(Some(AccountFile {
            account,
            members: storage::memberships::list(&mut reader, number, page).await?.0,
            users: users(&mut reader, number).await?,
            groups: groups(&mut reader, number).await?,
            policies: storage::iam_policies::list(&mut reader, number, page).await?,
        }))
    }

    /// The requests of an account that are looked for, newest first, and the state of their chain; `None` before the first.
    ///
    /// # Errors
    /// See [`AdministrationError`].
    pub async fn read_account_log(
        &self,
        number: &AccountId,
        filter: &AuditFilter,
        by: &Actor,
    ) -> Result<Option<(Chain, AuditPage)>, AdministrationError> {
        let mut reader = self.database.read().await?;
        require_administrator(&mut reader, by).await?;
        let chain = storage::audit_chains::find(&mut reader, number.as_str()).await?;
        drop(reader);
        let page = self.audit_log_of(number.as_str(), filter).await?;
        Ok(chain.map(|chain| (chain, page)))
    }

    /// An IAM user of an account.
    ///
    /// # Errors
    /// See [`AdministrationError`].
    pub async fn read_iam_user_of(&self, id: UserId, by: &Actor) -> Result<IamUser, AdministrationError> {
        let mut reader = self.database.read().await?;
        require_administrator(&mut reader, by).await?;
        let found = storage::iam_users::find_by_id(&mut reader, id).await?;
        found.ok_or(AdministrationError::UnknownUser)
    }

    /// Ends everything the IAM user has and lets them in no more, or lets them in again; false when it was so already.
    ///
    /// # Errors
    /// See [`AdministrationError`].
    pub async fn switch_iam_user(
        &self,
        ctx: &Ctx,
        (id, on): (UserId, bool),
        by: Actor,
    ) -> Result<bool, AdministrationError> {
        let (authority, ctx) = (self.clone(), ctx.clone());
        let work = self.database.write::<_, AdministrationError, _>(move |w| {
            Box::pin(async move {
                require_administrator(w, &by).await?;
                let found = storage::iam_users::find_by_id(w, id).await?;
                found.ok_or(AdministrationError::UnknownUser)?;
                if !on {
                    return Ok(disable_within(w, &authority.settings, &ctx, (id, by)).await?);
                }
                let enabled = storage::users::enable(w, id, ctx.now).await?;
                if enabled {
                    let happened = Happened {
                        actor: by,
                        action: "user.enabled",
                        target: Some(id.to_string()),
                        detail: json!({}),
                    };
                    record(w, &ctx, happened).await?;
                }
                Ok(enabled)
            })
        });
        let changed = work.await?;
        self.catch_up().await?;
        Ok(changed)
    }
}

async fn users(reader: &mut Reader, number: &AccountId) -> Result<Vec<WithPolicies<IamUser>>, Fault> {
    let mut found = Vec::new();
    for user in storage::iam_users::list(reader, number, (0, MOST_SHOWN)).await? {
        let policies = storage::iam_attachments::list(reader, Holder::User(user.id)).await?;
        found.push(WithPolicies {
            holder: user,
            policies,
        });
    }
    Ok(found)
}

async fn groups(
    reader: &mut Reader,
    number: &AccountId,
) -> Result<Vec<(WithPolicies<Group>, Vec<String>)>, Fault> {
    let mut found = Vec::new();
    for group in storage::iam_groups::list(reader, number, (MOST_SHOWN, 0)).await? {
        let names = storage::iam_groups::member_names(reader, group.id).await?;
        let policies = storage::iam_attachments::list(reader, Holder::Group(group.id)).await?;
        let group = WithPolicies {
            holder: group,
            policies,
        };
        found.push((group, names));
    }
    Ok(found)
}
