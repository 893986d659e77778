//! `/api/auth`: tokens of the command line, service tokens, and what is told of keys.

use std::time::Duration;

use domain::api_keys::NewApiKey;
use http::Method;
use model::api_key::{KeyKind, KeyName};
use model::user::Role;
use oauth::permission::PermissionSet;
use serde_json::json;

use crate::app::json::Program;
use crate::app::{App, PASSWORD};

const DAY: Duration = Duration::from_secs(86_400);

async fn signed(app: &App, email: &str) -> Program {
    let body = json!({"email": email, "password": PASSWORD});
    let reply = app.program().post("/api/auth/register", body).await;
    app.program().bearing(reply.text("/token"))
}

#[tokio::test]
async fn a_cli_token_is_shown_once_listed_and_ended() {
    let app = App::new().await;
    let ada = signed(&app, "ada@example.org").await;
    let wish =
        json!({"name": "CI Pipeline", "scopes": ["repos:read", "scans:trigger"], "repositories": ["r1"]});
    let made = ada.post("/api/auth/cli-tokens", wish).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert!(made.text("/token").starts_with("ci_"));
    let listed = ada.get("/api/auth/cli-tokens").await;
    assert_eq!(listed.header("x-total-count"), "1");
    let token = &listed.body[0];
    assert_eq!(token["scopes"], json!(["repos:read", "scans:trigger"]));
    assert_eq!(token["allRepositories"], false);
    assert_eq!(token["repositories"], json!(["r1"]));
    assert_eq!(token["expiresAt"], json!(null));
    assert!(token.get("token").is_none());
    let path = format!("/api/auth/cli-tokens/{}", made.text("/id"));
    let eve = signed(&app, "eve@example.org").await;
    assert_eq!(eve.delete(&path).await.refusal(), (404, "not_found"));
    assert_eq!(ada.delete(&path).await.body, json!({"status": "ok"}));
    assert_eq!(ada.delete(&path).await.refusal(), (404, "not_found"));
    assert_eq!(ada.get("/api/auth/cli-tokens").await.body, json!([]));
}

#[tokio::test]
async fn bad_wishes_name_what_is_wrong_and_keys_make_no_keys() {
    let app = App::new().await;
    let ada = signed(&app, "ada@example.org").await;
    for (wish, field) in [
        (json!({"name": "", "scopes": ["a:read"]}), "name"),
        (json!({"name": "x", "scopes": []}), "scopes"),
        (json!({"name": "x", "scopes": ["nonsense"]}), "scopes"),
        (
            json!({"name": "x", "scopes": ["a:read"], "expiresIn": "soon"}),
            "expiresIn",
        ),
        (
            json!({"name": "x", "scopes": ["a:read"], "repositories": [""]}),
            "repositories",
        ),
    ] {
        let reply = ada.post("/api/auth/cli-tokens", wish).await;
        assert_eq!(reply.refusal(), (400, "invalid_request"));
        assert!(
            reply.body["error"]["details"]["fields"][field].is_string(),
            "{}",
            reply.body
        );
    }
    let wish = json!({"name": "x", "scopes": ["admin:users:read"]});
    assert_eq!(
        ada.post("/api/auth/cli-tokens", wish).await.refusal(),
        (403, "insufficient_scope")
    );
    let wish = json!({"name": "x", "scopes": ["repos:read"]});
    let made = ada.post("/api/auth/cli-tokens", wish.clone()).await;
    let with_key = app.program().bearing(made.text("/token"));
    assert_eq!(
        with_key.post("/api/auth/cli-tokens", wish).await.refusal(),
        (403, "session_required")
    );
    assert_eq!(
        with_key.get("/api/auth/me").await.refusal(),
        (403, "session_required")
    );
}

#[tokio::test]
async fn a_service_key_is_exchanged_for_a_short_token_of_less() {
    let app = App::new().await;
    let admin = app.admin("root@example.org", Role::Admin).await;
    let name = KeyName::parse("deploy").unwrap();
    let permissions = PermissionSet::from_list(["builds:read", "builds:write"]).unwrap();
    let new = NewApiKey::new(KeyKind::Service, name, permissions);
    let (_, text) = app
        .authority
        .create_api_key(&app.ctx(), &admin, new)
        .await
        .unwrap();
    let service = app.program().with("x-service-key", text.expose());
    let reply = service.send(Method::POST, "/api/auth/service-token", None).await;
    assert_eq!(reply.body["expiresIn"], 900, "{}", reply.body);
    let less = service
        .post("/api/auth/service-token", json!({"scopes": ["builds:read"]}))
        .await;
    assert_eq!(less.status, 200);
    let more = service
        .post("/api/auth/service-token", json!({"scopes": ["builds:delete"]}))
        .await;
    assert_eq!(more.refusal(), (403, "insufficient_scope"));
    let elsewhere = app
        .program()
        .bearing(text.expose())
        .post("/api/auth/service-token", json!({}))
        .await;
    assert_eq!(elsewhere.refusal(), (403, "service_key_required"));
    let none = app.program().post("/api/auth/service-token", json!({})).await;
    assert_eq!(none.refusal(), (401, "unauthorized"));
}

#[tokio::test]
async fn rotation_goes_by_the_oldest_key() {
    let app = App::new().await;
    let ada = signed(&app, "ada@example.org").await;
    let status = async |program: &Program| program.get("/api/auth/credential-rotation-status").await.body;
    let fresh = status(&ada).await;
    assert_eq!(fresh["lastRotatedAt"], json!(null));
    assert_eq!(
        fresh["thresholds"],
        json!({"warningDays": 30, "requiredDays": 90})
    );
    let wish = json!({"name": "x", "scopes": ["repos:read"]});
    ada.post("/api/auth/cli-tokens", wish).await;
    let quota = ada.get("/api/auth/quota").await.body;
    assert_eq!(quota["quotas"][0]["used"], 1);
    assert_eq!(quota["quotas"][0]["remaining"], 99);
    let later = async |days: u32| {
        app.clock.advance(DAY * days);
        let login = json!({"email": "ada@example.org", "password": PASSWORD});
        let reply = app.program().post("/api/auth/login", login).await;
        status(&app.program().bearing(reply.text("/token"))).await
    };
    let old = later(75).await;
    assert_eq!(
        (&old["rotationRequired"], &old["rotationRecommended"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(old["daysUntilRequired"], 15);
    let overdue = later(20).await;
    assert_eq!(
        (&overdue["rotationRequired"], &overdue["daysUntilRequired"]),
        (&json!(true), &json!(0))
    );
}

#[tokio::test]
async fn without_a_github_app_its_operations_say_so() {
    let app = App::new().await;
    let ada = signed(&app, "ada@example.org").await;
    assert_eq!(
        ada.get("/api/auth/github-app/install").await.refusal(),
        (404, "not_configured")
    );
    assert_eq!(
        ada.get("/api/auth/github-app/installations").await.body,
        json!([])
    );
    let reply = ada
        .post("/api/auth/github-app/set-active", json!({"installationId": 5}))
        .await;
    assert_eq!(reply.refusal(), (404, "installation_not_found"));
    let reply = ada.delete("/api/auth/github-app/installations/5").await;
    assert_eq!(reply.refusal(), (404, "installation_not_found"));
}
