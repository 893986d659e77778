//! Everything the stand-in remembers, behind one lock.
//! Never waits: events to send are handed over, not sent.

mod authorization;
mod directory;
mod event;
mod installation;
mod journal;

use std::collections::{BTreeMap, BTreeSet};

use tokio::sync::mpsc;

pub(crate) use self::authorization::{Code, Issued, UserToken};
pub(crate) use self::directory::{Account, AccountKind, Client};
pub(crate) use self::installation::{InstallationToken, Installed};
pub(crate) use self::journal::Journal;

use crate::bounded::Bounded;
use crate::change::ChangeError;
use crate::fault::Faults;
use crate::people::Person;
use crate::rate::Rates;
use crate::scope::Scopes;
use crate::settings::{GithubApp, OauthApp, Settings};
use crate::webhook::Delivery;

const MAX_CODES: usize = 1_000;
const MAX_TOKENS: usize = 5_000;
const MAX_SESSIONS: usize = 1_000;
const MAX_ACCOUNTS: usize = 2_000;
const MAX_REPOSITORIES: usize = 5_000;
const MAX_INSTALLATIONS: usize = 1_000;
/// Numbers below it are free for tests that choose their own.
const FIRST_NUMBER: u64 = 100_000;

/// The addresses that answers point to.
#[derive(Clone)]
pub(crate) struct Base {
    pub(crate) web: String,
    pub(crate) api: String,
}

/// An organization whose members are known by number.
pub(crate) struct Team {
    pub(crate) login: String,
    pub(crate) members: BTreeSet<u64>,
}

/// A repository whose owner is known by number.
pub(crate) struct Stored {
    pub(crate) id: u64,
    pub(crate) owner: u64,
    pub(crate) name: String,
    pub(crate) private: bool,
}

/// The memory.
pub(crate) struct World {
    pub(crate) base: Base,
    pub(crate) oauth_apps: Vec<OauthApp>,
    pub(crate) github_apps: Vec<GithubApp>,
    pub(crate) people: BTreeMap<u64, Person>,
    pub(crate) teams: BTreeMap<u64, Team>,
    pub(crate) repositories: BTreeMap<u64, Stored>,
    pub(crate) installations: BTreeMap<u64, Installed>,
    pub(crate) faults: Faults,
    pub(crate) rates: Rates,
    pub(crate) journal: Journal,
    pub(crate) started_at: i64,
    codes: Bounded<Code>,
    user_tokens: Bounded<UserToken>,
    refresh_tokens: Bounded<authorization::RefreshToken>,
    installation_tokens: Bounded<InstallationToken>,
    grants: BTreeMap<(u64, String), Scopes>,
    sessions: Bounded<u64>,
    next_number: u64,
    outbox: mpsc::Sender<Delivery>,
}

impl World {
    /// A world without anybody in it.
    pub(crate) fn new(base: Base, outbox: mpsc::Sender<Delivery>, now: i64) -> Self {
        Self {
            base,
            oauth_apps: Vec::new(),
            github_apps: Vec::new(),
            people: BTreeMap::new(),
            teams: BTreeMap::new(),
            repositories: BTreeMap::new(),
            installations: BTreeMap::new(),
            faults: Faults::default(),
            rates: Rates::default(),
            journal: Journal::default(),
            started_at: now,
            codes: Bounded::new(MAX_CODES),
            user_tokens: Bounded::new(MAX_TOKENS),
            refresh_tokens: Bounded::new(MAX_TOKENS),
            installation_tokens: Bounded::new(MAX_TOKENS),
            grants: BTreeMap::new(),
            sessions: Bounded::new(MAX_SESSIONS),
            next_number: FIRST_NUMBER,
            outbox,
        }
    }

    /// Adds what the settings name, and announces nothing.
    pub(crate) fn populate(&mut self, settings: Settings, now: i64) -> Result<(), ChangeError> {
        self.oauth_apps.extend(settings.oauth_apps);
        self.github_apps.extend(settings.github_apps);
        for person in settings.people {
            self.add_person(person)?;
        }
        for organization in settings.organizations {
            self.add_organization(organization)?;
        }
        for repository in settings.repositories {
            self.add_repository(repository)?;
        }
        for installation in settings.installations {
            self.add_installation(&installation, now)?;
        }
        Ok(())
    }

    fn number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number
    }
}
