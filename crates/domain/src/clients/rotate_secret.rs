//! A new secret, while the old one lives on for an overlap.
//! Refuses to leave more than the overlap for the change-over.

use std::time::Duration;

use model::audit::Actor;
use model::{Ctx, PlainSecret};
use oauth::opaque::OpaqueKind;
use serde_json::json;

use super::create::uses_secret;
use super::delete::{ChangeClientError, changeable};
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::people::administration::require_administrator;

impl Authority {
    /// By the operator.
    ///
    /// # Errors
    /// When there is no such client, it belongs to the configuration, or its method uses no secret.
    pub async fn rotate_client_secret(
        &self,
        ctx: &Ctx,
        id: &str,
        overlap: Duration,
    ) -> Result<PlainSecret, ChangeClientError> {
        self.rotate_client_secret_by(ctx, id, overlap, Actor::Operator)
            .await
    }

    /// By the operator or an administrator.
    ///
    /// # Errors
    /// When there is no such client, it belongs to the configuration, or its method uses no secret.
    pub async fn rotate_client_secret_by(
        &self,
        ctx: &Ctx,
        id: &str,
        overlap: Duration,
        by: Actor,
    ) -> Result<PlainSecret, ChangeClientError> {
        let client = self.find_client(id).await?.ok_or(ChangeClientError::Unknown)?;
        changeable(&client)?;
        if !uses_secret(&client.settings) {
            return Err(ChangeClientError::NoSecret);
        }
        let secret = PlainSecret::generate(OpaqueKind::ClientSecret, ctx.random.as_ref());
        let (digest, at, others_until) = (secret.digest(), ctx.clone(), ctx.now.plus(overlap));
        self.database
            .write::<_, ChangeClientError, _>(move |w| {
                Box::pin(async move {
                    require_administrator(w, &by).await?;
                    storage::clients::replace_secret(w, &client.id, &digest, at.now, others_until).await?;
                    let (actor, target) = (by, Some(client.id.to_string()));
                    let detail = json!({"old_until": others_until.to_string()});
                    Ok(record(
                        w,
                        &at,
                        Happened {
                            actor,
                            action: "client.secret_rotated",
                            target,
                            detail,
                        },
                    )
                    .await?)
                })
            })
            .await?;
        self.catch_up().await?;
        Ok(secret)
    }
}
