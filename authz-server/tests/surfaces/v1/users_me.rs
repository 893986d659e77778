//! One's own account.

use std::time::Duration;

use serde_json::{Value, json};

use crate::app::json::Reply;
use crate::app::letter::letters;
use crate::app::{App, PASSWORD};
use crate::people::{EMAIL, register_as, signed};

const ME: &str = "/v1/users/me";

fn field<'r>(reply: &'r Reply, name: &str) -> &'r Value {
    &reply.body["error"]["details"]["fields"][name]
}

#[tokio::test]
async fn what_is_named_changes_and_the_rest_stays() {
    let app = App::new().await;
    let program = signed(&app).await;
    let reply = program
        .patch(ME, json!({"name": "Ada King", "username": "ada"}))
        .await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.body["data"]["name"], "Ada King");
    assert_eq!(reply.body["data"]["username"], "ada");
    assert_eq!(reply.body["data"]["company"], "Engines");
    let reply = program.patch(ME, json!({"company": null})).await;
    assert_eq!(reply.body["data"]["company"], Value::Null);
    assert_eq!(program.get(ME).await.body["data"], reply.body["data"]);
    assert_eq!(
        program.patch(ME, json!({})).await.body["data"],
        reply.body["data"]
    );
    let session = program.get("/api/session").await;
    assert_eq!(session.text("/username"), "ada");
}

#[tokio::test]
async fn bad_and_taken_names_are_told_by_field() {
    let app = App::new().await;
    let program = signed(&app).await;
    let other = register_as(&app, "bob@example.org").await;
    let other = app.program().bearing(other.text("/token"));
    assert_eq!(other.patch(ME, json!({"username": "bob"})).await.status, 200);
    let taken = program.patch(ME, json!({"username": "BOB"})).await;
    assert_eq!(taken.refusal(), (409, "USERNAME_TAKEN"));
    for (name, value) in [
        ("name", json!("a\u{7}")),
        ("username", json!("a b")),
        ("company", json!(7)),
        ("email", json!("nowhere")),
    ] {
        let reply = program.patch(ME, json!({ name: value })).await;
        assert_eq!(reply.refusal(), (400, "INVALID_REQUEST"), "{name}");
        assert!(field(&reply, name).is_string(), "{}", reply.body);
    }
    let nobody = app.program().patch(ME, json!({"name": "x"})).await;
    assert_eq!(nobody.refusal(), (401, "UNAUTHORIZED"));
}

#[tokio::test]
async fn a_new_address_counts_once_its_mail_was_answered() {
    let app = App::new().await;
    let program = signed(&app).await;
    letters(&app).await;
    let reply = program.patch(ME, json!({"email": "countess@example.org"})).await;
    assert_eq!(reply.body["data"]["email"], EMAIL);
    assert_eq!(reply.body["data"]["pending_email"], "countess@example.org");
    let letter = letters(&app).await.remove(0);
    assert!(
        letter.contains("countess@example.org") || letter.contains("confirm"),
        "{letter}"
    );
    assert_eq!(program.get(ME).await.body["data"]["email"], EMAIL);
    let same = program.patch(ME, json!({"email": EMAIL})).await;
    assert_eq!(same.status, 200);
}

/// S11
#[tokio::test]
async fn a_session_left_open_changes_no_address_and_deletes_nothing() {
    let app = App::new().await;
    let program = signed(&app).await;
    app.clock.advance(Duration::from_secs(6 * 60));
    let change = json!({"email": "thief@example.org", "name": "Thief"});
    let reply = program.patch(ME, change.clone()).await;
    assert_eq!(reply.refusal(), (403, "RECENT_SIGN_IN_REQUIRED"));
    assert_eq!(program.get(ME).await.body["data"]["name"], "Ada Lovelace");
    let reply = program.delete(ME).await;
    assert_eq!(reply.refusal(), (403, "RECENT_SIGN_IN_REQUIRED"));
    let body = json!({"password": "not it"}).to_string();
    let reply = program.send(http::Method::DELETE, ME, Some(body)).await;
    assert_eq!(reply.refusal(), (403, "INVALID_PASSWORD"));
    let mut with_password = change;
    with_password["password"] = json!(PASSWORD);
    assert_eq!(program.patch(ME, with_password).await.status, 200);
}

#[tokio::test]
async fn a_deletion_is_scheduled_with_the_password() {
    let app = App::new().await;
    let program = signed(&app).await;
    app.clock.advance(Duration::from_secs(6 * 60));
    let body = json!({"password": PASSWORD}).to_string();
    let reply = program.send(http::Method::DELETE, ME, Some(body)).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.body["data"]["pending"], true);
    let scheduled = reply.text("/data/scheduled_for");
    let status = program.get("/api/auth/deletion-status").await;
    assert_eq!(status.text("/scheduledFor"), scheduled);
    let told = letters(&app).await;
    assert!(
        told.iter()
            .any(|letter| letter.contains("cancel-deletion?token="))
    );
}
