//! A registered client looks after its registration (RFC 7592).
//! Refuses a registration token that was replaced, and tells nobody whether a client exists.

use model::audit::Actor;
use model::client::{Client, ClientSource};
use model::{Ctx, PlainSecret, SecretDigest};
use oauth::error::{ErrorCode, OAuthError};
use oauth::opaque::OpaqueKind;
use oauth::registration::ClientMetadata;
use serde_json::{Map, Value, json};
use storage::{StorageError, Writer};

use super::narrow::narrow;
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::clients::delete::erase_by;
use crate::fault::Fault;

/// What the server alone decides (RFC 7592 §2.2).
const OURS: [&str; 4] = [
    "registration_access_token",
    "registration_client_uri",
    "client_secret_expires_at",
    "client_id_issued_at",
];

/// A changed client, and the token that takes the place of the one it was changed with.
pub struct UpdatedRegistration {
    pub client: Client,
    pub registration_token: PlainSecret,
}

#[derive(Debug, thiserror::Error)]
pub enum LookAfterError {
    /// Wrong, used up, or of a client that is no more.
    #[error("the registration token is not good")]
    BadToken,
    #[error("the metadata can't be taken")]
    Invalid(OAuthError),
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for LookAfterError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

impl Authority {
    /// # Errors
    /// As [`LookAfterError`] says.
    pub async fn read_registration(&self, id: &str, token: &str) -> Result<Client, LookAfterError> {
        let client = self
            .find_client(id)
            .await?
            .filter(|client| client.source == ClientSource::Registered);
        let client = client.ok_or(LookAfterError::BadToken)?;
        let mut reader = self.database.read_check().await?;
        let known = storage::client_registrations::find(&mut reader, &client.id).await?;
        // Compared in constant time.
        if known.is_some_and(|known| known == SecretDigest::of(token)) {
            Ok(client)
        } else {
            Err(LookAfterError::BadToken)
        }
    }

    /// Everything is replaced by what is said now; people are asked for their consent anew.
    ///
    /// # Errors
    /// As [`LookAfterError`] says.
    pub async fn update_registration(
        &self,
        ctx: &Ctx,
        (id, token): (&str, &str),
        said: &Map<String, Value>,
    ) -> Result<UpdatedRegistration, LookAfterError> {
        let before = self.read_registration(id, token).await?;
        self.check_identity(ctx, &before, said).await?;
        let metadata = ClientMetadata::from_json(said).map_err(LookAfterError::Invalid)?;
        let method = before.settings.auth_method;
        if metadata.auth_method.is_some_and(|wanted| wanted != method) {
            return Err(invalid("The authentication method can't be changed"));
        }
        let settings = narrow(&metadata, method, &self.settings).map_err(LookAfterError::Invalid)?;
        let client = Client {
            name: metadata.name.unwrap_or_else(|| before.name.clone()),
            settings,
            updated_at: ctx.now,
            ..before
        };
        let registration_token = PlainSecret::generate(OpaqueKind::RegistrationToken, ctx.random.as_ref());
        let (at, row, old, new) = (
            ctx.clone(),
            client.clone(),
            SecretDigest::of(token),
            registration_token.digest(),
        );
        self.database
            .write::<_, LookAfterError, _>(move |w| {
                Box::pin(async move {
                    if !storage::client_registrations::replace(w, &row.id, &old, &new).await? {
                        return Err(LookAfterError::BadToken);
                    }
                    storage::clients::upsert(w, &row).await?;
                    storage::consents::delete_of_client(w, &row.id).await?;
                    Ok(note(w, &at, &row).await?)
                })
            })
            .await?;
        self.catch_up().await?;
        Ok(UpdatedRegistration {
            client,
            registration_token,
        })
    }

    /// Ends the client and everything it was given.
    ///
    /// # Errors
    /// As [`LookAfterError`] says.
    pub async fn delete_registration(&self, ctx: &Ctx, id: &str, token: &str) -> Result<(), LookAfterError> {
        let client = self.read_registration(id, token).await?;
        let (at, settings, digest) = (ctx.clone(), self.settings.clone(), SecretDigest::of(token));
        self.database
            .write::<_, LookAfterError, _>(move |w| {
                Box::pin(async move {
                    if !storage::client_registrations::consume(w, &client.id, &digest).await? {
                        return Err(LookAfterError::BadToken);
                    }
                    let actor = Actor::Client(client.id.clone());
                    Ok(erase_by(w, &at, &client.id, &settings, actor).await?)
                })
            })
            .await?;
        Ok(self.catch_up().await?)
    }

    /// RFC 7592 §2.2: the client names itself, and nothing that the server alone decides.
    async fn check_identity(
        &self,
        ctx: &Ctx,
        client: &Client,
        said: &Map<String, Value>,
    ) -> Result<(), LookAfterError> {
        if said.get("client_id").and_then(Value::as_str) != Some(client.id.as_str()) {
            return Err(invalid("client_id must be that of the client"));
        }
        if OURS.iter().any(|member| said.contains_key(*member)) {
            return Err(invalid("The server alone decides about one of the members"));
        }
        let Some(secret) = said.get("client_secret") else {
            return Ok(());
        };
        let digest = SecretDigest::of(secret.as_str().unwrap_or_default());
        let known = self.known_client(client.id.as_str()).await?;
        if known.is_some_and(|known| known.has_secret(&digest, ctx.now)) {
            Ok(())
        } else {
            Err(invalid("A client can't choose its secret"))
        }
    }
}

async fn note(w: &mut Writer, ctx: &Ctx, client: &Client) -> Result<(), StorageError> {
    let happened = Happened {
        actor: Actor::Client(client.id.clone()),
        action: "client.changed",
        target: Some(client.id.to_string()),
        detail: json!({"name": client.name, "redirect_uris": client.settings.redirect_uris}),
    };
    record(w, ctx, happened).await
}

fn invalid(words: &'static str) -> LookAfterError {
    LookAfterError::Invalid(OAuthError::new(ErrorCode::InvalidClientMetadata, words))
}
