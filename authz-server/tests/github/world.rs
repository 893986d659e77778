//! A server with a GitHub App, and the GitHub that it is registered at.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use authz_server::config::{GithubAppConfig, GithubConfig, Secret};
use authz_server::outbound::federation::{Github, Outside};
use authz_server::outbound::github_app;
use domain::Settings;
use domain::federation::Providers;
use domain::github_app::{GithubAppError, Returned};
use github_double::{
    AppKey, Endpoint, GithubApp, GithubDouble, Installation, Organization, Person, Repository,
};
use model::github_app::LinkedInstallation;
use model::{Clock, SystemClock, UserId};
use url::Url;

use crate::app::{Answer, App, Browser};

pub const ISSUER: &str = "http://127.0.0.1:8080";
pub const CONSOLE: &str = "https://console.example/app";
pub const WEBHOOK_SECRET: &str = "Zk3q8Vt1Lw9sXc5bNm7Rj2Hd";

static KEY: LazyLock<AppKey> = LazyLock::new(|| AppKey::generate().unwrap());

pub struct World {
    pub app: App,
    pub github: GithubDouble,
    web: reqwest::Client,
}

impl World {
    pub async fn new() -> Self {
        Self::with(|_| ()).await
    }

    pub async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let mut lighthouse = GithubApp::new(7, "lighthouse", KEY.clone());
        lighthouse.callback_urls = ["/login/with/github/callback", "/api/auth/github/callback"]
            .map(|path| format!("{ISSUER}{path}").parse().unwrap())
            .into();
        lighthouse.webhook_secret = Some(WEBHOOK_SECRET.to_owned());
        let github = GithubDouble::start(github_double::Settings {
            github_apps: vec![lighthouse],
            people: vec![
                Person::new("octo").named("Octo Cat"),
                Person::new("hubot"),
                Person::new("mona"),
            ],
            organizations: vec![Organization::new("acme", ["octo", "mona"])],
            repositories: ["one", "two", "three"]
                .map(|name| Repository::new("octo", name))
                .into(),
            ..github_double::Settings::default()
        })
        .unwrap();
        let configured = configured(&github);
        let providers = |clock: Arc<dyn Clock>| {
            let outside = Outside::with_timeout(Duration::from_millis(500)).unwrap();
            let sign_in = Github::new(&configured.0, outside.clone(), clock.clone()).unwrap();
            let app = github_app::App::new((&configured.0, &configured.1), outside, clock).unwrap();
            Providers::new(vec![Arc::new(sign_in)]).with_github_app(Arc::new(app))
        };
        let change = |settings: &mut Settings| {
            settings.front_end = Some(CONSOLE.to_owned());
            change(settings);
        };
        let app = App::with_providers(change, providers).await;
        // The stand-in judges the app's JWTs by the machine's clock.
        app.clock.set(SystemClock.now());
        let web = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        Self {
            app,
            github,
            web: web.no_proxy().build().unwrap(),
        }
    }

    /// Signs in at the console; what came of it.
    pub async fn sign_in(&self, browser: &mut Browser, login: &str, query: &str) -> Answer {
        let left = browser.get(&format!("/api/auth/github{query}")).await;
        let back = self.decide(&location(&left), ("person", login)).await;
        browser.get(&back).await
    }

    /// What the person decides at GitHub; the path of the callback with its query.
    pub async fn decide(&self, at: &Url, decision: (&str, &str)) -> String {
        let mut fields: Vec<(String, String)> = at.query_pairs().into_owned().collect();
        fields.push((decision.0.to_owned(), decision.1.to_owned()));
        let mut action = at.clone();
        action.set_query(None);
        let answer = self.web.post(action).form(&fields).send().await.unwrap();
        let back: Url = answer.headers()["location"].to_str().unwrap().parse().unwrap();
        assert!(back.as_str().starts_with(ISSUER), "{back}");
        format!("{}?{}", back.path(), back.query().unwrap())
    }

    /// Somebody who has signed in with this account at GitHub.
    pub async fn user(&self, login: &str) -> UserId {
        let answer = self.sign_in(&mut self.app.browser(), login, "").await;
        let token = fragment(&location(&answer)).remove("token").expect("a token");
        let caller = self
            .app
            .authority
            .identify(&self.app.ctx(), &token)
            .await
            .unwrap();
        caller.unwrap().user().unwrap().id
    }

    pub fn install(&self, account: &str) -> i64 {
        let installation = Installation::new("lighthouse", account);
        i64::try_from(self.github.install(&installation).unwrap()).unwrap()
    }

    pub async fn link(&self, user: UserId, id: i64) -> Result<LinkedInstallation, GithubAppError> {
        let back = Returned {
            state: None,
            installation: id,
            present: Some(user),
        };
        let authority = &self.app.authority;
        authority.finish_github_app_install(&self.app.ctx(), back).await
    }

    pub async fn sync(&self, user: UserId) -> Result<usize, GithubAppError> {
        let authority = &self.app.authority;
        authority.sync_github_repositories(&self.app.ctx(), user).await
    }

    pub async fn installations(&self, user: UserId) -> Vec<LinkedInstallation> {
        self.app.authority.github_installations(user).await.unwrap()
    }

    /// How often GitHub was asked for this.
    pub fn count(&self, endpoint: Endpoint) -> usize {
        let seen = self.github.requests();
        seen.iter()
            .filter(|request| request.endpoint == Some(endpoint))
            .count()
    }
}

fn configured(github: &GithubDouble) -> (GithubConfig, GithubAppConfig) {
    let secret = |text: &str| Some(Secret::new(text.to_owned()));
    let sign_in = GithubConfig {
        client_id: "Iv1.lighthouse".to_owned(),
        client_secret: secret("lighthouse-secret"),
        client_secret_file: None,
        web_url: github.web_url().to_owned(),
        api_url: github.api_url().to_owned(),
    };
    let app = GithubAppConfig {
        app_id: 7,
        slug: "lighthouse".to_owned(),
        private_key: secret(KEY.private_pem()),
        private_key_file: None,
        webhook_secret: secret(WEBHOOK_SECRET),
        webhook_secret_file: None,
    };
    (sign_in, app)
}

pub fn location(answer: &Answer) -> Url {
    assert_eq!(answer.status, http::StatusCode::FOUND, "{}", answer.body);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    answer.header("location").parse().unwrap()
}

pub fn query(url: &Url) -> HashMap<String, String> {
    url.query_pairs().into_owned().collect()
}

pub fn fragment(url: &Url) -> HashMap<String, String> {
    let text = url.fragment().unwrap_or_default();
    url::form_urlencoded::parse(text.as_bytes())
        .into_owned()
        .collect()
}
