//! A stand-in with one OAuth app, one GitHub App and two people, and a client that walks the flows.
//! Follows no redirects: tests look at them.

use std::sync::LazyLock;

use github_double::{AppKey, GithubApp, GithubDouble, OauthApp, Organization, Person, Repository, Settings};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use url::Url;

pub const CLIENT: &str = "oauth-client";
pub const SECRET: &str = "oauth-secret";
pub const CALLBACK: &str = "http://127.0.0.1/back";
pub const APP_CLIENT: &str = "Iv1.builder";
pub const APP_SECRET: &str = "builder-secret";
pub const APP_CALLBACK: &str = "https://product.test/app/back";
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// Of [`VERIFIER`] (RFC 7636 appendix B).
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

static KEY: LazyLock<AppKey> = LazyLock::new(|| AppKey::generate().unwrap());

pub type Pairs<'a> = &'a [(&'a str, &'a str)];

pub struct Stand {
    pub double: GithubDouble,
    pub http: reqwest::Client,
}

impl Stand {
    pub fn new() -> Self {
        Self::with(|_| ())
    }

    pub fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let mut app = GithubApp::new(7, "builder", KEY.clone());
        app.callback_urls = vec![APP_CALLBACK.parse().unwrap()];
        app.setup_url = Some("https://product.test/setup?from=github".parse().unwrap());
        let mut settings = Settings {
            oauth_apps: vec![OauthApp::new(CLIENT, SECRET, CALLBACK.parse().unwrap())],
            github_apps: vec![app],
            people: vec![Person::new("octo").named("Octo <Cat>"), Person::new("mona")],
            organizations: vec![Organization::new("acme", ["octo"])],
            repositories: ["one", "two", "three"]
                .map(|name| Repository::new("octo", name))
                .into(),
            ..Settings::default()
        };
        change(&mut settings);
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        Self {
            double: GithubDouble::start(settings).unwrap(),
            http: client.no_proxy().user_agent("tests").build().unwrap(),
        }
    }

    pub fn web(&self, path: &str) -> Url {
        format!("{}{path}", self.double.web_url()).parse().unwrap()
    }

    pub async fn authorize(&self, query: Pairs<'_>) -> Response {
        let mut url = self.web("/login/oauth/authorize");
        url.query_pairs_mut().extend_pairs(query);
        self.http.get(url).send().await.unwrap()
    }

    /// Posts the page's form.
    pub async fn decide(&self, query: Pairs<'_>, choice: (&str, &str)) -> Response {
        let form: Vec<_> = query.iter().chain([&choice]).collect();
        let url = self.web("/login/oauth/authorize");
        self.http.post(url).form(&form).send().await.unwrap()
    }

    /// The code that comes of the person's yes.
    pub async fn code(&self, query: Pairs<'_>, login: &str) -> String {
        let answer = self.decide(query, ("person", login)).await;
        query_member(&location(&answer), "code").unwrap()
    }

    pub async fn exchange(&self, form: Pairs<'_>) -> Value {
        let request = self.http.post(self.web("/login/oauth/access_token")).form(form);
        let answer = request.header("accept", "application/json").send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.json().await.unwrap()
    }

    /// The whole web flow of the OAuth app.
    pub async fn sign_in(&self, login: &str, scope: &str) -> String {
        let code = self.code(&[("client_id", CLIENT), ("scope", scope)], login).await;
        let form = [("client_id", CLIENT), ("client_secret", SECRET), ("code", &code)];
        text(&self.exchange(&form).await["access_token"])
    }

    /// The whole web flow of the GitHub App.
    pub async fn sign_in_to_app(&self, login: &str) -> Value {
        let code = self.code(&[("client_id", APP_CLIENT)], login).await;
        let form = [
            ("client_id", APP_CLIENT),
            ("client_secret", APP_SECRET),
            ("code", &code),
        ];
        self.exchange(&form).await
    }

    pub fn api(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.double.api_url());
        self.http.request(method, url)
    }

    pub async fn get(&self, path: &str, token: &str) -> Response {
        let request = self.api(Method::GET, path).bearer_auth(token);
        request.send().await.unwrap()
    }

    /// A JWT of the app with these times, counted from now.
    pub fn jwt(&self, issuer: &Value, iat: i64, exp: i64) -> String {
        let now = now();
        let claims = json!({"iss": issuer, "iat": now + iat, "exp": now + exp});
        KEY.sign(&claims).unwrap()
    }

    pub fn app_jwt(&self) -> String {
        self.jwt(&json!("7"), -60, 540)
    }

    pub async fn installation_token(&self, installation: u64) -> String {
        let path = format!("/app/installations/{installation}/access_tokens");
        let request = self.api(Method::POST, &path).bearer_auth(self.app_jwt());
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 201);
        text(&answer.json::<Value>().await.unwrap()["token"])
    }
}

#[expect(clippy::disallowed_methods, reason = "the stand-in's clock is the machine's")]
pub fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    i64::try_from(since.unwrap().as_secs()).unwrap()
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

pub fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers()[name].to_str().unwrap()
}

pub fn location(answer: &Response) -> Url {
    assert_eq!(answer.status(), 302);
    header(answer, "location").parse().unwrap()
}

pub fn query_member(url: &Url, name: &str) -> Option<String> {
    let mut found = url.query_pairs().filter(|(own, _)| own == name);
    found.next().map(|(_, value)| value.into_owned())
}

/// The status and message of an API error, whose other members are checked.
pub async fn problem(answer: Response) -> (u16, String) {
    let status = answer.status().as_u16();
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["status"], status.to_string());
    let page = text(&body["documentation_url"]);
    assert!(page.starts_with("https://docs.github.com/rest"), "{page}");
    (status, text(&body["message"]))
}
