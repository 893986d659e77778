//! Signing in with GitHub, against the stand-in: through the pages, the redirects and the REST API.

mod accounts;
mod visits;

use std::time::Duration;

use authz_server::config::{GithubConfig, Secret};
use authz_server::outbound::federation::{Github, Outside};
use domain::Settings;
use domain::federation::Providers;
use github_double::{AppKey, Email, Endpoint, GithubApp, GithubDouble, OauthApp, Person};
use http::StatusCode;
use model::user::User;
use url::Url;

use crate::app::{Answer, App, Browser};

const START: &str = "/login/with/github";
const LINKED: &str = "/account/linked";
const ISSUER: &str = "http://127.0.0.1:8080";

/// A server that knows a GitHub, and that GitHub.
struct World {
    app: App,
    github: GithubDouble,
    web: reqwest::Client,
}

fn callback() -> Url {
    format!("{ISSUER}{START}/callback").parse().unwrap()
}

impl World {
    async fn new() -> Self {
        Self::with(|_| ()).await
    }

    async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let settings = github_double::Settings {
            oauth_apps: vec![OauthApp::new("lighthouse", "shared", callback())],
            ..github_double::Settings::default()
        };
        Self::over(settings, ("lighthouse", "shared"), change).await
    }

    /// GitHub Apps have tokens that expire.
    async fn with_expiring_tokens() -> Self {
        let mut app = GithubApp::new(7, "lighthouse", AppKey::generate().unwrap());
        app.callback_urls = vec![callback()];
        let settings = github_double::Settings {
            github_apps: vec![app],
            ..github_double::Settings::default()
        };
        Self::over(settings, ("Iv1.lighthouse", "lighthouse-secret"), |_| ()).await
    }

    async fn over(
        mut settings: github_double::Settings,
        (id, secret): (&str, &str),
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        settings.people = vec![
            Person::new("octo").named("Octo Cat"),
            Person::new("hubot"),
            Person::new("shy").with_emails([Email::primary("shy@example.com").unverified()]),
        ];
        settings.refuse_unverified_people = false;
        let github = GithubDouble::start(settings).unwrap();
        let config = GithubConfig {
            client_id: id.to_owned(),
            client_secret: Some(Secret::new(secret.to_owned())),
            client_secret_file: None,
            web_url: github.web_url().to_owned(),
            api_url: github.api_url().to_owned(),
        };
        let app = App::with_providers(change, |clock| {
            let outside = Outside::with_timeout(Duration::from_millis(500)).unwrap();
            Providers::new(vec![std::sync::Arc::new(
                Github::new(&config, outside, clock).unwrap(),
            )])
        })
        .await;
        let web = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self { app, github, web }
    }

    /// Leaves from the sign-in page; the address at GitHub.
    async fn leave(&self, browser: &mut Browser, flow: &str) -> Url {
        let page = format!("/login?flow={flow}");
        let form = browser.get(&page).await;
        let csrf = csrf_of(&form, START);
        let left = browser.post(START, &[("csrf", &csrf), ("flow", flow)]).await;
        assert_eq!(left.status, StatusCode::SEE_OTHER, "{}", left.body);
        left.header("location").parse().unwrap()
    }

    /// What the person decides there; the path of the callback with its query.
    async fn decide(&self, at: &Url, decision: (&str, &str)) -> String {
        let mut fields: Vec<(String, String)> = at.query_pairs().into_owned().collect();
        fields.push((decision.0.to_owned(), decision.1.to_owned()));
        let mut action = at.clone();
        action.set_query(None);
        let answer = self.web.post(action).form(&fields).send().await.unwrap();
        let back: Url = answer.headers()["location"].to_str().unwrap().parse().unwrap();
        assert!(back.as_str().starts_with(callback().as_str()), "{back}");
        format!("{}?{}", back.path(), back.query().unwrap())
    }

    async fn come_back(&self, browser: &mut Browser, login: &str) -> Answer {
        let at = self.leave(browser, "").await;
        let back = self.decide(&at, ("person", login)).await;
        browser.get(&back).await
    }

    /// Adds an account at GitHub to the one that is signed in.
    async fn link(&self, browser: &mut Browser, login: &str) -> Answer {
        let action = format!("{LINKED}/github");
        let form = browser.get(LINKED).await;
        let csrf = csrf_of(&form, &action);
        let left = browser.post(&action, &[("csrf", &csrf)]).await;
        let at = left.header("location").parse().unwrap();
        let back = self.decide(&at, ("person", login)).await;
        browser.get(&back).await
    }

    async fn change(&self, browser: &mut Browser, decision: &str, subject: &str) -> Answer {
        let fields = [
            ("decision", decision),
            ("provider", "github"),
            ("subject", subject),
        ];
        browser.fill_form(LINKED, LINKED, &fields).await
    }

    async fn user(&self, email: &str) -> User {
        let mut reader = self.app.authority.database.read().await.unwrap();
        let found = storage::users::find_by_email(&mut reader, email).await.unwrap();
        found.unwrap()
    }

    async fn subjects(&self, email: &str) -> Vec<(String, bool)> {
        let user = self.user(email).await.id;
        let accounts = self.app.authority.linked_accounts(user).await.unwrap();
        accounts
            .iter()
            .map(|account| (account.subject.clone(), account.is_active()))
            .collect()
    }

    async fn work(&self) {
        while self.app.authority.run_due_jobs().await.unwrap() > 0 {}
    }

    fn revoked(&self) -> usize {
        let seen = self.github.requests();
        seen.iter()
            .filter(|request| request.endpoint == Some(Endpoint::DeleteToken) && request.status == Some(204))
            .count()
    }
}

/// The token of the form that is posted to `action`.
fn csrf_of(page: &Answer, action: &str) -> String {
    let (_, form) = page
        .body
        .split_once(&format!("action=\"{action}\""))
        .expect("a form");
    let (_, rest) = form.split_once("name=\"csrf\" value=\"").unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}
