//! Clients of the configuration file: what it names exists, what it names no more is gone.
//! Refuses to take over a client that was registered by hand.

use model::audit::Actor;
use model::client::{Client, ClientSettings, ClientSource};
use model::{ClientId, Ctx, SecretDigest};
use serde_json::json;
use storage::{StorageError, Writer};

use super::check::problems;
use super::create::CreateClientError;
use super::delete::erase;
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::oauth::is_first_party;

/// A client as configured; its secret is only ever seen as a digest.
#[derive(Clone)]
pub struct ConfiguredClient {
    pub id: ClientId,
    pub name: String,
    pub settings: ClientSettings,
    pub secret: Option<SecretDigest>,
}

impl Authority {
    /// Brings the stored clients to what the configuration says. Replicas with the same file may do it side by side.
    ///
    /// # Errors
    /// Settings that can't work, or an id that was registered by hand.
    pub async fn sync_configured_clients(
        &self,
        ctx: &Ctx,
        wanted: Vec<ConfiguredClient>,
    ) -> Result<(), CreateClientError> {
        for client in &wanted {
            let problems = problems(&client.settings, &self.settings.registry);
            if is_first_party(&client.id) {
                return Err(CreateClientError::IdTaken);
            }
            if !problems.is_empty() {
                return Err(CreateClientError::Invalid(problems));
            }
        }
        let (at, settings) = (ctx.clone(), self.settings.clone());
        self.database
            .write::<_, CreateClientError, _>(move |w| {
                Box::pin(async move {
                    for client in stale(w, &wanted).await? {
                        erase(w, &at, &client, &settings).await?;
                    }
                    for client in wanted {
                        put(w, &at, client).await?;
                    }
                    Ok(())
                })
            })
            .await?;
        self.catch_up().await?;
        Ok(())
    }
}

/// Configured clients that the file names no more.
async fn stale(w: &mut Writer, wanted: &[ConfiguredClient]) -> Result<Vec<ClientId>, StorageError> {
    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let page = storage::clients::list(w, &after, 200).await?;
        let Some(last) = page.last() else { return Ok(found) };
        after = last.id.to_string();
        let named = |client: &Client| wanted.iter().any(|wanted| wanted.id == client.id);
        let gone = page
            .into_iter()
            .filter(|client| client.source == ClientSource::Config && !named(client));
        found.extend(gone.map(|client| client.id));
    }
}

async fn put(w: &mut Writer, ctx: &Ctx, wanted: ConfiguredClient) -> Result<(), CreateClientError> {
    let existing = storage::clients::find(w, &wanted.id).await?;
    if existing
        .as_ref()
        .is_some_and(|client| client.source == ClientSource::Managed)
    {
        return Err(CreateClientError::IdTaken);
    }
    let secrets = storage::clients::list_secrets(w, &wanted.id, ctx.now).await?;
    let same_secret = match &wanted.secret {
        Some(digest) => secrets.len() == 1 && secrets.iter().all(|secret| secret.digest == *digest),
        None => secrets.is_empty(),
    };
    let unchanged = |client: &Client| client.name == wanted.name && client.settings == wanted.settings;
    if same_secret && existing.as_ref().is_some_and(unchanged) {
        return Ok(());
    }
    let client = Client {
        id: wanted.id,
        name: wanted.name,
        source: ClientSource::Config,
        settings: wanted.settings,
        created_at: ctx.now,
        updated_at: ctx.now,
        deleted_at: None,
    };
    storage::clients::upsert(w, &client).await?;
    if let Some(digest) = &wanted.secret {
        storage::clients::replace_secret(w, &client.id, digest, ctx.now, ctx.now).await?;
    }
    let (actor, target) = (Actor::Operator, Some(client.id.to_string()));
    let detail = json!({"created": existing.is_none()});
    Ok(record(
        w,
        ctx,
        Happened {
            actor,
            action: "client.configured",
            target,
            detail,
        },
    )
    .await?)
}
