//! Clients remembered between requests, with their secrets.
//! Refuses to use what may have changed: an entry is good for one version of the clients only.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use model::client::{Client, ClientSecret};
use model::{ClientId, SecretDigest, Timestamp};
use moka::sync::Cache;

use crate::authority::Authority;
use crate::fault::Fault;

const MOST: u64 = 10_000;
const LONGEST: Duration = Duration::from_secs(10 * 60);

/// A client and the secrets it may prove itself with.
pub struct KnownClient {
    client: Client,
    secrets: Vec<ClientSecret>,
}

impl KnownClient {
    /// Every secret that is taken now is compared, in constant time each.
    pub fn has_secret(&self, digest: &SecretDigest, now: Timestamp) -> bool {
        let live = self.secrets.iter().filter(|secret| secret.is_live(now));
        live.fold(false, |right, secret| right | (secret.digest == *digest))
    }
}

impl Deref for KnownClient {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// What was found under an id, also that there is nothing: a stranger's guesses cost the same as a hit.
#[derive(Clone)]
struct Entry {
    version: i64,
    found: Option<Arc<KnownClient>>,
}

/// Bounded in number and in time.
pub(crate) struct KnownClients(Cache<Box<str>, Entry>);

impl Default for KnownClients {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(MOST).time_to_live(LONGEST).build())
    }
}

impl Authority {
    /// A client by the id somebody claims.
    ///
    /// # Errors
    /// Storage.
    pub async fn known_client(&self, id: &str) -> Result<Option<Arc<KnownClient>>, Fault> {
        self.keep_up().await?;
        // Before the rows are read: what is read later is at least as new as this says.
        let version = self.log().clients_version();
        let known = &self.known_clients().0;
        if let Some(entry) = known.get(id).filter(|entry| entry.version == version) {
            return Ok(entry.found);
        }
        let Ok(client_id) = id.parse::<ClientId>() else {
            return Ok(None);
        };
        let found = Box::pin(self.read_client(&client_id)).await?.map(Arc::new);
        let entry = Entry {
            version,
            found: found.clone(),
        };
        known.insert(id.into(), entry);
        Ok(found)
    }

    /// A copy of a client by the id somebody claims.
    ///
    /// # Errors
    /// Storage.
    pub async fn find_client(&self, id: &str) -> Result<Option<Client>, Fault> {
        Ok(self.known_client(id).await?.map(|known| known.client.clone()))
    }

    async fn read_client(&self, id: &ClientId) -> Result<Option<KnownClient>, Fault> {
        let mut reader = self.database.read_check().await?;
        let Some(client) = storage::clients::find(&mut reader, id).await? else {
            return Ok(None);
        };
        let secrets = storage::clients::list_secrets(&mut reader, id, self.clock.now()).await?;
        Ok(Some(KnownClient { client, secrets }))
    }
}
