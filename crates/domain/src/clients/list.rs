//! Looking at clients.

use model::client::Client;

use crate::authority::Authority;
use crate::fault::Fault;

impl Authority {
    /// Up to `limit` clients with ids after `after`, by id.
    ///
    /// # Errors
    /// Storage.
    pub async fn list_clients(&self, after: &str, limit: i64) -> Result<Vec<Client>, Fault> {
        let mut reader = self.database.read().await?;
        Ok(storage::clients::list(&mut reader, after, limit).await?)
    }
}
