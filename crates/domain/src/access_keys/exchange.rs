//! The credentials of a program in exchange for an access token of fifteen minutes.
//! Refuses a signature that was taken before, whichever replica took it, before anything is minted (V03).

use std::time::Duration;

use model::audit::Actor;
use model::{Ctx, PlainSecret, Timestamp};
use policy::Document;
use serde_json::json;
use sigv4::Refusal;
use storage::{StorageError, Writer};

use super::LONGEST_SESSION_POLICY;
use super::prove::{ProgramCredential, Proof, Proven};
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::oauth::AccessKeyOrder;

const LIFE: Duration = Duration::from_secs(900);
const SHORTEST: Duration = Duration::from_secs(60);

/// What the token shall be, as far as a program can choose.
#[derive(Clone, Debug, Default)]
pub struct ExchangeWish {
    /// A policy document: the token may do what the user may do and this allows, too.
    pub session_policy: Option<String>,
    /// Between one and fifteen minutes.
    pub life: Option<Duration>,
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeCredentialsError {
    #[error("the signature: {0}")]
    Signature(#[from] Refusal),
    #[error("the signature was used before")]
    Replayed,
    /// Unknown, deleted, or with another secret; or its user may not use it.
    #[error("there is no such key with this secret")]
    InvalidCredentials,
    #[error("too many attempts, wait {} s", retry_after.as_secs())]
    TooManyAttempts { retry_after: Duration },
    #[error("{0}")]
    SessionPolicy(policy::GrammarError),
    #[error("a session policy has at most {LONGEST_SESSION_POLICY} characters")]
    SessionPolicyTooLong,
    #[error("a token lives between 60 and 900 seconds")]
    Life,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for ExchangeCredentialsError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

/// The token, shown once.
pub struct ExchangedCredentials {
    pub access_token: PlainSecret,
    pub expires_in: u64,
}

impl Authority {
    /// There is no refresh token: the program signs again.
    ///
    /// # Errors
    /// See [`ExchangeCredentialsError`].
    pub async fn exchange_credentials(
        &self,
        ctx: &Ctx,
        credential: ProgramCredential<'_>,
        wish: ExchangeWish,
    ) -> Result<ExchangedCredentials, ExchangeCredentialsError> {
        let life = wish.life.unwrap_or(LIFE);
        if !(SHORTEST..=LIFE).contains(&life) {
            return Err(ExchangeCredentialsError::Life);
        }
        if let Some(text) = &wish.session_policy {
            if text.chars().count() > LONGEST_SESSION_POLICY {
                return Err(ExchangeCredentialsError::SessionPolicyTooLong);
            }
            Document::parse(text).map_err(ExchangeCredentialsError::SessionPolicy)?;
        }
        let proven = self.prove_key(ctx, credential).await?;
        // Whole seconds, so that every door tells the same instants.
        let issued_at = Timestamp::from_seconds(ctx.now.as_seconds());
        let access_token = self.mint_for_access_key(
            ctx,
            &AccessKeyOrder {
                key: proven.key.id.as_key(),
                user: &proven.user,
                session_policy: wish.session_policy.as_deref(),
                issued_at,
                expires_at: issued_at.plus(life),
            },
        )?;
        let (at, narrowed) = (ctx.clone(), wish.session_policy.is_some());
        self.database
            .write(move |w| Box::pin(async move { take(w, &at, &proven, narrowed).await }))
            .await?;
        Ok(ExchangedCredentials {
            access_token,
            expires_in: life.as_secs(),
        })
    }
}

/// The token leaves only when this is committed.
async fn take(
    w: &mut Writer,
    ctx: &Ctx,
    proven: &Proven,
    narrowed: bool,
) -> Result<(), ExchangeCredentialsError> {
    let by = match &proven.by {
        Proof::Signature(digest, until) => {
            if !storage::request_signatures::consume(w, digest, *until).await? {
                return Err(ExchangeCredentialsError::Replayed);
            }
            "signature"
        }
        Proof::Secret(counters) => {
            counters.forgive(w).await?;
            "secret"
        }
    };
    // Deleted meanwhile: as if it had never been.
    if !storage::access_keys::note_use(w, proven.key.id, ctx.now).await? {
        return Err(match proven.by {
            Proof::Signature(..) => Refusal::Mismatch.into(),
            Proof::Secret(_) => ExchangeCredentialsError::InvalidCredentials,
        });
    }
    let happened = Happened {
        actor: Actor::User(proven.user.id),
        action: "access_key.exchanged",
        target: Some(proven.key.id.to_string()),
        detail: json!({ "by": by, "account_id": proven.user.account_id, "session_policy": narrowed }),
    };
    Ok(record(w, ctx, happened).await?)
}
