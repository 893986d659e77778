//! What signing in asks of a principal, so that people and IAM users go one way.
//! Refuses to know doors: where somebody may go once signed in is decided there.

use std::future::Future;

use model::UserId;
use model::iam::IamUser;
use model::password::PasswordHash;
use model::principal::Principal;
use model::user::User;
use storage::{Reader, StorageError, Writer};

/// A person, or an IAM user.
pub trait Signer: Clone + Into<Principal> + Send + Sync + 'static {
    fn id(&self) -> UserId;

    fn password(&self) -> Option<&PasswordHash>;

    fn is_disabled(&self) -> bool;

    /// The person, who has a mailbox; nobody for an IAM user.
    fn person(&self) -> Option<&User>;

    /// What an authenticator app calls the entry.
    fn label(&self) -> String;

    fn find(
        reader: &mut Reader,
        id: UserId,
    ) -> impl Future<Output = Result<Option<Self>, StorageError>> + Send;

    /// Whether they may still sign in, with this password where one is given. Holds what decides that until commit.
    fn hold(
        &self,
        w: &mut Writer,
        password: Option<&PasswordHash>,
    ) -> impl Future<Output = Result<bool, StorageError>> + Send;
}

impl Signer for User {
    fn id(&self) -> UserId {
        self.id
    }

    fn password(&self) -> Option<&PasswordHash> {
        self.password.as_ref()
    }

    fn is_disabled(&self) -> bool {
        self.disabled_at.is_some()
    }

    fn person(&self) -> Option<&User> {
        Some(self)
    }

    fn label(&self) -> String {
        self.email.to_string()
    }

    async fn find(reader: &mut Reader, id: UserId) -> Result<Option<Self>, StorageError> {
        storage::users::find_by_id(reader, id).await
    }

    async fn hold(&self, w: &mut Writer, password: Option<&PasswordHash>) -> Result<bool, StorageError> {
        match password {
            Some(password) => storage::users::confirm(w, self.id, password).await,
            None => storage::users::confirm_enabled(w, self.id).await,
        }
    }
}

impl Signer for IamUser {
    fn id(&self) -> UserId {
        self.id
    }

    fn password(&self) -> Option<&PasswordHash> {
        self.password.as_ref()
    }

    fn is_disabled(&self) -> bool {
        self.disabled_at.is_some()
    }

    fn person(&self) -> Option<&User> {
        None
    }

    fn label(&self) -> String {
        format!("{}@{}", self.name, self.account_id)
    }

    async fn find(reader: &mut Reader, id: UserId) -> Result<Option<Self>, StorageError> {
        storage::iam_users::find_by_id(reader, id).await
    }

    /// Also what else opens the console: the account's root user is not disabled, and the user has access.
    async fn hold(&self, w: &mut Writer, password: Option<&PasswordHash>) -> Result<bool, StorageError> {
        if !storage::iam_users::hold(w, self.id, true).await? {
            return Ok(false);
        }
        match password {
            Some(password) => storage::users::confirm(w, self.id, password).await,
            None => Ok(true),
        }
    }
}
