//! Who and what exists: accounts by number and by login, clients by name, repositories by owner.
//! Never gives one login to two accounts.

use std::collections::BTreeSet;

use url::Url;

use super::{MAX_ACCOUNTS, MAX_REPOSITORIES, Stored, Team, World};
use crate::callback::Rule;
use crate::change::ChangeError;
use crate::people::{Email, Organization, Person, Repository};
use crate::settings::GithubApp;

/// What an account is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AccountKind {
    User,
    Organization,
}

/// A person or an organization.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) id: u64,
    pub(crate) login: String,
    pub(crate) kind: AccountKind,
}

/// An OAuth app, or the OAuth side of a GitHub App.
pub(crate) struct Client<'a> {
    pub(crate) id: &'a str,
    pub(crate) secret: &'a str,
    pub(crate) callbacks: &'a [Url],
    pub(crate) app: Option<&'a GithubApp>,
}

impl Client<'_> {
    /// The rule for its callback addresses.
    pub(crate) const fn rule(&self) -> Rule {
        if self.app.is_some() {
            Rule::Equals
        } else {
            Rule::Extends
        }
    }
}

impl World {
    pub(crate) fn client(&self, id: &str) -> Option<Client<'_>> {
        let oauth = self.oauth_apps.iter().find(|app| app.client_id == id);
        if let Some(app) = oauth {
            return Some(Client {
                id: &app.client_id,
                secret: &app.client_secret,
                callbacks: &app.callback_urls,
                app: None,
            });
        }
        let app = self.github_apps.iter().find(|app| app.client_id == id)?;
        Some(Client {
            id: &app.client_id,
            secret: &app.client_secret,
            callbacks: &app.callback_urls,
            app: Some(app),
        })
    }

    pub(crate) fn app(&self, id: u64) -> Option<&GithubApp> {
        self.github_apps.iter().find(|app| app.id == id)
    }

    pub(crate) fn app_by_slug(&self, slug: &str) -> Option<&GithubApp> {
        self.github_apps.iter().find(|app| app.slug == slug)
    }

    pub(crate) fn app_by_slug_mut(&mut self, slug: &str) -> Option<&mut GithubApp> {
        self.github_apps.iter_mut().find(|app| app.slug == slug)
    }

    pub(crate) fn account(&self, id: u64) -> Option<Account> {
        let person = self
            .people
            .get(&id)
            .map(|person| (&person.login, AccountKind::User));
        let team = || {
            self.teams
                .get(&id)
                .map(|team| (&team.login, AccountKind::Organization))
        };
        let (login, kind) = person.or_else(team)?;
        Some(Account {
            id,
            login: login.clone(),
            kind,
        })
    }

    /// Logins compare without case.
    pub(crate) fn account_by_login(&self, login: &str) -> Option<Account> {
        self.accounts()
            .find(|account| account.login.eq_ignore_ascii_case(login))
    }

    /// People first, then organizations, each by number.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = Account> {
        let ids = self.people.keys().chain(self.teams.keys());
        ids.filter_map(|id| self.account(*id))
    }

    pub(crate) fn person_id(&self, login: &str) -> Result<u64, ChangeError> {
        self.account_by_login(login)
            .filter(|account| account.kind == AccountKind::User)
            .map(|account| account.id)
            .ok_or_else(|| ChangeError::UnknownPerson(login.to_owned()))
    }

    pub(crate) fn add_person(&mut self, mut person: Person) -> Result<u64, ChangeError> {
        person.id = self.account_number(person.id, &person.login)?;
        let id = person.id;
        self.people.insert(id, person);
        Ok(id)
    }

    pub(crate) fn add_organization(&mut self, organization: Organization) -> Result<u64, ChangeError> {
        let members = organization.members.iter().map(|login| self.person_id(login));
        let members: BTreeSet<u64> = members.collect::<Result<_, _>>()?;
        let id = self.account_number(organization.id, &organization.login)?;
        let login = organization.login;
        self.teams.insert(id, Team { login, members });
        Ok(id)
    }

    pub(crate) fn add_repository(&mut self, repository: Repository) -> Result<u64, ChangeError> {
        if self.repositories.len() >= MAX_REPOSITORIES {
            return Err(ChangeError::Full);
        }
        let owner = self
            .account_by_login(&repository.owner)
            .ok_or_else(|| ChangeError::UnknownAccount(repository.owner.clone()))?;
        let id = match repository.id {
            0 => self.number(),
            id if self.repositories.contains_key(&id) => return Err(ChangeError::NumberTaken(id)),
            id => id,
        };
        let stored = Stored {
            id,
            owner: owner.id,
            name: repository.name,
            private: repository.private,
        };
        self.repositories.insert(id, stored);
        Ok(id)
    }

    pub(crate) fn rename_person(&mut self, login: &str, to: &str) -> Result<(), ChangeError> {
        let id = self.person_id(login)?;
        if self.account_by_login(to).is_some_and(|other| other.id != id) {
            return Err(ChangeError::LoginTaken(to.to_owned()));
        }
        if let Some(person) = self.people.get_mut(&id) {
            to.clone_into(&mut person.login);
        }
        Ok(())
    }

    pub(crate) fn set_emails(&mut self, login: &str, emails: Vec<Email>) -> Result<(), ChangeError> {
        let id = self.person_id(login)?;
        if let Some(person) = self.people.get_mut(&id) {
            person.emails = emails;
        }
        Ok(())
    }

    /// Deletes the person with all that hangs on it; installations end with their event.
    pub(crate) fn delete_person(&mut self, login: &str, now: i64) -> Result<(), ChangeError> {
        let id = self.person_id(login)?;
        let installations = self
            .installations
            .values()
            .filter(|installed| installed.account == id);
        for installation in installations.map(|installed| installed.id).collect::<Vec<_>>() {
            self.delete_installation(installation, now)?;
        }
        self.forget_authorizations(id);
        self.repositories.retain(|_, repository| repository.owner != id);
        for team in self.teams.values_mut() {
            team.members.remove(&id);
        }
        self.people.remove(&id);
        Ok(())
    }

    pub(crate) fn full_name(&self, repository: &Stored) -> String {
        let owner = self.account(repository.owner).map(|owner| owner.login);
        format!("{}/{}", owner.unwrap_or_default(), repository.name)
    }

    fn account_number(&mut self, wanted: u64, login: &str) -> Result<u64, ChangeError> {
        if self.people.len() + self.teams.len() >= MAX_ACCOUNTS {
            return Err(ChangeError::Full);
        }
        if self.account_by_login(login).is_some() {
            return Err(ChangeError::LoginTaken(login.to_owned()));
        }
        match wanted {
            0 => Ok(self.number()),
            id if self.account(id).is_some() => Err(ChangeError::NumberTaken(id)),
            id => Ok(id),
        }
    }
}
