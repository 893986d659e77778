//! Tokens for the address of a download, where a browser can send no header.
//! Refuses a second use, another path, and to be good for anything but reading.

use std::time::Duration;

use model::session::Session;
use model::user::User;
use model::{Ctx, PlainSecret, SecretDigest, SessionId, Timestamp, UserId};
use oauth::opaque::{self, OpaqueKind};
use storage::StorageError;
use storage::download_tokens::DownloadToken;

use crate::authority::Authority;
use crate::fault::Fault;

const TTL: Duration = Duration::from_secs(60);
const LONGEST_PATH: usize = 1024;

/// Why nothing can be downloaded.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    #[error("this is not a path of this server")]
    Malformed,
    #[error("the token was used, has expired or is for something else")]
    Invalid,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for DownloadError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

/// A token, shown once.
pub struct DownloadTicket {
    pub secret: PlainSecret,
    pub expires_at: Timestamp,
}

impl Authority {
    /// For one download within a minute; of `path` only, when it is given.
    ///
    /// # Errors
    /// See [`DownloadError`].
    pub async fn create_download_token(
        &self,
        ctx: &Ctx,
        (user_id, session_id): (UserId, SessionId),
        path: Option<String>,
    ) -> Result<DownloadTicket, DownloadError> {
        let is_path = |path: &String| path.starts_with('/') && path.len() <= LONGEST_PATH && path.is_ascii();
        if !path.as_ref().is_none_or(is_path) {
            return Err(DownloadError::Malformed);
        }
        let secret = PlainSecret::generate(OpaqueKind::DownloadToken, ctx.random.as_ref());
        let expires_at = ctx.now.plus(TTL);
        let row = DownloadToken {
            digest: secret.digest(),
            user_id,
            session_id,
            path,
            expires_at,
        };
        self.database
            .write::<_, StorageError, _>(move |w| {
                Box::pin(async move { storage::download_tokens::insert(w, &row).await })
            })
            .await?;
        Ok(DownloadTicket { secret, expires_at })
    }

    /// Who may read `path` with this token; it is used up, whatever comes of it.
    ///
    /// # Errors
    /// See [`DownloadError`].
    pub async fn redeem_download_token(
        &self,
        ctx: &Ctx,
        text: &str,
        path: &str,
    ) -> Result<(User, Session), DownloadError> {
        if opaque::parse(text) != Some(OpaqueKind::DownloadToken) {
            return Err(DownloadError::Invalid);
        }
        let digest = SecretDigest::of(text);
        let taken = self.database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move { storage::download_tokens::take(w, &digest).await })
        });
        let token = taken.await?.ok_or(DownloadError::Invalid)?;
        let is_for_path = token.path.as_deref().is_none_or(|only| only == path);
        if ctx.now >= token.expires_at || !is_for_path {
            return Err(DownloadError::Invalid);
        }
        let mut reader = self.database.read().await?;
        let session = storage::sessions::find_by_id(&mut reader, token.session_id).await?;
        let user = storage::users::find_by_id(&mut reader, token.user_id).await?;
        let session = session.map(|session| self.activity().latest(session));
        let session = session.filter(|session| session.is_live(ctx.now));
        let user = user.filter(|user| user.disabled_at.is_none());
        user.zip(session).ok_or(DownloadError::Invalid)
    }
}
