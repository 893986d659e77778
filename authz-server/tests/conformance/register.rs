//! Clients register themselves (RFC 7591) and look after it (RFC 7592).
//! Each refusal is seen from outside only: status, error code, and what works afterwards.

use std::time::Duration;

use domain::Settings;
use domain::settings::RegistrationPolicy;
use model::registry::ResourceServer;
use oauth::scope::ScopeSet;
use serde_json::{Value, json};

use crate::app::App;
use crate::app::json::Reply;

const PATH: &str = "/oauth2/register";
const FILES: &str = "https://mcp.example.com/mcp";

async fn app(policy: RegistrationPolicy) -> App {
    App::with(|settings| open(settings, policy)).await
}

fn open(settings: &mut Settings, policy: RegistrationPolicy) {
    settings.strangers.registration = policy;
    settings.strangers.resources = vec![FILES.to_owned()];
    settings.registry.resources.push(ResourceServer {
        audience: FILES.to_owned(),
        name: "Files".to_owned(),
        scopes: ScopeSet::parse("files:read files:write").unwrap(),
        access_token_format: None,
    });
}

fn wish(change: &Value) -> Value {
    let mut wish = json!({
        "client_name": "Notebook",
        "redirect_uris": ["http://127.0.0.1/cb"],
        "token_endpoint_auth_method": "none",
    });
    for (member, value) in change.as_object().unwrap() {
        wish[member] = value.clone();
    }
    wish
}

fn error(reply: &Reply) -> (u16, &str) {
    (reply.status.as_u16(), reply.text("/error"))
}

impl App {
    async fn registered(&self, change: &Value) -> Value {
        let reply = self.program().post(PATH, wish(change)).await;
        assert_eq!(reply.status, 201, "{}", reply.body);
        assert_eq!(reply.header("cache-control"), "no-store");
        reply.body
    }

    async fn look_after(&self, client: &Value) -> (crate::app::json::Program, String) {
        let token = client["registration_access_token"].as_str().unwrap();
        let path = format!("{PATH}/{}", client["client_id"].as_str().unwrap());
        (self.program().bearing(token), path)
    }
}

/// O39: nobody registers unless the operator lets them.
#[tokio::test]
async fn registration_is_closed_unless_the_operator_opens_it() {
    let app = App::new().await;
    let reply = app.program().post(PATH, wish(&json!({}))).await;
    assert_eq!(error(&reply), (403, "access_denied"));
    let told = app.program().get("/.well-known/oauth-authorization-server").await;
    assert!(told.body.get("registration_endpoint").is_none());
    let app = self::app(RegistrationPolicy::Open).await;
    let told = app.program().get("/.well-known/oauth-authorization-server").await;
    assert!(told.text("/registration_endpoint").ends_with(PATH));
}

#[tokio::test]
async fn what_is_registered_is_told_and_unknown_scopes_are_filtered() {
    let app = app(RegistrationPolicy::Open).await;
    let public = app
        .registered(&json!({"scope": "openid files:read admin root", "logo_uri": "https://a.example/l"}))
        .await;
    assert_eq!(
        public["scope"], "files:read files:write openid",
        "a resource is opened as a whole"
    );
    assert_eq!(
        public["grant_types"],
        json!(["authorization_code", "refresh_token"])
    );
    assert_eq!(
        (&public["application_type"], &public["client_secret"]),
        (&json!("native"), &Value::Null)
    );
    assert!(public.get("logo_uri").is_none(), "strangers lend no looks");
    let silent = app
        .registered(&json!({"token_endpoint_auth_method": "client_secret_post"}))
        .await;
    assert_eq!(
        silent["scope"],
        "address email files:read files:write offline_access openid phone profile"
    );
    assert_eq!(silent["client_secret_expires_at"], 0);
    assert!(silent["client_secret"].as_str().unwrap().starts_with("az_cs_"));
}

/// O39
#[tokio::test]
async fn unsafe_or_contradictory_metadata_are_refused() {
    let app = app(RegistrationPolicy::Open).await;
    for (change, code) in [
        (
            json!({"redirect_uris": ["javascript:alert(1)"]}),
            "invalid_redirect_uri",
        ),
        (
            json!({"redirect_uris": ["data:text/html,x"]}),
            "invalid_redirect_uri",
        ),
        (
            json!({"redirect_uris": ["https://a.example/#x"]}),
            "invalid_redirect_uri",
        ),
        (
            json!({"redirect_uris": ["https://*.example/"]}),
            "invalid_redirect_uri",
        ),
        (
            json!({"redirect_uris": ["https://u@a.example/"]}),
            "invalid_redirect_uri",
        ),
        (json!({"redirect_uris": []}), "invalid_redirect_uri"),
        (
            json!({"jwks": {"keys": []}, "jwks_uri": "https://a.example/"}),
            "invalid_client_metadata",
        ),
        (
            json!({"grant_types": ["client_credentials"]}),
            "invalid_client_metadata",
        ),
        (
            json!({"grant_types": ["authorization_code", "magic"]}),
            "invalid_client_metadata",
        ),
        (
            json!({"token_endpoint_auth_method": "private_key_jwt"}),
            "invalid_client_metadata",
        ),
        (
            json!({"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [{"kty": "oct", "k": "AA"}]}}),
            "invalid_client_metadata",
        ),
    ] {
        let reply = app.program().post(PATH, wish(&change)).await;
        assert_eq!(error(&reply), (400, code), "{change}");
    }
    let twice = r#"{"redirect_uris":["http://127.0.0.1/a"],"redirect_uris":["https://evil.example/"]}"#;
    let reply = app
        .program()
        .send(http::Method::POST, PATH, Some(twice.to_owned()))
        .await;
    assert_eq!(error(&reply), (400, "invalid_client_metadata"));
}

/// O39: an initial access token registers as many clients as it says, and no more.
#[tokio::test]
async fn an_initial_access_token_is_used_up() {
    let app = app(RegistrationPolicy::Token).await;
    assert_eq!(app.program().post(PATH, wish(&json!({}))).await.status, 401);
    let token = app
        .authority
        .create_initial_access_token(&app.ctx(), 1, Duration::from_secs(60))
        .await
        .unwrap();
    let holder = app.program().bearing(token.expose());
    let unsafe_uri = wish(&json!({"redirect_uris": ["http://a.example/"]}));
    assert_eq!(
        holder.post(PATH, unsafe_uri).await.status,
        400,
        "a refused wish uses nothing up"
    );
    assert_eq!(holder.post(PATH, wish(&json!({}))).await.status, 201);
    let again = holder.post(PATH, wish(&json!({}))).await;
    assert_eq!(error(&again), (401, "invalid_token"));
    let late = app
        .authority
        .create_initial_access_token(&app.ctx(), 9, Duration::from_secs(60))
        .await
        .unwrap();
    app.clock.advance(Duration::from_secs(60));
    assert_eq!(
        app.program()
            .bearing(late.expose())
            .post(PATH, wish(&json!({})))
            .await
            .status,
        401
    );
}

/// O39: a registration token that was replaced is worth nothing; neither is another client's.
#[tokio::test]
async fn a_registration_is_changed_with_its_newest_token_only() {
    let app = app(RegistrationPolicy::Open).await;
    let (client, other) = (app.registered(&json!({})).await, app.registered(&json!({})).await);
    let (owner, path) = app.look_after(&client).await;
    let (stranger, _) = app.look_after(&other).await;
    assert_eq!(owner.get(&path).await.text("/client_name"), "Notebook");
    for reply in [
        stranger.get(&path).await,
        owner.get("/oauth2/register/nobody").await,
    ] {
        assert_eq!(error(&reply), (401, "invalid_token"));
    }
    let change = wish(&json!({"client_id": client["client_id"], "client_name": "Diary"}));
    for (member, value) in [
        ("client_id", other["client_id"].clone()),
        ("registration_access_token", json!("x")),
        ("client_secret", json!("mine")),
        ("token_endpoint_auth_method", json!("client_secret_post")),
    ] {
        let mut wrong = change.clone();
        wrong[member] = value;
        assert_eq!(
            error(&owner.put(&path, wrong).await),
            (400, "invalid_client_metadata"),
            "{member}"
        );
    }
    let changed = owner.put(&path, change.clone()).await;
    assert_eq!(
        (changed.status.as_u16(), changed.text("/client_name")),
        (200, "Diary")
    );
    for reply in [
        owner.get(&path).await,
        owner.put(&path, change).await,
        owner.delete(&path).await,
    ] {
        assert_eq!(reply.status, 401);
    }
    let (owner, _) = app.look_after(&changed.body).await;
    assert_eq!(owner.delete(&path).await.status, 204);
    assert_eq!(owner.get(&path).await.status, 401);
    let id = client["client_id"].as_str().unwrap();
    assert!(app.authority.find_client(id).await.unwrap().is_none());
}

#[tokio::test]
async fn one_network_registers_so_many_and_others_go_on() {
    let app = app(RegistrationPolicy::Open).await;
    let mut last = 201;
    for _ in 0..21 {
        last = app.program().post(PATH, wish(&json!({}))).await.status.as_u16();
    }
    assert_eq!(last, 429);
    let elsewhere = app.program_at("198.51.100.7").post(PATH, wish(&json!({}))).await;
    assert_eq!(elsewhere.status, 201);
}

#[tokio::test]
async fn a_client_that_was_never_used_is_forgotten() {
    let app = app(RegistrationPolicy::Open).await;
    let client = app.registered(&json!({})).await;
    let id = client["client_id"].as_str().unwrap();
    for (days, known) in [(29, true), (2, false)] {
        app.clock.advance(Duration::from_secs(days * 86_400));
        app.authority.forget_expired(&app.ctx()).await.unwrap();
        assert_eq!(app.authority.find_client(id).await.unwrap().is_some(), known);
    }
}
