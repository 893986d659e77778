//! A client registers itself (RFC 7591 §3).
//! Refuses strangers unless the operator lets them in, and tells the secrets this one time only.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::audit::Actor;
use model::client::{Client, ClientSource};
use model::random::secret_bytes;
use model::{ClientId, Ctx, PlainSecret, SecretDigest};
use oauth::client_auth::ClientAuthMethod;
use oauth::error::OAuthError;
use oauth::opaque::{self, OpaqueKind};
use oauth::registration::ClientMetadata;
use serde_json::{Map, Value, json};
use storage::{StorageError, Writer};

use super::narrow::narrow;
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::clients::create::uses_secret;
use crate::fault::Fault;
use crate::people::throttle::Counters;
use crate::settings::RegistrationPolicy;

/// A client with everything it is told this once.
pub struct RegisteredClient {
    pub client: Client,
    pub secret: Option<PlainSecret>,
    /// With what it looks after its registration.
    pub registration_token: PlainSecret,
}

#[derive(Debug, thiserror::Error)]
pub enum RegisterClientError {
    #[error("clients do not register themselves here")]
    Closed,
    #[error("an initial access token is needed")]
    NoToken,
    #[error("the initial access token is not good")]
    BadToken,
    #[error("the metadata can't be taken")]
    Invalid(OAuthError),
    #[error("too many strangers from this network")]
    TooMany { retry_after: Duration },
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for RegisterClientError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

impl Authority {
    /// `token`: the initial access token, if one was sent.
    ///
    /// # Errors
    /// As [`RegisterClientError`] says.
    pub async fn register_client(
        &self,
        ctx: &Ctx,
        token: Option<&str>,
        metadata: &Map<String, Value>,
    ) -> Result<RegisteredClient, RegisterClientError> {
        let initial = self.initial_token(token)?;
        let counted = self.count_attempt(ctx, &Counters::of_strangers(ctx)).await?;
        counted.map_err(|retry_after| RegisterClientError::TooMany { retry_after })?;
        let metadata = ClientMetadata::from_json(metadata).map_err(RegisterClientError::Invalid)?;
        // RFC 7591 §2: client_secret_basic unless it says otherwise.
        let method = metadata
            .auth_method
            .unwrap_or(ClientAuthMethod::ClientSecretBasic);
        let settings = narrow(&metadata, method, &self.settings).map_err(RegisterClientError::Invalid)?;
        let secret = |kind| PlainSecret::generate(kind, ctx.random.as_ref());
        let made = RegisteredClient {
            secret: uses_secret(&settings).then(|| secret(OpaqueKind::ClientSecret)),
            registration_token: secret(OpaqueKind::RegistrationToken),
            client: Client {
                id: new_id(ctx)?,
                name: metadata.name.unwrap_or_else(|| "Unnamed application".to_owned()),
                source: ClientSource::Registered,
                settings,
                created_at: ctx.now,
                updated_at: ctx.now,
                deleted_at: None,
            },
        };
        self.store_registration(ctx, initial, &made).await?;
        Ok(made)
    }

    /// What has to be used up, if the operator asks for something.
    fn initial_token(&self, token: Option<&str>) -> Result<Option<SecretDigest>, RegisterClientError> {
        match (self.settings.strangers.registration, token) {
            (RegistrationPolicy::Closed, _) => Err(RegisterClientError::Closed),
            (RegistrationPolicy::Open, _) => Ok(None),
            (RegistrationPolicy::Token, None) => Err(RegisterClientError::NoToken),
            (RegistrationPolicy::Token, Some(token))
                if opaque::parse(token) == Some(OpaqueKind::InitialAccess) =>
            {
                Ok(Some(SecretDigest::of(token)))
            }
            (RegistrationPolicy::Token, Some(_)) => Err(RegisterClientError::BadToken),
        }
    }

    async fn store_registration(
        &self,
        ctx: &Ctx,
        initial: Option<SecretDigest>,
        made: &RegisteredClient,
    ) -> Result<(), RegisterClientError> {
        let (at, client) = (ctx.clone(), made.client.clone());
        let secret = made.secret.as_ref().map(PlainSecret::digest);
        let token = made.registration_token.digest();
        self.database
            .write::<_, RegisterClientError, _>(move |w| {
                Box::pin(async move {
                    if let Some(initial) = initial
                        && !storage::client_registrations::use_initial(w, &initial, at.now).await?
                    {
                        return Err(RegisterClientError::BadToken);
                    }
                    storage::clients::insert(w, &client).await?;
                    if let Some(secret) = secret {
                        storage::clients::replace_secret(w, &client.id, &secret, at.now, at.now).await?;
                    }
                    storage::client_registrations::insert(w, &client.id, &token).await?;
                    Ok(note(w, &at, &client).await?)
                })
            })
            .await?;
        Ok(self.catch_up().await?)
    }
}

async fn note(w: &mut Writer, ctx: &Ctx, client: &Client) -> Result<(), StorageError> {
    let happened = Happened {
        actor: Actor::Anonymous,
        action: "client.registered",
        target: Some(client.id.to_string()),
        detail: json!({"name": client.name, "redirect_uris": client.settings.redirect_uris}),
    };
    record(w, ctx, happened).await
}

/// 128 random bits; nobody can claim an id that somebody knows already.
fn new_id(ctx: &Ctx) -> Result<ClientId, Fault> {
    let bytes = secret_bytes(ctx.random.as_ref());
    let text = format!("app_{}", URL_SAFE_NO_PAD.encode(&bytes[..16]));
    text.parse().map_err(|_| Fault::Sealed("an id that is none"))
}
