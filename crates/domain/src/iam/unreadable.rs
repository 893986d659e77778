//! Stored policies that are none any more, for whoever looks after the server.
//! Changes nothing: whoever has one is denied everything until it is detached.

use policy::Document;
use storage::Database;

use crate::fault::Fault;

const AT_ONCE: i64 = 500;

/// The ids of the rows whose text is no policy.
///
/// # Errors
/// Storage.
pub async fn unreadable_policies(database: &Database) -> Result<Vec<String>, Fault> {
    let (mut found, mut after) = (Vec::new(), String::new());
    let mut reader = database.read().await?;
    loop {
        let some = storage::iam_policies::list_all(&mut reader, &after, AT_ONCE).await?;
        let Some(last) = some.last() else {
            return Ok(found);
        };
        after = last.id.to_string();
        let broken = some
            .iter()
            .filter(|policy| Document::parse(&policy.document).is_err());
        found.extend(broken.map(|policy| policy.id.to_string()));
    }
}
