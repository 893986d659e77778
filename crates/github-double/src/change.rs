//! Changes to the world from outside GitHub's interface: as people do in its settings, and as tests need.
//! Each one is made whole or not at all.

use serde::Deserialize;

use crate::people::{Email, Organization, Person, Repository};
use crate::settings::Installation;
use crate::shared::Shared;
use crate::{Endpoint, Fault};

/// Why a change was not made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// No person has this login.
    #[error("no person {0}")]
    UnknownPerson(String),
    /// Neither a person nor an organization has this login.
    #[error("no account {0}")]
    UnknownAccount(String),
    /// No client has this id.
    #[error("no client {0}")]
    UnknownClient(String),
    /// No GitHub App has this slug.
    #[error("no app {0}")]
    UnknownApp(String),
    /// The account has no repository of this name.
    #[error("no repository {0}")]
    UnknownRepository(String),
    /// No installation has this number.
    #[error("no installation {0}")]
    UnknownInstallation(u64),
    /// Another account has this login.
    #[error("login {0} is taken")]
    LoginTaken(String),
    /// Something else has this number.
    #[error("number {0} is taken")]
    NumberTaken(u64),
    /// The account has this app already.
    #[error("already installed")]
    AlreadyInstalled,
    /// There are as many as the stand-in keeps.
    #[error("no room for more")]
    Full,
}

/// One change, as `POST /_double/faults` takes it: a JSON object whose member `do` names it.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {
    /// Sets a fault.
    Fault {
        /// Where it strikes.
        endpoint: Endpoint,
        /// What goes wrong.
        fault: Fault,
        /// For how many requests; until cleared when absent.
        #[serde(default)]
        times: Option<u32>,
    },
    /// Ends all faults.
    ClearFaults,
    /// Moves the stand-in's time forward.
    Advance {
        /// By how much.
        seconds: u32,
    },
    /// Adds a person.
    AddPerson(Person),
    /// Adds an organization.
    AddOrganization(Organization),
    /// Adds a repository.
    AddRepository(Repository),
    /// Gives a person another login.
    RenamePerson {
        /// The old login.
        login: String,
        /// The new one.
        to: String,
    },
    /// Replaces a person's addresses.
    SetEmails {
        /// Whose.
        login: String,
        /// The new addresses.
        emails: Vec<Email>,
    },
    /// Deletes a person with tokens, repositories and installations.
    DeletePerson {
        /// Whom.
        login: String,
    },
    /// Ends what a person has allowed a client, as in the settings of GitHub.
    RevokeAuthorization {
        /// Whose.
        login: String,
        /// Which client's.
        client_id: String,
    },
    /// Installs a GitHub App.
    Install(Installation),
    /// Suspends an installation.
    Suspend {
        /// Its number.
        installation: u64,
    },
    /// Ends a suspension.
    Unsuspend {
        /// The number of the installation.
        installation: u64,
    },
    /// Removes an installation.
    Uninstall {
        /// Its number.
        installation: u64,
    },
    /// Replaces the choice of repositories.
    ChooseRepositories {
        /// The number of the installation.
        installation: u64,
        /// Their names; all of the account's when absent.
        #[serde(default)]
        repositories: Option<Vec<String>>,
    },
}

impl Shared {
    /// Makes the change; answers with the number of what was added.
    pub(crate) fn apply(&self, change: Change) -> Result<Option<u64>, ChangeError> {
        let now = self.clock.now();
        let mut world = self.world();
        match change {
            Change::AddPerson(person) => return world.add_person(person).map(Some),
            Change::AddOrganization(organization) => return world.add_organization(organization).map(Some),
            Change::AddRepository(repository) => return world.add_repository(repository).map(Some),
            Change::Install(installation) => return world.install(&installation, now).map(Some),
            Change::Fault {
                endpoint,
                fault,
                times,
            } => world.faults.arm(endpoint, fault, times),
            Change::ClearFaults => world.faults.clear(),
            Change::Advance { seconds } => self.clock.advance(seconds),
            Change::RenamePerson { login, to } => world.rename_person(&login, &to)?,
            Change::SetEmails { login, emails } => world.set_emails(&login, emails)?,
            Change::DeletePerson { login } => world.delete_person(&login, now)?,
            Change::RevokeAuthorization { login, client_id } => {
                world.revoke_authorization(&login, &client_id)?;
            }
            Change::Suspend { installation } => world.suspend_installation(installation, now)?,
            Change::Unsuspend { installation } => world.unsuspend_installation(installation, now)?,
            Change::Uninstall { installation } => world.delete_installation(installation, now)?,
            Change::ChooseRepositories {
                installation,
                repositories,
            } => world.choose_repositories(installation, repositories.as_deref(), now)?,
        }
        Ok(None)
    }
}
