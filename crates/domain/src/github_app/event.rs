//! What GitHub tells of installations, as signed events.
//! Refuses what is not signed, and takes nothing twice, however often and under whatever name it is delivered.

use model::Ctx;
use model::github_app::{Installation, InstallationId, Repository, RepositorySelection};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use storage::{StorageError, Writer};

use super::GithubAppError;
use crate::authority::Authority;
use crate::fault::Fault;

const LONGEST_DELIVERY: usize = 64;
const LONGEST_NAME: usize = 256;
const MOST_REPOSITORIES: usize = 5000;

/// An event as it came.
#[derive(Clone, Copy)]
pub struct Delivery<'a> {
    /// `X-GitHub-Delivery`
    pub id: &'a str,
    /// `X-GitHub-Event`
    pub event: &'a str,
    /// `X-Hub-Signature-256`
    pub signature: &'a str,
    pub body: &'a [u8],
}

/// What became of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Taken {
    Applied,
    /// It was delivered before.
    Again,
    /// It is of a kind that changes nothing here.
    Ignored,
}

/// Why it was not taken.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    #[error("no GitHub App is configured")]
    NotConfigured,
    #[error("the signature is not GitHub's")]
    Forged,
    #[error("the event is malformed")]
    Malformed,
    #[error(transparent)]
    Fault(#[from] Fault),
}

#[derive(Deserialize)]
struct Event {
    action: String,
    installation: Installed,
    #[serde(default)]
    repositories: Vec<Named>,
    repository_selection: Option<String>,
    #[serde(default)]
    repositories_added: Vec<Named>,
    #[serde(default)]
    repositories_removed: Vec<Named>,
    sender: Option<Numbered>,
}

#[derive(Deserialize)]
struct Installed {
    id: i64,
    account: Option<Account>,
    repository_selection: Option<String>,
}

#[derive(Deserialize)]
struct Account {
    id: i64,
    login: String,
}

#[derive(Deserialize)]
struct Numbered {
    id: i64,
}

#[derive(Deserialize)]
struct Named {
    id: i64,
    full_name: String,
    #[serde(default)]
    private: bool,
}

/// What an event changes.
enum Change {
    Put {
        installation: Installation,
        installed_by: Option<i64>,
        repositories: Vec<Repository>,
    },
    Delete(InstallationId),
    Suspend(InstallationId),
    Resume(InstallationId),
    Reach {
        id: InstallationId,
        selection: RepositorySelection,
        added: Vec<Repository>,
        removed: Vec<i64>,
    },
}

impl Authority {
    /// Applies the event, once.
    ///
    /// # Errors
    /// See [`EventError`].
    pub async fn take_github_event(&self, ctx: &Ctx, delivery: Delivery<'_>) -> Result<Taken, EventError> {
        let app = self.github_app().map_err(|error| match error {
            GithubAppError::Fault(fault) => EventError::Fault(fault),
            _ => EventError::NotConfigured,
        })?;
        if !app.is_genuine(delivery.body, delivery.signature) {
            return Err(EventError::Forged);
        }
        let named = (1..=LONGEST_DELIVERY).contains(&delivery.id.len());
        if !named || !delivery.id.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(EventError::Malformed);
        }
        let Some(change) = change(delivery.event, delivery.body)? else {
            return Ok(Taken::Ignored);
        };
        let id = delivery.id.to_owned();
        // The name is not signed, what it says is: a copy under another name is a copy.
        let digest: [u8; 32] = Sha256::digest(delivery.body).into();
        let at = ctx.clone();
        let work = self.database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move {
                if !storage::github_deliveries::take(w, (&id, &digest), at.now).await? {
                    return Ok(Taken::Again);
                }
                apply(w, &at, change).await?;
                Ok(Taken::Applied)
            })
        });
        Ok(work.await.map_err(Fault::from)?)
    }
}

fn change(event: &str, body: &[u8]) -> Result<Option<Change>, EventError> {
    if !matches!(event, "installation" | "installation_repositories") {
        return Ok(None);
    }
    let told: Event = serde_json::from_slice(body).map_err(|_| EventError::Malformed)?;
    let id = told.installation.id;
    Ok(match (event, told.action.as_str()) {
        ("installation", "created") => {
            let account = told.installation.account.ok_or(EventError::Malformed)?;
            Some(Change::Put {
                installation: Installation {
                    id,
                    account_id: account.id,
                    account: short(&account.login),
                    selection: selection(told.installation.repository_selection.as_deref()),
                    suspended_at: None,
                },
                installed_by: told.sender.map(|sender| sender.id),
                repositories: repositories(told.repositories),
            })
        }
        ("installation", "deleted") => Some(Change::Delete(id)),
        ("installation", "suspend") => Some(Change::Suspend(id)),
        ("installation", "unsuspend") => Some(Change::Resume(id)),
        ("installation_repositories", "added" | "removed") => Some(Change::Reach {
            id,
            selection: selection(told.repository_selection.as_deref()),
            added: repositories(told.repositories_added),
            removed: told.repositories_removed.iter().map(|one| one.id).collect(),
        }),
        _ => None,
    })
}

/// What is not said to be all is chosen.
fn selection(text: Option<&str>) -> RepositorySelection {
    text.and_then(RepositorySelection::parse)
        .unwrap_or(RepositorySelection::Selected)
}

fn repositories(named: Vec<Named>) -> Vec<Repository> {
    let read = |one: Named| Repository {
        id: one.id,
        full_name: short(&one.full_name),
        private: one.private,
    };
    named.into_iter().take(MOST_REPOSITORIES).map(read).collect()
}

fn short(text: &str) -> String {
    let plain = text.chars().filter(|letter| !letter.is_control());
    plain.take(LONGEST_NAME).collect()
}

async fn apply(w: &mut Writer, ctx: &Ctx, change: Change) -> Result<(), StorageError> {
    let now = ctx.now;
    match change {
        Change::Put {
            installation,
            installed_by,
            repositories,
        } => {
            storage::github_installations::put(w, &installation, installed_by, now).await?;
            for repository in &repositories {
                storage::github_repositories::put(w, installation.id, repository).await?;
            }
        }
        Change::Delete(id) => drop(storage::github_installations::delete(w, id).await?),
        Change::Suspend(id) => storage::github_installations::suspend(w, id, Some(now), now).await?,
        Change::Resume(id) => storage::github_installations::suspend(w, id, None, now).await?,
        Change::Reach {
            id,
            selection,
            added,
            removed,
        } => {
            if storage::github_installations::select_repositories(w, id, selection, now).await? {
                for repository in &added {
                    storage::github_repositories::put(w, id, repository).await?;
                }
                for repository in removed {
                    storage::github_repositories::delete(w, id, repository).await?;
                }
            }
        }
    }
    Ok(())
}
