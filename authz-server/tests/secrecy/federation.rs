//! One sign-in with GitHub, well and badly made.

use std::sync::Arc;

use authz_server::config::{GithubConfig, Secret};
use authz_server::outbound::federation::{Github, Outside};
use domain::federation::Providers;
use github_double::{GithubDouble, OauthApp, Person};
use http::StatusCode;
use url::Url;

use crate::app::App;

const START: &str = "/login/with/github";
const CONSOLE: &str = "/api/auth/github";
const SECRET: &str = "canary-client-secret";

/// An application that knows a GitHub, and that GitHub.
pub async fn open() -> (App, GithubDouble) {
    let callback = format!("http://127.0.0.1:8080{START}/callback").parse().unwrap();
    let mut client = OauthApp::new("lighthouse", SECRET, callback);
    let console = format!("http://127.0.0.1:8080{CONSOLE}/callback");
    client.callback_urls.push(console.parse().unwrap());
    let github = GithubDouble::start(github_double::Settings {
        oauth_apps: vec![client],
        people: vec![Person::new("octo")],
        ..github_double::Settings::default()
    })
    .unwrap();
    let config = GithubConfig {
        client_id: "lighthouse".to_owned(),
        client_secret: Some(Secret::new(SECRET.to_owned())),
        client_secret_file: None,
        web_url: github.web_url().to_owned(),
        api_url: github.api_url().to_owned(),
    };
    let known = |clock| -> Providers {
        let github = Github::new(&config, Outside::new().unwrap(), clock).unwrap();
        Providers::new(vec![Arc::new(github)])
    };
    (App::with_providers(|_| (), known).await, github)
}

/// Every secret that went over the wire: states, code, cookies, and what all tokens of GitHub begin with.
pub async fn drive(app: &App) -> Vec<String> {
    let mut browser = app.browser();
    let mut secrets = vec![SECRET.to_owned(), "gho_".to_owned()];
    for with_code in [true, false] {
        let page = browser.get("/login").await.body;
        let (_, form) = page.split_once(&format!("action=\"{START}\"")).unwrap();
        let (_, csrf) = form.split_once("name=\"csrf\" value=\"").unwrap();
        let csrf = csrf.split_once('"').unwrap().0;
        let left = browser.post(START, &[("csrf", csrf)]).await;
        let at: Url = left.header("location").parse().unwrap();
        let back = decide(&at).await;
        let given = |name: &str| {
            let mut pairs = back.query_pairs();
            pairs.find(|(key, _)| key == name).unwrap().1.into_owned()
        };
        let (code, state) = (given("code"), given("state"));
        let sent = if with_code { code.as_str() } else { "canary-code" };
        let path = format!("{START}/callback?code={sent}&state={state}");
        let status = browser.get(&path).await.status;
        let expected = if with_code {
            StatusCode::SEE_OTHER
        } else {
            StatusCode::BAD_GATEWAY
        };
        assert_eq!(status, expected);
        secrets.extend([code, state, csrf.to_owned()]);
    }
    secrets.extend(browser.cookies.values().cloned());
    secrets
}

/// The same for the console's doors: what goes to the console, to a program, and what adds an account.
pub async fn drive_console(app: &App) -> Vec<String> {
    let mut browser = app.browser();
    let mut secrets = Vec::new();
    for asked in ["", "?cli=true&redirect_uri=http://127.0.0.1:4711/"] {
        let left = browser.get(&format!("{CONSOLE}{asked}")).await;
        let back = decide(&left.header("location").parse().unwrap()).await;
        let path = format!("{}?{}", back.path(), back.query().unwrap());
        let arrived = browser.get(&path).await;
        let arrived: Url = arrived.header("location").parse().unwrap();
        let given = [back.query(), arrived.query(), arrived.fragment()];
        let given = given.into_iter().flatten();
        let pairs = given.flat_map(|text| url::form_urlencoded::parse(text.as_bytes()));
        secrets.extend(pairs.map(|(_, value)| value.into_owned()));
    }
    // State and code twice, the pair of the console, the one of the program.
    assert_eq!(secrets.len(), 7);
    let token = secrets.last().unwrap();
    let left = browser.get(&format!("{CONSOLE}/add-account?token={token}")).await;
    assert!(left.header("location").contains("state="));
    secrets
}

/// The person says yes at GitHub; where that sends the browser.
async fn decide(at: &Url) -> Url {
    let mut fields: Vec<(String, String)> = at.query_pairs().into_owned().collect();
    fields.push(("person".to_owned(), "octo".to_owned()));
    let web = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let post = web.build().unwrap().post(at.clone()).form(&fields);
    let answer = post.send().await.unwrap();
    answer.headers()["location"].to_str().unwrap().parse().unwrap()
}
