//! What administrators do with clients: look for them, change the harmless part of their settings, shut them and let them in.
//! Refuses what belongs to the configuration or comes with the server, and to make a client mightier than it was registered.

use model::audit::Actor;
use model::client::{Client, ClientSettings, ClientSource, GrantType};
use model::grant::GrantEnd;
use model::revocation::RevocationTarget;
use model::{ClientId, Ctx};
use oauth::scope::ScopeSet;
use serde_json::json;
pub use storage::client_directory::ListedClient;
use storage::{StorageError, Writer};

use super::check::{ClientProblem, problems};
use super::delete::{ChangeClientError, changeable};
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::people::AdministrationError;
use crate::people::administration::require_administrator;
use crate::revocation;

/// Clients on a page of a search.
pub const PER_PAGE: i64 = 50;

/// Why a client was not changed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateClientError {
    #[error(transparent)]
    Unchangeable(#[from] ChangeClientError),
    #[error("what is known of this client is published by itself")]
    Published,
    #[error("somebody else has changed the client meanwhile")]
    Outdated,
    #[error("only administrators do this")]
    NotAdministrator,
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<ClientProblem>),
}

impl From<StorageError> for UpdateClientError {
    fn from(error: StorageError) -> Self {
        Self::Unchangeable(error.into())
    }
}

impl From<Fault> for UpdateClientError {
    fn from(error: Fault) -> Self {
        Self::Unchangeable(error.into())
    }
}

impl From<AdministrationError> for UpdateClientError {
    fn from(error: AdministrationError) -> Self {
        match error {
            AdministrationError::Fault(fault) => fault.into(),
            _ => Self::NotAdministrator,
        }
    }
}

/// What may be changed of a client once it is there. How it proves itself, whether people are asked, and what it may
/// introspect stay as they were registered.
#[derive(Clone, Debug)]
pub struct ClientChange {
    pub name: String,
    pub redirect_uris: Vec<String>,
    pub post_logout_redirect_uris: Vec<String>,
    pub grant_types: Vec<GrantType>,
    pub scopes: ScopeSet,
    pub resources: Vec<String>,
    pub require_pkce: bool,
    pub access_ttl_seconds: Option<u64>,
    pub refresh_ttl_seconds: Option<u64>,
}

impl ClientChange {
    /// The settings with what is changed about them.
    #[must_use]
    pub fn onto(self, settings: ClientSettings) -> ClientSettings {
        ClientSettings {
            redirect_uris: self.redirect_uris,
            post_logout_redirect_uris: self.post_logout_redirect_uris,
            grant_types: self.grant_types,
            scopes: self.scopes,
            resources: self.resources,
            require_pkce: self.require_pkce,
            access_ttl_seconds: self.access_ttl_seconds,
            refresh_ttl_seconds: self.refresh_ttl_seconds,
            ..settings
        }
    }
}

impl Authority {
    /// A page, from 1, of the clients whose id or name contains the text, and of this source where one is named; whether there
    /// is another page.
    ///
    /// # Errors
    /// Storage.
    pub async fn search_clients(
        &self,
        (q, source): (&str, Option<ClientSource>),
        page: i64,
    ) -> Result<(Vec<ListedClient>, bool), Fault> {
        let skip = (page.clamp(1, 10_000) - 1) * PER_PAGE;
        let source = source.map_or("", ClientSource::as_str);
        let mut reader = self.database.read().await?;
        let among = (q.trim(), source);
        let mut found = storage::client_directory::search(&mut reader, among, (PER_PAGE + 1, skip)).await?;
        let has_more = found.len() as i64 > PER_PAGE;
        found.truncate(PER_PAGE as usize);
        Ok((found, has_more))
    }

    /// A client, also one that is shut.
    ///
    /// # Errors
    /// Storage.
    pub async fn find_listed_client(&self, id: &str) -> Result<Option<ListedClient>, Fault> {
        let Ok(id) = id.parse::<ClientId>() else {
            return Ok(None);
        };
        let mut reader = self.database.read().await?;
        Ok(storage::client_directory::find(&mut reader, &id).await?)
    }

    /// The client as it is then. `before` is the client whose change was asked for. What it has been granted stays, but nothing
    /// beyond the new scopes is granted any more.
    ///
    /// # Errors
    /// See [`UpdateClientError`].
    pub async fn update_client(
        &self,
        ctx: &Ctx,
        before: &Client,
        change: ClientChange,
        by: Actor,
    ) -> Result<Client, UpdateClientError> {
        changeable(before)?;
        if before.source == ClientSource::Document {
            return Err(UpdateClientError::Published);
        }
        let as_of = before.updated_at;
        let after = Client {
            name: change.name.clone(),
            // Two changes within a microsecond would not know of each other.
            updated_at: ctx.now.max(as_of.plus(std::time::Duration::from_micros(1))),
            settings: change.onto(before.settings.clone()),
            ..before.clone()
        };
        let problems = problems(&after.settings, &self.settings.registry);
        if !problems.is_empty() {
            return Err(UpdateClientError::Invalid(problems));
        }
        let (at, row) = (ctx.clone(), after.clone());
        let work = self.database.write::<_, UpdateClientError, _>(move |w| {
            Box::pin(async move {
                require_administrator(w, &by).await?;
                if !storage::client_directory::update(w, &row, as_of).await? {
                    return Err(UpdateClientError::Outdated);
                }
                let happened = Happened {
                    actor: by,
                    action: "client.changed",
                    target: Some(row.id.to_string()),
                    detail: json!({ "name": row.name, "redirect_uris": row.settings.redirect_uris, "scopes": row.settings.scopes.to_string() }),
                };
                Ok(record(w, &at, happened).await?)
            })
        });
        work.await?;
        self.catch_up().await?;
        Ok(after)
    }

    /// Ends everything the client was given and lets it do nothing more; false when it was so already.
    ///
    /// # Errors
    /// See [`UpdateClientError`].
    pub async fn disable_client(
        &self,
        ctx: &Ctx,
        id: &ClientId,
        by: Actor,
    ) -> Result<bool, UpdateClientError> {
        self.switch_client(ctx, id, (false, by)).await
    }

    /// Lets the client in again; what it had stays ended. False when it was not shut.
    ///
    /// # Errors
    /// See [`UpdateClientError`].
    pub async fn enable_client(
        &self,
        ctx: &Ctx,
        id: &ClientId,
        by: Actor,
    ) -> Result<bool, UpdateClientError> {
        self.switch_client(ctx, id, (true, by)).await
    }

    async fn switch_client(
        &self,
        ctx: &Ctx,
        id: &ClientId,
        (on, by): (bool, Actor),
    ) -> Result<bool, UpdateClientError> {
        let (authority, at, id) = (self.clone(), ctx.clone(), id.clone());
        let work = self.database.write::<_, UpdateClientError, _>(move |w| {
            Box::pin(async move {
                require_administrator(w, &by).await?;
                let found = storage::client_directory::find(w, &id).await?;
                let client = found.ok_or(ChangeClientError::Unknown)?.client;
                changeable(&client)?;
                Ok(match on {
                    true => let_in(w, &at, (&id, by)).await?,
                    false => authority.shut(w, &at, (&id, by)).await?,
                })
            })
        });
        let changed = work.await?;
        self.catch_up().await?;
        Ok(changed)
    }

    async fn shut(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        (id, by): (&ClientId, Actor),
    ) -> Result<bool, StorageError> {
        if !storage::client_directory::disable(w, id, ctx.now).await? {
            return Ok(false);
        }
        let grants = storage::grants::end_of_client(w, id, GrantEnd::ClientDeleted, ctx.now).await?;
        let happened = Happened {
            actor: by,
            action: "client.disabled",
            target: Some(id.to_string()),
            detail: json!({ "grants": grants }),
        };
        record(w, ctx, happened).await?;
        let target = RevocationTarget::Client(id.clone(), ctx.now);
        revocation::append(w, &self.settings, ctx, target).await?;
        Ok(true)
    }
}

async fn let_in(w: &mut Writer, ctx: &Ctx, (id, by): (&ClientId, Actor)) -> Result<bool, StorageError> {
    let enabled = storage::client_directory::enable(w, id, ctx.now).await?;
    if enabled {
        let happened = Happened {
            actor: by,
            action: "client.enabled",
            target: Some(id.to_string()),
            detail: json!({}),
        };
        record(w, ctx, happened).await?;
    }
    Ok(enabled)
}
