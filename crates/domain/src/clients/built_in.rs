//! Clients that come with the server.
//! Refuses to take over one that somebody has registered or configured under such an id.

use model::client::{Client, ClientSettings, ClientSource};
use model::{ClientId, Ctx};
use storage::{StorageError, Writer};

use crate::authority::Authority;
use crate::fault::Fault;

pub(crate) struct BuiltInClient {
    pub id: ClientId,
    pub name: &'static str,
    pub settings: ClientSettings,
}

impl Authority {
    /// Brings the stored ones to what they are to be. Replicas may do it side by side.
    pub(crate) async fn sync_built_in_clients(
        &self,
        ctx: &Ctx,
        wanted: Vec<BuiltInClient>,
    ) -> Result<(), Fault> {
        let at = ctx.clone();
        self.database
            .write::<_, StorageError, _>(move |w| {
                Box::pin(async move {
                    for client in wanted {
                        put(w, &at, client).await?;
                    }
                    Ok(())
                })
            })
            .await?;
        self.catch_up().await
    }
}

async fn put(w: &mut Writer, ctx: &Ctx, wanted: BuiltInClient) -> Result<(), StorageError> {
    let existing = storage::clients::find(w, &wanted.id).await?;
    let unchanged = |client: &Client| client.name == wanted.name && client.settings == wanted.settings;
    if existing.as_ref().is_some_and(unchanged) {
        return Ok(());
    }
    let client = Client {
        id: wanted.id,
        name: wanted.name.to_owned(),
        source: ClientSource::BuiltIn,
        settings: wanted.settings,
        created_at: ctx.now,
        updated_at: ctx.now,
        deleted_at: None,
    };
    storage::clients::upsert(w, &client).await
}
