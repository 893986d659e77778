//! The picture of a user: uploaded, made anew, shown under an address that nobody can guess.
//! Refuses to keep or show anything as it was sent.

mod picture;
mod workshop;

use model::audit::Actor;
use model::avatar::Avatar;
use model::{AvatarId, Ctx, UserId};
use serde_json::json;
use storage::{StorageError, Writer};

use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
pub use picture::LONGEST_UPLOAD;
pub(crate) use workshop::Workshop;

/// Where pictures are shown, below the issuer.
pub const AVATARS: &str = "/avatars/";

/// Why the picture stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum AvatarError {
    #[error("a picture has at most 5 MiB")]
    TooLarge,
    #[error("a picture is a PNG, JPEG, WebP or GIF file")]
    UnknownFormat,
    #[error("a picture has at most 4096 by 4096 pixels")]
    TooManyPixels,
    #[error("the file is damaged")]
    Damaged,
    #[error("there is no such account")]
    NoAccount,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for AvatarError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

impl Authority {
    /// The user's new picture, from the bytes of a file; returns its address.
    ///
    /// Whatever picture applications were told of before, they are told of this one from now on.
    ///
    /// # Errors
    /// See [`AvatarError`].
    pub async fn set_avatar(&self, ctx: &Ctx, user: UserId, upload: Vec<u8>) -> Result<String, AvatarError> {
        let picture = self.workshop().make(upload).await?;
        let avatar = Avatar {
            id: AvatarId::random(ctx.random.as_ref()),
            user_id: user,
            format: picture.format,
            bytes: picture.bytes,
            created_at: ctx.now,
        };
        let address = self.avatar_address(avatar.id);
        let (at, shown) = (ctx.clone(), address.clone());
        let work = self.database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move {
                if !storage::users::confirm_enabled(w, user).await? {
                    return Ok(false);
                }
                storage::avatars::put(w, &avatar).await?;
                show(w, &at, (user, Some(shown))).await?;
                note(w, &at, (user, "user.picture_changed")).await?;
                Ok(true)
            })
        });
        if work.await? {
            Ok(address)
        } else {
            Err(AvatarError::NoAccount)
        }
    }

    /// Removes the user's picture, if it was uploaded here; false when there was none.
    ///
    /// # Errors
    /// Storage.
    pub async fn remove_avatar(&self, ctx: &Ctx, user: UserId) -> Result<bool, Fault> {
        let (at, own) = (ctx.clone(), format!("{}{AVATARS}", self.settings.issuer));
        let removed = self.database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move {
                if !storage::avatars::delete_of_user(w, user).await? {
                    return Ok(false);
                }
                let found = storage::users::find_by_id(w, user).await?;
                let shown = found.and_then(|user| user.profile.picture);
                if shown.is_some_and(|shown| shown.starts_with(&own)) {
                    show(w, &at, (user, None)).await?;
                }
                note(w, &at, (user, "user.picture_removed")).await?;
                Ok(true)
            })
        });
        Ok(removed.await?)
    }

    /// The picture under this id; those that were replaced or removed are gone.
    ///
    /// # Errors
    /// Storage.
    pub async fn find_avatar(&self, id: &str) -> Result<Option<Avatar>, Fault> {
        let Ok(id) = id.parse::<AvatarId>() else {
            return Ok(None);
        };
        let mut reader = self.database.read().await?;
        Ok(storage::avatars::find(&mut reader, id).await?)
    }

    fn avatar_address(&self, id: AvatarId) -> String {
        format!("{}{AVATARS}{id}", self.settings.issuer)
    }
}

/// What the `picture` claim says.
async fn show(
    w: &mut Writer,
    ctx: &Ctx,
    (user, picture): (UserId, Option<String>),
) -> Result<(), StorageError> {
    if let Some(found) = storage::users::find_by_id(w, user).await? {
        let profile = model::user::Profile {
            picture,
            ..found.profile
        };
        storage::users::update_profile(w, user, &profile, ctx.now).await?;
    }
    Ok(())
}

async fn note(w: &mut Writer, ctx: &Ctx, (user, action): (UserId, &'static str)) -> Result<(), StorageError> {
    let happened = Happened {
        actor: Actor::User(user),
        action,
        target: Some(user.to_string()),
        detail: json!({}),
    };
    record(w, ctx, happened).await
}
