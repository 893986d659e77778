//! A new access key for a program of an IAM user.
//! Refuses a third one, also when two ask at once.

use model::access_key::{AccessKey, AccessKeyId, random_secret};
use model::iam::IamUser;
use model::{Ctx, PlainSecret};
use serde_json::json;
use storage::StorageError;

use super::{MOST, purpose};
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::iam::{IamError, Permit};

/// The key and its secret, which nobody can ever read again.
pub struct NewAccessKey {
    pub key: AccessKey,
    pub secret: PlainSecret,
}

#[derive(Debug, thiserror::Error)]
pub enum CreateAccessKeyError {
    #[error("the user has two access keys")]
    TooMany,
    /// Nobody makes a key for somebody with more rights than they have (P07).
    #[error(transparent)]
    Beyond(IamError),
    /// Disabled, deleted, or the account is.
    #[error("the user can't have new keys")]
    NotNow,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for CreateAccessKeyError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<IamError> for CreateAccessKeyError {
    fn from(error: IamError) -> Self {
        match error {
            IamError::Fault(fault) => Self::Fault(fault),
            other => Self::Beyond(other),
        }
    }
}

impl Authority {
    /// # Errors
    /// See [`CreateAccessKeyError`].
    pub async fn create_access_key(
        &self,
        ctx: &Ctx,
        permit: &Permit,
        user: &IamUser,
    ) -> Result<NewAccessKey, CreateAccessKeyError> {
        let (id, secret) = (
            AccessKeyId::random(ctx.random.as_ref()),
            random_secret(ctx.random.as_ref()),
        );
        let key = AccessKey {
            id,
            user_id: user.id,
            secret_sealed: self
                .sealer
                .seal(&purpose(id), secret.expose().as_bytes(), ctx.random.as_ref())?,
            created_at: ctx.now,
            last_used_at: None,
        };
        let happened = Happened {
            actor: permit.actor(),
            action: "access_key.created",
            target: Some(id.to_string()),
            detail: json!({ "account_id": user.account_id, "username": user.name }),
        };
        let (at, made, permit) = (ctx.clone(), key.clone(), permit.clone());
        self.database
            .write::<_, CreateAccessKeyError, _>(move |w| {
                Box::pin(async move {
                    // Locks the user's row until the commit: of two at once, the later one sees the earlier's key.
                    if !storage::iam_users::hold(w, made.user_id, false).await? {
                        return Err(CreateAccessKeyError::NotNow);
                    }
                    permit.check_over(w, made.user_id).await?;
                    if !storage::access_keys::insert(w, &made, MOST).await? {
                        return Err(CreateAccessKeyError::TooMany);
                    }
                    Ok(record(w, &at, happened).await?)
                })
            })
            .await?;
        Ok(NewAccessKey { key, secret })
    }
}
