//! What a client publishes at the URL that is its id (OAuth Client ID Metadata Document).
//! Refuses to fetch often, many at once, or for whom it has just failed; and every way to prove itself by a shared secret.

use std::time::Duration;

use async_trait::async_trait;
use model::audit::Actor;
use model::client::{Client, ClientSource};
use model::{ClientId, Ctx, Timestamp};
use moka::sync::Cache;
use oauth::client_auth::ClientAuthMethod;
use oauth::registration::ClientMetadata;
use serde_json::{Value, json};
use storage::{StorageError, Writer};
use tokio::sync::Semaphore;

use super::document_url;
use super::narrow::narrow;
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::people::throttle::Counters;

const FRESH_AT_LEAST: Duration = Duration::from_secs(5 * 60);
const FRESH_AT_MOST: Duration = Duration::from_secs(24 * 60 * 60);
const FRESH: Duration = Duration::from_secs(60 * 60);
const FAILED_FOR: Duration = Duration::from_secs(30);
const AT_ONCE: usize = 16;

/// The port to whoever fetches.
#[async_trait]
pub trait ClientDocuments: Send + Sync {
    /// The document at an https URL; bounded in size and time, from nowhere but the public network.
    async fn fetch(&self, url: &str) -> Result<FetchedDocument, DocumentError>;
}

/// A document as it came.
pub struct FetchedDocument {
    pub body: Vec<u8>,
    /// How long its host says that it is fresh.
    pub max_age: Option<Duration>,
}

/// Why there is none, in words for the operator.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct DocumentError(pub String);

/// Why a request for such a client can't go on.
#[derive(Debug)]
pub(crate) enum DocumentRefusal {
    /// It can't be fetched, or can't be taken.
    Unusable,
    TooMany,
    Fault(Fault),
}

impl<E: Into<Fault>> From<E> for DocumentRefusal {
    fn from(error: E) -> Self {
        Self::Fault(error.into())
    }
}

/// What has just failed, and how many are being fetched.
pub(crate) struct FailedDocuments {
    failed: Cache<Box<str>, ()>,
    permits: Semaphore,
}

impl Default for FailedDocuments {
    fn default() -> Self {
        Self {
            failed: Cache::builder()
                .max_capacity(10_000)
                .time_to_live(FAILED_FOR)
                .build(),
            permits: Semaphore::new(AT_ONCE),
        }
    }
}

impl Authority {
    /// Before a client whose id is a URL is asked for: fetches its document when what is known is old.
    pub(crate) async fn read_client_document(&self, ctx: &Ctx, id: &str) -> Result<(), DocumentRefusal> {
        let strangers = &self.settings.strangers;
        if !strangers.documents || !id.starts_with("https://") {
            return Ok(());
        }
        let before = self.find_client(id).await?;
        if before
            .as_ref()
            .is_some_and(|client| client.source != ClientSource::Document)
        {
            return Ok(());
        }
        let host = document_url::host(id, strangers).ok_or(DocumentRefusal::Unusable)?;
        let client_id: ClientId = id.parse().map_err(|_| DocumentRefusal::Unusable)?;
        if before.is_some() && self.is_document_fresh(ctx, &client_id).await? {
            return Ok(());
        }
        let failed = &self.failed_documents().failed;
        if failed.contains_key(id) {
            return Err(DocumentRefusal::Unusable);
        }
        if self
            .count_attempt(ctx, &Counters::of_strangers(ctx))
            .await?
            .is_err()
        {
            return Err(DocumentRefusal::TooMany);
        }
        match self.fetch_client(ctx, &client_id, &host).await {
            Ok((client, fresh_until)) => self.keep_document(ctx, before, client, fresh_until).await,
            Err(DocumentError(why)) => {
                tracing::info!(client_id = id, why, "a client's document is of no use");
                failed.insert(id.into(), ());
                Err(DocumentRefusal::Unusable)
            }
        }
    }

    async fn is_document_fresh(&self, ctx: &Ctx, id: &ClientId) -> Result<bool, Fault> {
        let mut reader = self.database.read().await?;
        let until = storage::client_documents::find(&mut reader, id).await?;
        Ok(until.is_some_and(|until| ctx.now < until))
    }

    async fn fetch_client(
        &self,
        ctx: &Ctx,
        id: &ClientId,
        host: &str,
    ) -> Result<(Client, Timestamp), DocumentError> {
        let failed = |why: &str| DocumentError(why.to_owned());
        let documents = self
            .providers
            .client_documents()
            .ok_or_else(|| failed("nobody fetches"))?;
        let permit = self.failed_documents().permits.try_acquire();
        let _permit = permit.map_err(|_| failed("too many are being fetched"))?;
        let fetched = documents.fetch(id.as_str()).await?;
        let Some(Value::Object(said)) = jose::parse_strict(&fetched.body) else {
            return Err(failed("not a JSON object"));
        };
        // §4.1: the document names the URL it was fetched from, and no secret.
        if said.get("client_id").and_then(Value::as_str) != Some(id.as_str()) {
            return Err(failed("client_id is not its own URL"));
        }
        if said.contains_key("client_secret") || said.contains_key("client_secret_expires_at") {
            return Err(failed("it has a secret"));
        }
        let refused = |error: oauth::error::OAuthError| DocumentError(error.description().to_owned());
        let metadata = ClientMetadata::from_json(&said).map_err(refused)?;
        let method = match metadata.auth_method {
            None | Some(ClientAuthMethod::None) => ClientAuthMethod::None,
            Some(
                method @ (ClientAuthMethod::PrivateKeyJwt
                | ClientAuthMethod::TlsClientAuth
                | ClientAuthMethod::SelfSignedTlsClientAuth),
            ) => method,
            Some(ClientAuthMethod::ClientSecretBasic | ClientAuthMethod::ClientSecretPost) => {
                return Err(failed("it would need a shared secret"));
            }
        };
        let settings = narrow(&metadata, method, &self.settings).map_err(refused)?;
        let fresh = fetched
            .max_age
            .unwrap_or(FRESH)
            .clamp(FRESH_AT_LEAST, FRESH_AT_MOST);
        let client = Client {
            id: id.clone(),
            name: metadata.name.unwrap_or_else(|| host.to_owned()),
            source: ClientSource::Document,
            settings,
            created_at: ctx.now,
            updated_at: ctx.now,
            deleted_at: None,
        };
        Ok((client, ctx.now.plus(fresh)))
    }

    async fn keep_document(
        &self,
        ctx: &Ctx,
        before: Option<Client>,
        client: Client,
        fresh_until: Timestamp,
    ) -> Result<(), DocumentRefusal> {
        let same = |known: &Client| known.name == client.name && known.settings == client.settings;
        let changed = !before.as_ref().is_some_and(same);
        let at = ctx.clone();
        self.database
            .write::<_, Fault, _>(move |w| {
                Box::pin(async move {
                    if changed {
                        put(w, &at, &client, before.is_none()).await?;
                    }
                    Ok(storage::client_documents::upsert(w, &client.id, fresh_until).await?)
                })
            })
            .await?;
        Ok(self.catch_up().await?)
    }
}

/// Whoever has changed is asked about anew.
async fn put(w: &mut Writer, ctx: &Ctx, client: &Client, created: bool) -> Result<(), StorageError> {
    storage::clients::upsert(w, client).await?;
    storage::consents::delete_of_client(w, &client.id).await?;
    let happened = Happened {
        actor: Actor::Anonymous,
        action: "client.document_read",
        target: Some(client.id.to_string()),
        detail: json!({"created": created, "name": client.name, "redirect_uris": client.settings.redirect_uris}),
    };
    record(w, ctx, happened).await
}
