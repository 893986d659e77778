//! Clients that came and were never used are forgotten.
//! Refuses to forget one that anybody has given something to.

use model::Ctx;
use model::audit::Actor;
use storage::StorageError;

use crate::authority::Authority;
use crate::clients::delete::erase_by;
use crate::fault::Fault;

/// Per transaction.
const AT_ONCE: i64 = 50;

impl Authority {
    pub(crate) async fn forget_strangers(&self, ctx: &Ctx) -> Result<u64, Fault> {
        let before = ctx.now.minus(self.settings.strangers.unused_after);
        let mut forgotten = 0;
        loop {
            let (at, settings) = (ctx.clone(), self.settings.clone());
            let some = self.database.write::<_, StorageError, _>(move |w| {
                Box::pin(async move {
                    let unused = storage::clients::list_unused(w, before, AT_ONCE).await?;
                    for id in &unused {
                        erase_by(w, &at, id, &settings, Actor::System).await?;
                    }
                    Ok(unused.len() as u64)
                })
            });
            let some = some.await?;
            forgotten += some;
            if some < AT_ONCE as u64 {
                break;
            }
        }
        if forgotten > 0 {
            self.catch_up().await?;
        }
        Ok(forgotten)
    }
}
