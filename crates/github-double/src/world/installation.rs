//! Apps that accounts have installed, the repositories they reach, and their tokens.
//! A suspended installation keeps its place and loses its tokens.

use std::collections::BTreeSet;

use super::{MAX_INSTALLATIONS, Stored, World};
use crate::change::ChangeError;
use crate::random;
use crate::settings::Installation;

const TOKEN_SECONDS: i64 = 3600;

/// One installation.
#[derive(Clone)]
pub(crate) struct Installed {
    pub(crate) id: u64,
    pub(crate) app: u64,
    pub(crate) account: u64,
    /// The chosen repositories; all of the account's when absent.
    pub(crate) selected: Option<BTreeSet<u64>>,
    pub(crate) suspended_at: Option<i64>,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

/// What a `ghs_` token stands for.
#[derive(Clone)]
pub(crate) struct InstallationToken {
    pub(crate) installation: u64,
    /// The repositories it is limited to; all of the installation's when absent.
    pub(crate) repositories: Option<BTreeSet<u64>>,
    pub(crate) expires_at: i64,
}

impl World {
    /// Installs an app; tells nobody.
    pub(crate) fn add_installation(&mut self, wanted: &Installation, now: i64) -> Result<u64, ChangeError> {
        if self.installations.len() >= MAX_INSTALLATIONS {
            return Err(ChangeError::Full);
        }
        let app = self
            .app_by_slug(&wanted.app)
            .ok_or_else(|| ChangeError::UnknownApp(wanted.app.clone()))?
            .id;
        let account = self
            .account_by_login(&wanted.account)
            .ok_or_else(|| ChangeError::UnknownAccount(wanted.account.clone()))?
            .id;
        if self.installation_of(app, account).is_some() {
            return Err(ChangeError::AlreadyInstalled);
        }
        let selected = match &wanted.repositories {
            None => None,
            Some(names) => Some(self.owned(account, names)?),
        };
        let id = self.number();
        let installed = Installed {
            id,
            app,
            account,
            selected,
            suspended_at: None,
            created_at: now,
            updated_at: now,
        };
        self.installations.insert(id, installed);
        Ok(id)
    }

    /// Installs an app, with the event that GitHub sends.
    pub(crate) fn install(&mut self, wanted: &Installation, now: i64) -> Result<u64, ChangeError> {
        let id = self.add_installation(wanted, now)?;
        self.announce_installation(id, "created");
        Ok(id)
    }

    pub(crate) fn delete_installation(&mut self, id: u64, now: i64) -> Result<(), ChangeError> {
        self.installed_mut(id)?.updated_at = now;
        self.announce_installation(id, "deleted");
        self.installations.remove(&id);
        self.installation_tokens.retain(|token| token.installation != id);
        Ok(())
    }

    pub(crate) fn suspend_installation(&mut self, id: u64, now: i64) -> Result<(), ChangeError> {
        let installed = self.installed_mut(id)?;
        installed.suspended_at = Some(now);
        installed.updated_at = now;
        self.installation_tokens.retain(|token| token.installation != id);
        self.announce_installation(id, "suspend");
        Ok(())
    }

    pub(crate) fn unsuspend_installation(&mut self, id: u64, now: i64) -> Result<(), ChangeError> {
        let installed = self.installed_mut(id)?;
        installed.suspended_at = None;
        installed.updated_at = now;
        self.announce_installation(id, "unsuspend");
        Ok(())
    }

    /// Replaces the choice of repositories, with an event for what came and one for what went.
    pub(crate) fn choose_repositories(
        &mut self,
        id: u64,
        names: Option<&[String]>,
        now: i64,
    ) -> Result<(), ChangeError> {
        let account = self.installed_mut(id)?.account;
        let before = self.reachable(id);
        let selected = match names {
            None => None,
            Some(names) => Some(self.owned(account, names)?),
        };
        let installed = self.installed_mut(id)?;
        installed.selected = selected;
        installed.updated_at = now;
        let after = self.reachable(id);
        let added: Vec<u64> = after.difference(&before).copied().collect();
        let removed: Vec<u64> = before.difference(&after).copied().collect();
        self.announce_repositories(id, "added", &added);
        self.announce_repositories(id, "removed", &removed);
        Ok(())
    }

    pub(crate) fn installation_of(&self, app: u64, account: u64) -> Option<&Installed> {
        self.installations
            .values()
            .find(|installed| installed.app == app && installed.account == account)
    }

    /// The repositories that the installation reaches, by number.
    pub(crate) fn installation_repositories(&self, id: u64) -> Vec<&Stored> {
        let Some(installed) = self.installations.get(&id) else {
            return Vec::new();
        };
        let chosen = |repository: &&Stored| {
            installed
                .selected
                .as_ref()
                .is_none_or(|selected| selected.contains(&repository.id))
        };
        let owned = self
            .repositories
            .values()
            .filter(|repository| repository.owner == installed.account);
        owned.filter(chosen).collect()
    }

    /// Whether the person may see the installation: it is their own, or their organization's.
    pub(crate) fn sees(&self, person: u64, installed: &Installed) -> bool {
        let team = self.teams.get(&installed.account);
        installed.account == person || team.is_some_and(|team| team.members.contains(&person))
    }

    pub(crate) fn issue_installation_token(
        &mut self,
        installation: u64,
        repositories: Option<BTreeSet<u64>>,
        now: i64,
    ) -> (String, i64) {
        let text = random::token("ghs_");
        let expires_at = now + TOKEN_SECONDS;
        let token = InstallationToken {
            installation,
            repositories,
            expires_at,
        };
        self.installation_tokens.insert(text.clone(), token);
        (text, expires_at)
    }

    pub(crate) fn installation_token(&self, text: &str, now: i64) -> Option<&InstallationToken> {
        self.installation_tokens
            .get(text)
            .filter(|token| now < token.expires_at)
    }

    pub(crate) fn revoke_installation_token(&mut self, text: &str) {
        self.installation_tokens.remove(text);
    }

    fn installed_mut(&mut self, id: u64) -> Result<&mut Installed, ChangeError> {
        self.installations
            .get_mut(&id)
            .ok_or(ChangeError::UnknownInstallation(id))
    }

    fn reachable(&self, id: u64) -> BTreeSet<u64> {
        let repositories = self.installation_repositories(id);
        repositories.iter().map(|repository| repository.id).collect()
    }

    fn owned(&self, account: u64, names: &[String]) -> Result<BTreeSet<u64>, ChangeError> {
        let find = |name: &String| {
            let mut all = self.repositories.values();
            all.find(|repository| repository.owner == account && repository.name == *name)
                .map(|repository| repository.id)
                .ok_or_else(|| ChangeError::UnknownRepository(name.clone()))
        };
        names.iter().map(find).collect()
    }
}
