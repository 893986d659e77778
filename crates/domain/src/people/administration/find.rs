//! One account, by what it is called.
//! Refuses nobody: what may be shown to whom is decided by [`Authority::read_user`].

use model::UserId;
use model::audit::Actor;
use model::user::User;

use super::{AdministrationError, require_user};
use crate::authority::Authority;
use crate::fault::Fault;

impl Authority {
    /// An account, for an administrator.
    ///
    /// # Errors
    /// See [`AdministrationError`].
    pub async fn read_user(&self, id: UserId, by: &Actor) -> Result<User, AdministrationError> {
        let mut reader = self.database.read().await?;
        require_user(&mut reader, id, by).await
    }

    /// By id, email address or user name.
    ///
    /// # Errors
    /// Storage.
    pub async fn find_user(&self, text: &str) -> Result<Option<User>, Fault> {
        let mut reader = self.database.read().await?;
        if let Ok(id) = text.parse::<UserId>() {
            return Ok(storage::users::find_by_id(&mut reader, id).await?);
        }
        if let Ok(email) = text.parse::<model::email::Email>() {
            return Ok(storage::users::find_by_email(&mut reader, email.as_str()).await?);
        }
        match text.parse::<model::username::Username>() {
            Ok(name) => Ok(storage::users::find_by_username(&mut reader, name.as_str()).await?),
            Err(_) => Ok(None),
        }
    }
}
