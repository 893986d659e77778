//! Licences that have come to their end: whoever remembers what they gave is told, once.
//! Refuses to end anything: that the clock has done.

use model::Ctx;
use model::audit::Actor;
use model::revocation::RevocationTarget;
use serde_json::json;
use storage::StorageError;

use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::revocation;

const AT_ONCE: i64 = 100;

impl Authority {
    /// Appends the facts of each account whose licence has ended since the last call to the log; tells how many.
    ///
    /// # Errors
    /// Storage.
    pub async fn tell_ended_licences(&self, ctx: &Ctx) -> Result<usize, Fault> {
        let mut told = 0;
        loop {
            let (authority, at) = (self.clone(), ctx.clone());
            let work = self.database.write::<_, StorageError, _>(move |w| {
                Box::pin(async move {
                    let accounts = storage::licences::take_ended(w, at.now, AT_ONCE).await?;
                    for account in &accounts {
                        let happened = Happened {
                            actor: Actor::System,
                            action: "licence.expired",
                            target: Some(account.to_string()),
                            detail: json!({ "account": account }),
                        };
                        record(w, &at, happened).await?;
                    }
                    for account in &accounts {
                        let target = RevocationTarget::facts_of_account(account.clone());
                        revocation::append(w, &authority.settings, &at, target).await?;
                    }
                    Ok(accounts.len())
                })
            });
            let count = work.await?;
            told += count;
            if count > 0 {
                self.catch_up().await?;
            }
            if i64::try_from(count).is_ok_and(|count| count < AT_ONCE) {
                return Ok(told);
            }
        }
    }
}
