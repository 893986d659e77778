//! A new passkey for somebody signed in.
//! Refuses before its owner has shown that it is them, in another session, and a credential that anybody has registered.

use model::authentication::Authentication;
use model::passkey::{MOST_PASSKEYS, Passkey, PasskeyName};
use model::session::Session;
use model::user::User;
use model::{Ctx, PasskeyId, SecretDigest, SessionId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use storage::{StorageError, Writer};
use webauthn_rs::prelude::{CredentialID, PasskeyRegistration, RegisterPublicKeyCredential};

use super::ceremony::{Ceremony, Opened};
use super::relying_party::user_handle;
use super::{PasskeyAnswer, PasskeyCeremony};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::people::second_factor::{BackupCodes, backup_codes};
use crate::people::{Presence, PresenceError, SignedIn};

/// In bytes. // WebAuthn §4, "Credential ID"
const LONGEST_CREDENTIAL_ID: usize = 1023;

/// Why there is no new passkey.
#[derive(Debug, thiserror::Error)]
pub enum AddPasskeyError {
    #[error("browsers know passkeys on named hosts only")]
    Unavailable,
    #[error("the user has as many passkeys as are allowed")]
    TooMany,
    /// Wrong, too late, used before, or from another session or browser.
    #[error("the answer is not one to this ceremony")]
    Refused,
    #[error("the credential was registered before")]
    Known,
    #[error(transparent)]
    Presence(#[from] PresenceError),
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for AddPasskeyError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

/// A passkey that is there now.
pub struct AddedPasskey {
    /// When it is the first second factor.
    pub codes: Option<BackupCodes>,
    /// The session goes on as one of two factors, under a new secret (S01).
    pub signed_in: SignedIn,
}

#[derive(Serialize, Deserialize)]
struct Registering {
    user: UserId,
    session: SessionId,
    name: String,
    state: PasskeyRegistration,
}

impl Ceremony for Registering {
    const PURPOSE: &'static str = "passkey-registration";
}

impl Authority {
    /// Options for a new passkey, once its owner has shown that it is them.
    ///
    /// # Errors
    /// See [`AddPasskeyError`].
    pub async fn begin_passkey(
        &self,
        ctx: &Ctx,
        (user, session): (&User, &Session),
        browser: &SecretDigest,
        (given, name): (impl Into<Presence<'_>>, &str),
    ) -> Result<PasskeyCeremony, AddPasskeyError> {
        let party = self.relying_party()?.ok_or(AddPasskeyError::Unavailable)?;
        self.prove_presence(ctx, (user, session), given).await?;
        let known = self.list_passkeys(user.id).await?;
        if known.len() >= MOST_PASSKEYS {
            return Err(AddPasskeyError::TooMany);
        }
        let known: Vec<CredentialID> = known.into_iter().map(|key| key.credential_id).collect();
        let login_name = user
            .username
            .as_ref()
            .map_or(user.email.as_str(), |name| name.as_str());
        let (handle, shown) = (user_handle(user.id), user.display_name());
        let (options, state) = party
            .start_passkey_registration(handle, login_name, shown, Some(known))
            .map_err(|_| Fault::Passkeys("a registration does not start"))?;
        let registering = Registering {
            user: user.id,
            session: session.id,
            name: PasskeyName::tidy(name).as_str().to_owned(),
            state,
        };
        Ok(PasskeyCeremony {
            options: discoverable(serde_json::to_value(options.public_key))?,
            state: self.seal_ceremony(ctx, browser, registering)?,
        })
    }

    /// The authenticator has made the passkey, and with that its user has used it: the session has two factors now.
    ///
    /// # Errors
    /// See [`AddPasskeyError`].
    pub async fn add_passkey(
        &self,
        ctx: &Ctx,
        (user, session): (&User, &Session),
        answer: PasskeyAnswer<'_>,
    ) -> Result<AddedPasskey, AddPasskeyError> {
        let opened = self
            .open_ceremony::<Registering>(ctx, (answer.state, answer.browser))
            .filter(|opened| opened.ceremony.user == user.id && opened.ceremony.session == session.id)
            .ok_or(AddPasskeyError::Refused)?;
        let passkey = self.judge_registration(ctx, &opened, answer)?;
        let (codes, tags) = backup_codes::generate(ctx, &self.sealer, user.id);
        let by = Authentication::with_passkey(ctx.now, session.authentication.amr.clone());
        let signed_in = SignedIn::strengthened(&self.settings, ctx, (user, session), by);
        let (authority, at, user, same) = (self.clone(), ctx.clone(), user.clone(), signed_in.clone());
        let is_first = self
            .database
            .write::<_, AddPasskeyError, _>(move |w| {
                Box::pin(async move {
                    let once = storage::passkeys::use_ceremony(w, &opened.digest, opened.expires_at).await?;
                    let is_alive = storage::users::confirm_enabled(w, user.id).await?
                        && same.renew_session(w, &at).await?;
                    if !once || !is_alive {
                        return Err(AddPasskeyError::Refused);
                    }
                    let is_first = storage::second_factors::count_factors(w, user.id).await? == 0;
                    insert(w, &passkey).await?;
                    if is_first {
                        storage::second_factors::replace_codes(w, user.id, &tags, at.now).await?;
                    }
                    authority.note_added(w, &at, (&user, &passkey)).await?;
                    Ok(is_first)
                })
            })
            .await?;
        self.ring();
        Ok(AddedPasskey {
            codes: is_first.then_some(codes),
            signed_in,
        })
    }

    fn judge_registration(
        &self,
        ctx: &Ctx,
        opened: &Opened<Registering>,
        answer: PasskeyAnswer<'_>,
    ) -> Result<Passkey, AddPasskeyError> {
        let party = self.relying_party()?.ok_or(AddPasskeyError::Unavailable)?;
        let answer: RegisterPublicKeyCredential = answer.parse().ok_or(AddPasskeyError::Refused)?;
        let registering = &opened.ceremony;
        // WebAuthn §7.1
        let made = party
            .finish_passkey_registration(&answer, &registering.state)
            .map_err(|_| AddPasskeyError::Refused)?;
        let credential_id = made.cred_id().to_vec();
        if credential_id.is_empty() || credential_id.len() > LONGEST_CREDENTIAL_ID {
            return Err(AddPasskeyError::Refused);
        }
        Ok(Passkey {
            id: PasskeyId::random(ctx.random.as_ref()),
            user_id: registering.user,
            credential_id,
            name: PasskeyName::tidy(&registering.name),
            data: serde_json::to_string(&made)
                .map_err(|_| Fault::Passkeys("a passkey does not serialize"))?,
            created_at: ctx.now,
            last_used_at: None,
        })
    }

    async fn note_added(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        (user, passkey): (&User, &Passkey),
    ) -> Result<(), Fault> {
        let name = &passkey.name;
        let what = format!("The passkey “{name}” was added. From now on it signs in to your account.");
        let detail = json!({ "passkey": passkey.id, "name": name.as_str() });
        self.note_factor(w, ctx, user, ("passkey.added", detail, &what))
            .await
    }
}

async fn insert(w: &mut Writer, passkey: &Passkey) -> Result<(), AddPasskeyError> {
    let known = storage::passkeys::list_of_user(w, passkey.user_id).await?;
    if known.len() >= MOST_PASSKEYS {
        return Err(AddPasskeyError::TooMany);
    }
    match storage::passkeys::insert(w, passkey).await? {
        true => Ok(()),
        false => Err(AddPasskeyError::Known),
    }
}

/// Asks for a passkey that the authenticator finds by itself, where it has room for one. // WebAuthn §5.4.6
fn discoverable(options: serde_json::Result<serde_json::Value>) -> Result<String, Fault> {
    let mut options = options.map_err(|_| Fault::Passkeys("options do not serialize"))?;
    options["authenticatorSelection"]["residentKey"] = json!("preferred");
    Ok(options.to_string())
}
