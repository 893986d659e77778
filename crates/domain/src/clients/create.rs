//! Registering a client by hand.
//! Refuses ids that exist or existed, and shows the secret this one time only.

use model::audit::Actor;
use model::client::{Client, ClientSettings, ClientSource};
use model::{ClientId, Ctx, PlainSecret};
use oauth::client_auth::ClientAuthMethod;
use oauth::opaque::OpaqueKind;
use serde_json::json;
use storage::StorageError;

use super::check::{ClientProblem, problems};
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::oauth::is_first_party;
use crate::people::AdministrationError;
use crate::people::administration::require_administrator;

#[derive(Clone, Debug)]
pub struct NewClient {
    pub id: ClientId,
    pub name: String,
    pub settings: ClientSettings,
}

pub struct CreatedClient {
    pub client: Client,
    /// For the methods that use one; not to be had again.
    pub secret: Option<PlainSecret>,
}

#[derive(Debug, thiserror::Error)]
pub enum CreateClientError {
    #[error("a client with this id exists or existed")]
    IdTaken,
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<ClientProblem>),
    #[error("only administrators do this")]
    NotAdministrator,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<AdministrationError> for CreateClientError {
    fn from(error: AdministrationError) -> Self {
        match error {
            AdministrationError::Fault(fault) => Self::Fault(fault),
            _ => Self::NotAdministrator,
        }
    }
}

impl From<StorageError> for CreateClientError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::UniqueViolation => Self::IdTaken,
            other => Self::Fault(other.into()),
        }
    }
}

impl Authority {
    /// By the operator.
    ///
    /// # Errors
    /// As [`CreateClientError`] says.
    pub async fn create_client(&self, ctx: &Ctx, new: NewClient) -> Result<CreatedClient, CreateClientError> {
        self.create_client_by(ctx, new, Actor::Operator).await
    }

    /// By the operator or an administrator.
    ///
    /// # Errors
    /// As [`CreateClientError`] says.
    pub async fn create_client_by(
        &self,
        ctx: &Ctx,
        new: NewClient,
        by: Actor,
    ) -> Result<CreatedClient, CreateClientError> {
        let problems = problems(&new.settings, &self.settings.registry);
        if is_first_party(&new.id) {
            return Err(CreateClientError::IdTaken);
        }
        if !problems.is_empty() {
            return Err(CreateClientError::Invalid(problems));
        }
        let client = Client {
            id: new.id,
            name: new.name,
            source: ClientSource::Managed,
            settings: new.settings,
            created_at: ctx.now,
            updated_at: ctx.now,
            deleted_at: None,
        };
        let secret = uses_secret(&client.settings)
            .then(|| PlainSecret::generate(OpaqueKind::ClientSecret, ctx.random.as_ref()));
        let (row, digest, at) = (
            client.clone(),
            secret.as_ref().map(PlainSecret::digest),
            ctx.clone(),
        );
        self.database
            .write::<_, CreateClientError, _>(move |w| {
                Box::pin(async move {
                    require_administrator(w, &by).await?;
                    storage::clients::insert(w, &row).await?;
                    if let Some(digest) = digest {
                        storage::clients::replace_secret(w, &row.id, &digest, at.now, at.now).await?;
                    }
                    let (actor, target) = (by, Some(row.id.to_string()));
                    let detail = json!({"name": row.name});
                    Ok(record(
                        w,
                        &at,
                        Happened {
                            actor,
                            action: "client.created",
                            target,
                            detail,
                        },
                    )
                    .await?)
                })
            })
            .await?;
        self.catch_up().await?;
        Ok(CreatedClient { client, secret })
    }
}

pub(in crate::clients) fn uses_secret(settings: &ClientSettings) -> bool {
    matches!(
        settings.auth_method,
        ClientAuthMethod::ClientSecretBasic | ClientAuthMethod::ClientSecretPost
    )
}
