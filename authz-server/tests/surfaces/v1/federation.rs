//! Signing in with another provider, against the stand-in.

use std::sync::Arc;
use std::time::Duration;

use authz_server::config::{GithubConfig, Secret};
use authz_server::outbound::federation::{Github, Outside};
use domain::Settings;
use domain::federation::Providers;
use github_double::{GithubDouble, OauthApp, Person};
use serde_json::{Value, json};
use url::Url;

use crate::app::App;
use crate::app::json::{Program, Reply};
use crate::people::turn_on;

const PAGE: &str = "http://127.0.0.1:3000/back";

/// A server that knows a GitHub, and that GitHub.
struct World {
    app: App,
    _github: GithubDouble,
}

impl World {
    async fn new(callback: &str, change: impl FnOnce(&mut Settings)) -> Self {
        let settings = github_double::Settings {
            oauth_apps: vec![OauthApp::new("lighthouse", "shared", callback.parse().unwrap())],
            people: vec![Person::new("octo").named("Octo Cat")],
            ..github_double::Settings::default()
        };
        let github = GithubDouble::start(settings).unwrap();
        let config = GithubConfig {
            client_id: "lighthouse".to_owned(),
            client_secret: Some(Secret::new("shared".to_owned())),
            client_secret_file: None,
            web_url: github.web_url().to_owned(),
            api_url: github.api_url().to_owned(),
        };
        let app = App::with_providers(change, |clock| {
            let outside = Outside::with_timeout(Duration::from_secs(5)).unwrap();
            Providers::new(vec![Arc::new(Github::new(&config, outside, clock).unwrap())])
        })
        .await;
        Self { app, _github: github }
    }

    async fn with_our_page() -> Self {
        Self::new("http://127.0.0.1:8080/login/with/github/callback", |_| ()).await
    }

    /// Leaves; the same program with the cookie, and the answer.
    async fn leave(&self, mut body: Value) -> (Program, Reply) {
        body["provider"] = json!("github");
        let reply = self.app.program().post("/v1/auth/login", body).await;
        let cookie = reply.header("set-cookie").split(';').next().unwrap().to_owned();
        (self.app.program().with("cookie", &cookie), reply)
    }
}

/// Octo says yes at GitHub; code and state of the address the browser is sent back to.
async fn agree(reply: &Reply, page: &str) -> Value {
    let at: Url = reply.text("/data/authorization_url").parse().unwrap();
    let mut fields: Vec<(String, String)> = at.query_pairs().into_owned().collect();
    fields.push(("person".to_owned(), "octo".to_owned()));
    let mut action = at.clone();
    action.set_query(None);
    let web = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let answer = web.post(action).form(&fields).send().await.unwrap();
    let back: Url = answer.headers()["location"].to_str().unwrap().parse().unwrap();
    assert!(back.as_str().starts_with(page), "{back}");
    let find = |name: &str| {
        let pair = back.query_pairs().find(|(found, _)| found == name);
        pair.map(|(_, value)| value.into_owned())
    };
    json!({"code": find("code"), "state": find("state")})
}

#[tokio::test]
async fn code_and_state_become_tokens_in_the_browser_that_left() {
    let world = World::with_our_page().await;
    let (program, left) = world.leave(json!({})).await;
    assert_eq!(left.status, 200, "{}", left.body);
    let back = agree(&left, "http://127.0.0.1:8080/login/with/github/callback").await;
    assert_eq!(back["state"], left.body["data"]["state"]);
    let reply = program.post("/v1/auth/callback", back.clone()).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.body["data"]["user"]["name"], "Octo Cat");
    assert_eq!(reply.body["data"]["expires_in"], 900);
    let signed = world.app.program().bearing(reply.text("/data/access_token"));
    assert_eq!(signed.get("/v1/users/me").await.status, 200);
    let again = program.post("/v1/auth/callback", back).await;
    assert_eq!(again.refusal(), (400, "INVALID_STATE"));
}

#[tokio::test]
async fn another_browser_can_not_end_the_visit() {
    let world = World::with_our_page().await;
    let (_, left) = world.leave(json!({})).await;
    let back = agree(&left, "http://127.0.0.1:8080/").await;
    let reply = world.app.program().post("/v1/auth/callback", back).await;
    assert_eq!(reply.refusal(), (400, "INVALID_STATE"));
}

#[tokio::test]
async fn the_browser_comes_back_to_an_allowed_page_or_not_at_all() {
    let world = World::new(PAGE, |settings| settings.redirect_uris = vec![PAGE.to_owned()]).await;
    let (program, left) = world.leave(json!({"redirect_uri": PAGE})).await;
    let back = agree(&left, PAGE).await;
    let reply = program.post("/v1/auth/callback", back).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    for elsewhere in ["https://evil.example/", "http://127.0.0.1:3000/back/", "/back"] {
        let (_, refused) = world.leave(json!({"redirect_uri": elsewhere})).await;
        assert_eq!(refused.refusal(), (400, "INVALID_REQUEST"), "{elsewhere}");
    }
}

#[tokio::test]
async fn a_login_without_email_and_provider_is_told_of_both() {
    let app = App::new().await;
    let post = async |body| app.program().post("/v1/auth/login", body).await;
    let reply = post(json!({})).await;
    assert_eq!(reply.refusal(), (400, "INVALID_REQUEST"));
    let fields = &reply.body["error"]["details"]["fields"];
    assert!(fields["email"].is_string() && fields["provider"].is_string());
    let unknown = post(json!({"provider": "nobody"})).await;
    assert_eq!(unknown.refusal(), (400, "INVALID_REQUEST"));
    let both = post(json!({"provider": "github", "email": "a@example.org"})).await;
    assert_eq!(both.refusal(), (400, "INVALID_REQUEST"));
    let reply = app
        .program()
        .post("/v1/auth/callback", json!({"state": "x"}))
        .await;
    assert!(reply.body["error"]["details"]["fields"]["code"].is_string());
}

#[tokio::test]
async fn a_provider_is_no_way_around_the_second_step() {
    let world = World::with_our_page().await;
    let page = "http://127.0.0.1:8080/";
    let (program, left) = world.leave(json!({})).await;
    let first = program.post("/v1/auth/callback", agree(&left, page).await).await;
    let signed = world.app.program().bearing(first.text("/data/access_token"));
    let phone = turn_on(&world.app, &signed).await;
    let (program, left) = world.leave(json!({})).await;
    let reply = program.post("/v1/auth/callback", agree(&left, page).await).await;
    assert_eq!(reply.refusal(), (401, "MFA_REQUIRED"));
    let pending = reply.text("/error/details/pending_token");
    for path in ["/v1/auth/callback", "/v1/auth/login"] {
        let wrong = json!({"pending_token": pending, "totp_code": "000000"});
        let reply = world.app.program().post(path, wrong).await;
        assert_eq!(reply.refusal(), (401, "INVALID_CODE"), "{path}");
    }
    let right = json!({"pending_token": pending, "totp_code": phone.code(&world.app)});
    let reply = world.app.program().post("/v1/auth/callback", right).await;
    assert_eq!(reply.body["data"]["user"]["two_factor_enabled"], true);
}
