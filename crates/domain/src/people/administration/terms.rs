//! What users of an older version are found by, made after the fact.
//! Refuses to hold the database up: a few hundred users in one transaction.

use storage::StorageError;

use crate::authority::Authority;
use crate::fault::Fault;

const AT_ONCE: i64 = 200;

impl Authority {
    /// Makes the terms that are due; tells of how many users.
    ///
    /// # Errors
    /// Storage; what was made stays.
    pub async fn make_due_terms(&self) -> Result<usize, Fault> {
        let mut made = 0;
        loop {
            let work = self.database.write::<_, StorageError, _>(move |w| {
                Box::pin(async move { storage::user_directory::make_due_terms(w, AT_ONCE).await })
            });
            match work.await? {
                0 => return Ok(made),
                some => made += some,
            }
        }
    }
}
