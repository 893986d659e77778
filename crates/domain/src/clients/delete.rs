//! The end of a client and of everything it was given.
//! Refuses to free its id: ids are never reused.

use model::audit::Actor;
use model::client::{Client, ClientSource};
use model::grant::GrantEnd;
use model::revocation::RevocationTarget;
use model::{ClientId, Ctx};
use serde_json::json;
use storage::{StorageError, Writer};

use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::people::AdministrationError;
use crate::people::administration::require_administrator;
use crate::revocation;
use crate::settings::Settings;

#[derive(Debug, thiserror::Error)]
pub enum ChangeClientError {
    #[error("there is no such client")]
    Unknown,
    #[error("this client is managed by the configuration file")]
    Configured,
    #[error("this client comes with the server")]
    BuiltIn,
    #[error("this client's authentication method uses no secret")]
    NoSecret,
    #[error("only administrators do this")]
    NotAdministrator,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<AdministrationError> for ChangeClientError {
    fn from(error: AdministrationError) -> Self {
        match error {
            AdministrationError::Fault(fault) => Self::Fault(fault),
            _ => Self::NotAdministrator,
        }
    }
}

impl From<StorageError> for ChangeClientError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

impl Authority {
    /// By the operator.
    ///
    /// # Errors
    /// When there is no such client or it belongs to the configuration.
    pub async fn delete_client(&self, ctx: &Ctx, id: &str) -> Result<(), ChangeClientError> {
        self.delete_client_by(ctx, id, Actor::Operator).await
    }

    /// By the operator or an administrator; also a client that is shut.
    ///
    /// # Errors
    /// When there is no such client or it belongs to the configuration.
    pub async fn delete_client_by(&self, ctx: &Ctx, id: &str, by: Actor) -> Result<(), ChangeClientError> {
        let found = self.find_listed_client(id).await?;
        let client = found.ok_or(ChangeClientError::Unknown)?.client;
        changeable(&client)?;
        let (at, settings) = (ctx.clone(), self.settings.clone());
        self.database
            .write::<_, ChangeClientError, _>(move |w| {
                Box::pin(async move {
                    require_administrator(w, &by).await?;
                    Ok(erase_by(w, &at, &client.id, &settings, by).await?)
                })
            })
            .await?;
        self.catch_up().await?;
        Ok(())
    }
}

/// Ends the client, its grants, consents and secrets, and tells the proxies.
pub(super) async fn erase(
    w: &mut Writer,
    ctx: &Ctx,
    id: &ClientId,
    settings: &Settings,
) -> Result<(), StorageError> {
    erase_by(w, ctx, id, settings, Actor::Operator).await
}

/// The same in the name of whoever ends it.
pub(super) async fn erase_by(
    w: &mut Writer,
    ctx: &Ctx,
    id: &ClientId,
    settings: &Settings,
    actor: Actor,
) -> Result<(), StorageError> {
    if !storage::clients::delete(w, id, ctx.now).await? {
        return Ok(());
    }
    storage::client_registrations::delete(w, id).await?;
    storage::consents::delete_of_client(w, id).await?;
    let grants = storage::grants::end_of_client(w, id, GrantEnd::ClientDeleted, ctx.now).await?;
    let (target, detail) = (Some(id.to_string()), json!({"grants": grants}));
    record(
        w,
        ctx,
        Happened {
            actor,
            action: "client.deleted",
            target,
            detail,
        },
    )
    .await?;
    let target = RevocationTarget::Client(id.clone(), ctx.now);
    revocation::append(w, settings, ctx, target).await
}

/// Whether the client may be changed by hand.
pub(super) fn changeable(client: &Client) -> Result<(), ChangeClientError> {
    match client.source {
        ClientSource::Managed | ClientSource::Registered | ClientSource::Document => Ok(()),
        ClientSource::Config => Err(ChangeClientError::Configured),
        ClientSource::BuiltIn => Err(ChangeClientError::BuiltIn),
    }
}
