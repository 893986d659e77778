//! Each door that takes a changing method has entries, or is named among those that have none.

use authz_server::config::LimitsConfig;
use authz_server::http::audit::NOT_AUDITED;
use http::Method;
use serde_json::json;

use crate::app::{App, PASSWORD};
use crate::root;

const CHANGING: [&str; 4] = ["post", "put", "patch", "delete"];
/// Signed by others, not by a caller of ours: a body without the signature is a stranger's.
const EVENTS: [&str; 2] = ["/api/auth/github-app/webhook", "/auth/billing/webhooks/razorpay"];

async fn entries(app: &App) -> i64 {
    let verified = app.authority.verify_audit_log(None).await.unwrap();
    assert!(verified.findings.is_empty(), "{:?}", verified.findings);
    verified.entries
}

#[tokio::test]
async fn every_operation_that_changes_something_has_an_entry_or_is_named() {
    let app = App::new().await;
    root(&app, "ada@example.org").await;
    let document = authz_server::surfaces::openapi("https://id.example.org", &LimitsConfig::default());
    let mut looked_at = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in CHANGING.iter().filter(|method| !methods[**method].is_null()) {
            let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes()).unwrap();
            if EVENTS.contains(&path.as_str()) {
                continue;
            }
            looked_at += 1;
            // Signed in anew each time: some of them end the session.
            let body = json!({ "email": "ada@example.org", "password": PASSWORD });
            let token = app.program().post("/auth/login", body).await;
            let program = app.program().bearing(token.text("/access_token"));
            let before = entries(&app).await;
            let target = fill(path);
            program
                .send(method.clone(), &target, Some(json!({}).to_string()))
                .await;
            let named = NOT_AUDITED
                .iter()
                .any(|door| door.method == method.as_str() && door.route == path);
            let due = i64::from(!named);
            assert_eq!(entries(&app).await - before, due, "{method} {target}");
        }
    }
    assert!(looked_at > 40, "{looked_at}");
}

fn fill(path: &str) -> String {
    let parts = path
        .split('/')
        .map(|part| if part.starts_with('{') { "absent" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// Forms of somebody signed in, on pages of all kinds, have entries also when they are refused.
#[tokio::test]
async fn posts_to_pages_and_endpoints_have_entries() {
    let app = App::new().await;
    let mut browser = app.browser();
    browser.register("ada").await;
    for path in [
        "/account/profile",
        "/account/sessions",
        "/consent",
        "/oauth2/logout/confirm",
        "/account/security/trusted",
    ] {
        let before = entries(&app).await;
        let answer = browser.post(path, &[("csrf", "x")]).await;
        assert_ne!(answer.status, 404, "{path}");
        assert_eq!(entries(&app).await - before, 1, "{path} {}", answer.status);
    }
}

/// A list of doors that are not there would hide those that are.
#[tokio::test]
async fn every_door_without_entries_is_there() {
    let app = App::new().await;
    for door in NOT_AUDITED {
        let method = Method::from_bytes(door.method.as_bytes()).unwrap();
        let reply = app.program().send(method, &fill(door.route), None).await;
        assert!(
            ![404, 405].contains(&reply.status.as_u16()),
            "{} {}: {}",
            door.method,
            door.route,
            reply.status
        );
    }
}
