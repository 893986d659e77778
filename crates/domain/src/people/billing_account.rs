//! The account that a person is the root of: a number of twelve digits, made with them.
//! Refuses to give a number twice, also after its owner is gone.

use model::iam::AccountId;
use model::team::{Membership, MembershipId, TeamRole};
use model::{Ctx, UserId};
use storage::{StorageError, Writer};

use crate::authority::Authority;
use crate::fault::Fault;

const NUMBERS: u64 = 1_000_000_000_000;
/// Each miss means that the number drawn is taken: with a billion accounts, one in a thousand.
const MOST_DRAWS: usize = 32;

impl Authority {
    /// The number of the user's account, if they have one by now.
    ///
    /// # Errors
    /// Storage.
    pub async fn find_account_number(&self, user: UserId) -> Result<Option<String>, Fault> {
        let mut reader = self.database.read().await?;
        Ok(storage::accounts::find_of_root(&mut reader, user)
            .await?
            .map(|number| number.to_string()))
    }

    /// The number of the user's account.
    ///
    /// # Errors
    /// Storage.
    pub async fn account_number(&self, ctx: &Ctx, user: UserId) -> Result<AccountId, Fault> {
        let mut reader = self.database.read().await?;
        let found = storage::accounts::find_of_root(&mut reader, user).await?;
        drop(reader);
        if let Some(number) = found {
            return Ok(number);
        }
        // Somebody from before there were accounts.
        let at = ctx.clone();
        Ok(self
            .database
            .write::<_, StorageError, _>(move |w| Box::pin(async move { open_account(w, &at, user).await }))
            .await?)
    }
}

/// Gives the user an account, unless they have one.
pub(crate) async fn open_account(w: &mut Writer, ctx: &Ctx, user: UserId) -> Result<AccountId, StorageError> {
    for _ in 0..MOST_DRAWS {
        let number = draw(ctx)?;
        if storage::accounts::insert(w, &number, user, ctx.now).await? {
            storage::memberships::insert(w, &first_owner(ctx, &number, user)).await?;
            return Ok(number);
        }
        if let Some(number) = storage::accounts::find_of_root(w, user).await? {
            return Ok(number);
        }
    }
    Err(StorageError::Unavailable(
        "no free account number was drawn".to_owned(),
    ))
}

fn first_owner(ctx: &Ctx, account: &AccountId, user: UserId) -> Membership {
    Membership {
        id: MembershipId::random(ctx.random.as_ref()),
        account_id: account.clone(),
        user_id: user,
        role: TeamRole::Owner,
        invited_by: None,
        created_at: ctx.now,
    }
}

fn draw(ctx: &Ctx) -> Result<AccountId, StorageError> {
    let mut bytes = [0; 16];
    ctx.random.fill(&mut bytes);
    // 2^128 is no multiple of the number of numbers: the difference is below one in 10^26.
    let number = u128::from_be_bytes(bytes) % u128::from(NUMBERS);
    let number = format!("{number:012}").parse();
    number.map_err(|_| StorageError::Unavailable("an account number has twelve digits".to_owned()))
}
