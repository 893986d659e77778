//! What an operator gives to those who may register clients (RFC 7591 §3).

use std::time::Duration;

use model::audit::Actor;
use model::{Ctx, PlainSecret};
use oauth::opaque::OpaqueKind;
use serde_json::json;

use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;

impl Authority {
    /// A token that registers `uses` clients within `ttl`; not to be had again.
    ///
    /// # Errors
    /// Storage.
    pub async fn create_initial_access_token(
        &self,
        ctx: &Ctx,
        uses: u32,
        ttl: Duration,
    ) -> Result<PlainSecret, Fault> {
        let token = PlainSecret::generate(OpaqueKind::InitialAccess, ctx.random.as_ref());
        let (digest, at, until) = (token.digest(), ctx.clone(), ctx.now.plus(ttl));
        self.database
            .write::<_, Fault, _>(move |w| {
                Box::pin(async move {
                    storage::client_registrations::insert_initial(w, &digest, i64::from(uses), until).await?;
                    let happened = Happened {
                        actor: Actor::Operator,
                        action: "initial_access_token.created",
                        target: None,
                        detail: json!({"uses": uses, "until": until.to_string()}),
                    };
                    Ok(record(w, &at, happened).await?)
                })
            })
            .await?;
        Ok(token)
    }
}
