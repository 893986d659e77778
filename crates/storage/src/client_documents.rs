//! The `client_documents` table.

use model::{ClientId, Timestamp};

use crate::decode::Columns;
use crate::{Query, StorageError, Writer};

const UPSERT: &str = "INSERT INTO client_documents (client_id, fresh_until) VALUES ($1, $2) ON CONFLICT (client_id) DO UPDATE SET fresh_until = excluded.fresh_until";
const FIND: &str = "SELECT fresh_until FROM client_documents WHERE client_id = $1";

pub(crate) const STATEMENTS: &[&str] = &[UPSERT, FIND];

pub async fn upsert(w: &mut Writer, id: &ClientId, fresh_until: Timestamp) -> Result<(), StorageError> {
    let args = [id.as_str().into(), fresh_until.into()];
    w.execute(UPSERT, &args).await.map(drop)
}

/// Until when what is known of the client may be used.
pub async fn find(q: &mut impl Query, id: &ClientId) -> Result<Option<Timestamp>, StorageError> {
    let row = q.fetch_optional(FIND, &[id.as_str().into()]).await?;
    row.map(|row| Columns::new("client_documents", &row).instant("fresh_until"))
        .transpose()
}
