//! Letters about keys that end soon: a week and a day before, each once.
//! Refuses to bother anybody about keys that were made for no longer than that, or have a successor.

use model::Ctx;
use model::api_key::{ApiKey, DAY};
use model::user::User;
use storage::Writer;

use crate::authority::Authority;
use crate::fault::Fault;
use crate::jobs::Job;
use crate::mail::{Letter, Message};

/// The latest first, so that a key that is found late gets one letter.
const TOLD: [u32; 2] = [1, 7];
const AT_ONCE: i64 = 200;

impl Authority {
    /// Asks for the letters that are due; tells how many. Replicas may run it side by side.
    ///
    /// # Errors
    /// Storage; what was asked for before stays.
    pub async fn notify_ending_keys(&self, ctx: &Ctx) -> Result<usize, Fault> {
        let mut told = 0;
        for days in TOLD {
            let until = ctx.now.plus(DAY.saturating_mul(days));
            loop {
                let mut reader = self.database.read().await?;
                let span = (ctx.now, until);
                let keys =
                    storage::api_keys::list_ending(&mut reader, span, i64::from(days), AT_ONCE).await?;
                drop(reader);
                let found = keys.len();
                told += self.tell_of(ctx, keys, i64::from(days)).await?;
                if i64::try_from(found).is_ok_and(|found| found < AT_ONCE) {
                    break;
                }
            }
        }
        if told > 0 {
            self.ring();
        }
        Ok(told)
    }

    async fn tell_of(&self, ctx: &Ctx, keys: Vec<ApiKey>, days: i64) -> Result<usize, Fault> {
        let (authority, at) = (self.clone(), ctx.clone());
        let work = self.database.write::<_, Fault, _>(move |w| {
            Box::pin(async move {
                let mut told = 0;
                for key in keys {
                    if storage::api_keys::tell(w, key.id, days).await? {
                        told += usize::from(authority.write_of(w, &at, &key).await?);
                    }
                }
                Ok(told)
            })
        });
        work.await
    }

    async fn write_of(&self, w: &mut Writer, ctx: &Ctx, key: &ApiKey) -> Result<bool, Fault> {
        let owner = storage::users::find_by_id(w, key.user_id).await?;
        let Some(owner) = owner.filter(|owner| owner.disabled_at.is_none()) else {
            return Ok(false);
        };
        self.enqueue(w, ctx, &Job::Send(letter(ctx, &owner, key))).await?;
        Ok(true)
    }
}

fn letter(ctx: &Ctx, owner: &User, key: &ApiKey) -> Letter {
    let message = Message::ApiKeyEnds {
        name: key.name.to_string(),
        prefix: key.prefix.clone(),
        ends_at: key.expires_at,
    };
    Letter::to_user(ctx, owner, message)
}
