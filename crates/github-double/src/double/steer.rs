//! What a test can do to a running stand-in: faults, time, people, registrations, installations.
//! Waits for nothing: an event is on its way when the method returns.

use std::time::Duration;

use url::Url;

use super::GithubDouble;
use crate::change::{Change, ChangeError};
use crate::people::{Email, Organization, Person, Repository};
use crate::settings::{GithubApp, Installation};
use crate::{Endpoint, Fault};

impl GithubDouble {
    /// Makes any change; answers with the number of what was added.
    ///
    /// # Errors
    /// When it names something that does not exist, or something that exists already.
    pub fn apply(&self, change: Change) -> Result<Option<u64>, ChangeError> {
        self.shared.apply(change)
    }

    /// Sets a fault for so many requests, or until [`GithubDouble::clear_faults`].
    pub fn fault(&self, endpoint: Endpoint, fault: Fault, times: Option<u32>) {
        self.shared.world().faults.arm(endpoint, fault, times);
    }

    /// Ends all faults.
    pub fn clear_faults(&self) {
        self.shared.world().faults.clear();
    }

    /// Moves the stand-in's time forward, so that codes and tokens grow old.
    pub fn advance(&self, span: Duration) {
        let seconds = u32::try_from(span.as_secs()).unwrap_or(u32::MAX);
        self.shared.clock.advance(seconds);
    }

    /// Adds a person; answers with the number.
    ///
    /// # Errors
    /// When the login or the number is taken.
    pub fn add_person(&self, person: Person) -> Result<u64, ChangeError> {
        self.shared.world().add_person(person)
    }

    /// Adds an organization; answers with the number.
    ///
    /// # Errors
    /// When the login or the number is taken, or a member does not exist.
    pub fn add_organization(&self, organization: Organization) -> Result<u64, ChangeError> {
        self.shared.world().add_organization(organization)
    }

    /// Adds a repository; answers with the number. Installations for all repositories reach it at once, silently.
    ///
    /// # Errors
    /// When the owner does not exist or the number is taken.
    pub fn add_repository(&self, repository: Repository) -> Result<u64, ChangeError> {
        self.shared.world().add_repository(repository)
    }

    /// Adds a GitHub App.
    pub fn add_github_app(&self, app: GithubApp) {
        self.shared.world().github_apps.push(app);
    }

    /// Gives a person another login.
    ///
    /// # Errors
    /// When the person does not exist or the login is taken.
    pub fn rename_person(&self, login: &str, to: &str) -> Result<(), ChangeError> {
        self.shared.world().rename_person(login, to)
    }

    /// Replaces a person's addresses.
    ///
    /// # Errors
    /// When the person does not exist.
    pub fn set_emails(
        &self,
        login: &str,
        emails: impl IntoIterator<Item = Email>,
    ) -> Result<(), ChangeError> {
        self.shared
            .world()
            .set_emails(login, emails.into_iter().collect())
    }

    /// Deletes a person with tokens, repositories and installations.
    ///
    /// # Errors
    /// When the person does not exist.
    pub fn delete_person(&self, login: &str) -> Result<(), ChangeError> {
        let now = self.shared.clock.now();
        self.shared.world().delete_person(login, now)
    }

    /// Ends what a person has allowed a client, as in the settings of GitHub.
    ///
    /// # Errors
    /// When the person or the client does not exist.
    pub fn revoke_authorization(&self, login: &str, client_id: &str) -> Result<(), ChangeError> {
        self.shared.world().revoke_authorization(login, client_id)
    }

    /// Replaces a client's callback addresses, as when the program under test has found its port.
    ///
    /// # Errors
    /// When the client does not exist.
    pub fn set_callback_urls(
        &self,
        client_id: &str,
        urls: impl IntoIterator<Item = Url>,
    ) -> Result<(), ChangeError> {
        let urls: Vec<Url> = urls.into_iter().collect();
        let mut world = self.shared.world();
        let oauth = world.oauth_apps.iter_mut().find(|app| app.client_id == client_id);
        if let Some(app) = oauth {
            app.callback_urls = urls;
            return Ok(());
        }
        let mut apps = world.github_apps.iter_mut();
        let app = apps
            .find(|app| app.client_id == client_id)
            .ok_or_else(|| ChangeError::UnknownClient(client_id.to_owned()))?;
        app.callback_urls = urls;
        Ok(())
    }

    /// Changes an app's registration, such as its set-up and webhook addresses.
    ///
    /// # Errors
    /// When the app does not exist.
    pub fn edit_github_app(&self, slug: &str, edit: impl FnOnce(&mut GithubApp)) -> Result<(), ChangeError> {
        let mut world = self.shared.world();
        let app = world
            .app_by_slug_mut(slug)
            .ok_or_else(|| ChangeError::UnknownApp(slug.to_owned()))?;
        edit(app);
        Ok(())
    }

    /// Installs an app, with its event; answers with the number of the installation.
    ///
    /// # Errors
    /// When app, account or repository do not exist, or it is installed already.
    pub fn install(&self, installation: &Installation) -> Result<u64, ChangeError> {
        let now = self.shared.clock.now();
        self.shared.world().install(installation, now)
    }

    /// Suspends an installation, with its event.
    ///
    /// # Errors
    /// When it does not exist.
    pub fn suspend(&self, installation: u64) -> Result<(), ChangeError> {
        let now = self.shared.clock.now();
        self.shared.world().suspend_installation(installation, now)
    }

    /// Ends a suspension, with its event.
    ///
    /// # Errors
    /// When the installation does not exist.
    pub fn unsuspend(&self, installation: u64) -> Result<(), ChangeError> {
        let now = self.shared.clock.now();
        self.shared.world().unsuspend_installation(installation, now)
    }

    /// Removes an installation, with its event.
    ///
    /// # Errors
    /// When it does not exist.
    pub fn uninstall(&self, installation: u64) -> Result<(), ChangeError> {
        let now = self.shared.clock.now();
        self.shared.world().delete_installation(installation, now)
    }

    /// Replaces the choice of repositories (all of the account's when `None`), with the events for the difference.
    ///
    /// # Errors
    /// When the installation or a repository does not exist.
    pub fn choose_repositories(
        &self,
        installation: u64,
        names: Option<&[String]>,
    ) -> Result<(), ChangeError> {
        let now = self.shared.clock.now();
        self.shared.world().choose_repositories(installation, names, now)
    }
}
