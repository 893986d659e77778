//! Signing in with a passkey: without a name, or as the second step of somebody who waits for one.
//! Refuses the passkey of another user than it says, and a counter that went back, which a copy of it would show.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::audit::Actor;
use model::authentication::Authentication;
use model::passkey::Passkey;
use model::session::Session;
use model::user::User;
use model::{Ctx, PasskeyId, SecretDigest, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use storage::{StorageError, Writer};
use webauthn_rs::prelude::{
    self as webauthn, DiscoverableAuthentication, PublicKeyCredential, WebauthnError,
};

use super::ceremony::{Ceremony, Opened};
use super::relying_party::user_handle;
use super::{PasskeyAnswer, PasskeyCeremony};
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::people::SignedIn;
use crate::people::sign_in::{PasswordDue, Proof, Proven, SignInError};

/// Why a passkey does not sign in.
#[derive(Debug, thiserror::Error)]
pub enum PasskeyError {
    /// Unknown, removed, wrong, too late, used before, a copy: outside nobody learns which.
    #[error("the passkey does not sign in")]
    Refused,
    #[error("the account is disabled")]
    Disabled,
    #[error("the address is not confirmed")]
    EmailNotVerified,
    #[error("the session has ended meanwhile")]
    SessionEnded,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for PasskeyError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<SignInError> for PasskeyError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Stale => Self::Refused,
            SignInError::SessionEnded => Self::SessionEnded,
            SignInError::Fault(fault) => Self::Fault(fault),
        }
    }
}

#[derive(Serialize, Deserialize)]
pub(in crate::people) struct Asking {
    /// The digest of the waiting sign-in, when this is its second step.
    pending: Option<[u8; 32]>,
    state: DiscoverableAuthentication,
}

impl Ceremony for Asking {
    const PURPOSE: &'static str = "passkey-sign-in";
}

/// An assertion that is right; that it is the first answer is decided where it is taken.
#[derive(Clone)]
pub(crate) struct PasskeyProof {
    id: PasskeyId,
    ceremony: SecretDigest,
    ceremony_expires_at: Timestamp,
    /// What was judged, and what it becomes: the counter goes on.
    data: (String, String),
}

impl PasskeyProof {
    /// False when the ceremony was answered before, or the passkey was removed or used meanwhile.
    pub(in crate::people) async fn take(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        user: UserId,
    ) -> Result<bool, StorageError> {
        let (before, after) = &self.data;
        let taken = storage::passkeys::use_ceremony(w, &self.ceremony, self.ceremony_expires_at).await?
            && storage::passkeys::update_used(w, (self.id, user), (before, after), ctx.now).await?;
        if taken {
            let happened = Happened {
                actor: Actor::User(user),
                action: "passkey.used",
                target: Some(self.id.to_string()),
                detail: json!({}),
            };
            record(w, ctx, happened).await?;
        }
        Ok(taken)
    }
}

impl Authority {
    /// Options for whatever passkey the browser has; nothing where passkeys can't be used.
    ///
    /// # Errors
    /// Sealing.
    pub fn ask_for_passkey(
        &self,
        ctx: &Ctx,
        browser: &SecretDigest,
    ) -> Result<Option<PasskeyCeremony>, Fault> {
        self.ask_among(ctx, browser, (None, &[]))
    }

    /// Signs in with nothing but a passkey: something one has, and what its authenticator has verified.
    ///
    /// # Errors
    /// See [`PasskeyError`].
    pub async fn sign_in_by_passkey(
        &self,
        ctx: &Ctx,
        answer: PasskeyAnswer<'_>,
        current: Option<Session>,
    ) -> Result<SignedIn, PasskeyError> {
        let (user_id, proof) = self
            .judge_passkey(ctx, answer, None)
            .await?
            .ok_or(PasskeyError::Refused)?;
        let mut reader = self.database.read().await?;
        let user = storage::users::find_by_id(&mut reader, user_id).await?;
        drop(reader);
        let user = user.ok_or(PasskeyError::Refused)?;
        self.may_sign_in(&user)?;
        let proven = Proven {
            authentication: Authentication::with_passkey(ctx.now, Vec::new()),
            user,
            current,
            by: Proof::Passkey(Box::new(proof)),
            flow: None,
            password: PasswordDue::No,
        };
        Ok(self.start_session(ctx, proven).await?)
    }

    fn may_sign_in(&self, user: &User) -> Result<(), PasskeyError> {
        if user.disabled_at.is_some() {
            return Err(PasskeyError::Disabled);
        }
        if self.settings.registration.confirm_email && user.email_verified_at.is_none() {
            return Err(PasskeyError::EmailNotVerified);
        }
        Ok(())
    }

    /// Options for a passkey; `known` are those that are asked for, any when there are none.
    pub(in crate::people) fn ask_among(
        &self,
        ctx: &Ctx,
        browser: &SecretDigest,
        (pending, known): (Option<&SecretDigest>, &[Passkey]),
    ) -> Result<Option<PasskeyCeremony>, Fault> {
        let Some(party) = self.relying_party()? else {
            return Ok(None);
        };
        let (options, state) = party
            .start_discoverable_authentication()
            .map_err(|_| Fault::Passkeys("a ceremony does not start"))?;
        let mut options = serde_json::to_value(options.public_key)
            .map_err(|_| Fault::Passkeys("options do not serialize"))?;
        let known = known.iter().map(|key| {
            let id = URL_SAFE_NO_PAD.encode(&key.credential_id);
            json!({ "type": "public-key", "id": id })
        });
        options["allowCredentials"] = known.collect();
        let pending = pending.map(|pending| *pending.as_bytes());
        Ok(Some(PasskeyCeremony {
            options: options.to_string(),
            state: self.seal_ceremony(ctx, browser, Asking { pending, state })?,
        }))
    }

    /// Whose passkey answered, if the answer is right and to what was asked. // WebAuthn §7.2
    pub(in crate::people) async fn judge_passkey(
        &self,
        ctx: &Ctx,
        answer: PasskeyAnswer<'_>,
        pending: Option<&SecretDigest>,
    ) -> Result<Option<(UserId, PasskeyProof)>, Fault> {
        let asked = self.open_ceremony::<Asking>(ctx, (answer.state, answer.browser));
        let asked =
            asked.filter(|asked| asked.ceremony.pending.map(SecretDigest::from_bytes).as_ref() == pending);
        let (Some(asked), Some(given)) = (asked, answer.parse::<PublicKeyCredential>()) else {
            return Ok(None);
        };
        let mut reader = self.database.read().await?;
        let found = storage::passkeys::find_by_credential(&mut reader, given.get_credential_id()).await?;
        drop(reader);
        let Some(stored) = found else {
            return Ok(None);
        };
        // WebAuthn §7.2, step 6: who was not named before has to be named by the authenticator.
        let says = given.get_user_unique_id();
        let is_theirs = match says {
            Some(handle) => handle == user_handle(stored.user_id).as_bytes(),
            None => pending.is_some(),
        };
        if !is_theirs {
            return Ok(None);
        }
        let proof = self.verify_assertion(ctx, (&stored, &given), asked).await?;
        Ok(proof.map(|proof| (stored.user_id, proof)))
    }

    async fn verify_assertion(
        &self,
        ctx: &Ctx,
        (stored, given): (&Passkey, &PublicKeyCredential),
        asked: Opened<Asking>,
    ) -> Result<Option<PasskeyProof>, Fault> {
        let Some(party) = self.relying_party()? else {
            return Ok(None);
        };
        let broken = |_| Fault::Passkeys("a stored passkey can't be read");
        let mut passkey: webauthn::Passkey = serde_json::from_str(&stored.data).map_err(broken)?;
        let state = asked.ceremony.state;
        let verdict = match party.finish_discoverable_authentication_v2(given, state, &passkey) {
            Ok(verdict) => verdict,
            Err(WebauthnError::CredentialPossibleCompromise) => {
                self.note_copy(ctx, stored).await?;
                return Ok(None);
            }
            Err(_) => return Ok(None),
        };
        passkey.update_credential(&verdict);
        let after = serde_json::to_string(&passkey).map_err(broken)?;
        Ok(Some(PasskeyProof {
            id: stored.id,
            ceremony: asked.digest,
            ceremony_expires_at: asked.expires_at,
            data: (stored.data.clone(), after),
        }))
    }

    /// WebAuthn §6.1.1: the counter went back, so there may be two of it.
    async fn note_copy(&self, ctx: &Ctx, stored: &Passkey) -> Result<(), Fault> {
        let happened = Happened {
            actor: Actor::Anonymous,
            action: "passkey.refused",
            target: Some(stored.id.to_string()),
            detail: json!({ "reason": "counter", "user": stored.user_id }),
        };
        let at = ctx.clone();
        self.database
            .write::<_, StorageError, _>(move |w| Box::pin(async move { record(w, &at, happened).await }))
            .await?;
        Ok(())
    }
}
