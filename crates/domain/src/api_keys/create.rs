//! A new key for a program of the user.
//! Refuses permissions the user does not have, naming the first one, a name that is in use, and more keys than are allowed.

use model::api_key::{
    AddressError, Addresses, ApiKey, ApiKeyId, KeyKind, KeyLife, KeyLifeError, KeyName, KeyNameError,
    Repositories, RepositoryError,
};
use model::audit::Actor;
use model::billing::plan::API_KEYS;
use model::user::{Role, User};
use model::{Ctx, PlainSecret, Timestamp, UserId};
use oauth::permission::{PermissionError, PermissionSet};
use serde_json::json;
use storage::{StorageError, Writer};

use super::audit::note;
use super::held::{Lack, lack};
use super::mint::KeyOrder;
use crate::authority::Authority;
use crate::fault::Fault;
use crate::jobs::Job;
use crate::licences::Exceeded;
use crate::mail::{Event, Letter, Message};

/// What is asked for.
#[derive(Clone)]
pub struct NewApiKey {
    pub kind: KeyKind,
    pub name: KeyName,
    pub permissions: PermissionSet,
    pub life: KeyLife,
    pub repositories: Repositories,
    pub addresses: Addresses,
    /// Requests a minute; none: as the settings say.
    pub rate_limit: Option<u32>,
}

impl NewApiKey {
    /// A key that never ends, for no repository, from everywhere.
    pub fn new(kind: KeyKind, name: KeyName, permissions: PermissionSet) -> Self {
        Self {
            kind,
            name,
            permissions,
            life: KeyLife::Never,
            repositories: Repositories::default(),
            addresses: Addresses::default(),
            rate_limit: None,
        }
    }
}

/// A permission that the user can't hand to a key.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{lack}: {entry}")]
pub struct ScopeRefusal {
    pub entry: String,
    pub lack: Lack,
}

/// Why there is no new key. The first five are about what was typed, and doors that read it say them with these, too.
#[derive(Debug, thiserror::Error)]
pub enum CreateKeyError {
    #[error(transparent)]
    Name(#[from] KeyNameError),
    #[error(transparent)]
    Permissions(#[from] PermissionError),
    #[error(transparent)]
    Life(#[from] KeyLifeError),
    #[error(transparent)]
    Address(#[from] AddressError),
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// The operator allows shorter lives only.
    #[error("keys may not live so long here")]
    TooLong,
    #[error(transparent)]
    Scope(#[from] ScopeRefusal),
    #[error("only administrators make keys of this kind")]
    AdministratorsOnly,
    #[error("the user has as many keys as are allowed")]
    TooMany,
    /// As many as the plan of their account allows.
    #[error(transparent)]
    Exceeded(#[from] Exceeded),
    /// A live key of the same kind.
    #[error("another key of yours has this name")]
    NameTaken,
    /// The account is about to be deleted, or may not be used.
    #[error("the account can't have new keys")]
    NotNow,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for CreateKeyError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

impl Authority {
    /// The key and its text, which nobody can ever read again. A letter tells the owner.
    ///
    /// # Errors
    /// See [`CreateKeyError`].
    pub async fn create_api_key(
        &self,
        ctx: &Ctx,
        creator: &User,
        new: NewApiKey,
    ) -> Result<(ApiKey, PlainSecret), CreateKeyError> {
        self.may_make((creator, creator.role), &new)?;
        let (key, text) = self.make_key(ctx, creator, &new)?;
        let letter = letter(ctx, creator, &key);
        let (authority, at, made) = (self.clone(), ctx.clone(), key.clone());
        self.database
            .write::<_, CreateKeyError, _>(move |w| {
                Box::pin(async move {
                    authority.may_insert(w, &at, &new, &made).await?;
                    storage::api_keys::insert(w, &made).await?;
                    let more = json!({"scopes": made.permissions.to_list(), "expires_at": made.expiry().map(|at| at.to_string())});
                    note(w, &at, (Actor::User(made.user_id), "api_key.created"), (&made, more)).await?;
                    Ok(authority.enqueue(w, &at, &Job::Send(letter)).await?)
                })
            })
            .await?;
        self.ring();
        Ok((key, text))
    }

    /// Judges what needs nothing but the creator and the wish.
    pub(super) fn may_make(
        &self,
        (creator, role): (&User, Role),
        new: &NewApiKey,
    ) -> Result<(), CreateKeyError> {
        let settings = &self.settings.api_keys;
        if new.kind.is_for_administrators() && role != Role::Admin {
            return Err(CreateKeyError::AdministratorsOnly);
        }
        let too_long = match new.life {
            KeyLife::Never => !settings.endless,
            KeyLife::For(life) => settings.longest_life.is_some_and(|longest| life > longest),
        };
        if too_long {
            return Err(CreateKeyError::TooLong);
        }
        for permission in new.permissions.iter() {
            if let Some(lack) = lack(settings, (creator.id, role), permission) {
                let entry = permission.to_string();
                return Err(ScopeRefusal { entry, lack }.into());
            }
        }
        Ok(())
    }

    pub(super) fn make_key(
        &self,
        ctx: &Ctx,
        owner: &User,
        new: &NewApiKey,
    ) -> Result<(ApiKey, PlainSecret), Fault> {
        // Whole seconds, so that every door tells the same instants.
        let created_at = Timestamp::from_seconds(ctx.now.as_seconds());
        let expires_at = new.life.end(created_at);
        let id = ApiKeyId::random(ctx.random.as_ref());
        let order = KeyOrder {
            id,
            kind: new.kind,
            user_id: owner.id,
            permissions: &new.permissions,
            created_at,
            expiry: (expires_at < Timestamp::FAR_FUTURE).then_some(expires_at),
        };
        let minted = self.mint_key(ctx, &order)?;
        let key = ApiKey {
            id,
            kind: new.kind,
            user_id: owner.id,
            secret: minted.text.digest(),
            prefix: oauth::api_key::shown(minted.text.expose()).to_owned(),
            name: new.name.clone(),
            permissions: new.permissions.clone(),
            repositories: new.repositories.clone(),
            addresses: new.addresses.clone(),
            rate_limit: new.rate_limit.or(self.settings.api_keys.rate_limit),
            signing_kid: minted.signing_kid,
            created_at,
            expires_at,
            last_used_at: None,
            replaced_by: None,
            revoked_at: None,
        };
        Ok((key, minted.text))
    }

    /// Judges again, where nothing can change any more, what may have changed since the creator was read.
    async fn may_insert(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        new: &NewApiKey,
        key: &ApiKey,
    ) -> Result<(), CreateKeyError> {
        if !storage::users::confirm_enabled(w, key.user_id).await? {
            return Err(CreateKeyError::NotNow);
        }
        let user = storage::users::find_by_id(w, key.user_id).await?;
        let user = user.ok_or(CreateKeyError::NotNow)?;
        self.may_make((&user, user.role), new)?;
        if storage::account_deletions::find(w, key.user_id).await?.is_some() {
            return Err(CreateKeyError::NotNow);
        }
        self.has_room_for_key(w, ctx, key.user_id).await?;
        // The user's row is locked since it was found enabled: of two at once, the later one sees the earlier's key.
        let wanted = (key.kind, &key.name);
        if storage::api_keys::is_name_taken(w, key.user_id, wanted, ctx.now).await? {
            return Err(CreateKeyError::NameTaken);
        }
        Ok(())
    }
}

impl Authority {
    /// What the plan of the user's own account says of keys, else what the deployment does.
    async fn has_room_for_key(&self, w: &mut Writer, ctx: &Ctx, user: UserId) -> Result<(), CreateKeyError> {
        let live = storage::api_keys::count_live(w, user, ctx.now).await?;
        let live = u64::try_from(live).unwrap_or_default();
        if let Some(account) = storage::accounts::find_of_root(w, user).await?
            && let Some(room) = self.room_for(w, ctx, (&account, API_KEYS, live)).await?
        {
            return Ok(room?);
        }
        let most = u64::try_from(self.settings.api_keys.most_per_user).unwrap_or(u64::MAX);
        (live < most).then_some(()).ok_or(CreateKeyError::TooMany)
    }
}

/// S11, L19: told out of band.
pub(super) fn letter(ctx: &Ctx, owner: &User, key: &ApiKey) -> Letter {
    let message = Message::ApiKeyCreated {
        name: key.name.to_string(),
        prefix: key.prefix.clone(),
        event: Event::of(ctx),
    };
    Letter::to_user(ctx, owner, message)
}
