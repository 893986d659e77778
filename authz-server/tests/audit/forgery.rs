//! What callers can choose of an entry, and what they can't make of it (T04).

use serde_json::json;

use crate::app::App;
use crate::{logs, make_key, root};

/// T04
#[tokio::test]
async fn names_with_line_breaks_and_json_stay_names() {
    let app = App::new().await;
    let ada = root(&app, "ada@example.org").await;
    let name = "x\u{202e}\",\"status\":200}\r\n{\"seq\":1";
    make_key(&ada, name).await;
    ada.patch("/v1/users/me", json!({ "name": "Ada\u{2028}\u{202e}Root" }))
        .await;
    make_key(&ada, "plain").await;
    let mut export = app
        .authority
        .export_audit_log_of(&app.ctx(), &account(&ada).await, domain::audit::Span::default())
        .await
        .unwrap();
    let mut lines = String::new();
    while let Some(part) = export.next().await.unwrap() {
        lines.push_str(&part);
    }
    let entries = lines
        .lines()
        .filter(|line| line.starts_with("{\"line\":\"entry\""))
        .count();
    assert_eq!(entries, logs(&ada, "").await.len());
    assert!(!lines.contains('\r') && !lines.contains("\"actor_name\":\"Ada\u{2028}"));
}

/// T04
#[tokio::test]
async fn request_ids_and_programs_are_bounded_and_shown_as_they_are() {
    let app = App::new().await;
    let ada = root(&app, "ada@example.org").await;
    let odd = ada
        .with("x-request-id", "req_1 forged")
        .with("user-agent", &format!("\"}}{}", "x".repeat(600)));
    make_key(&odd, "one").await;
    let entry = &logs(&ada, "").await[0];
    assert!(entry["request_id"].as_str().unwrap().starts_with("req_"));
    assert_eq!(entry["request_id"].as_str().unwrap().len(), 30);
    let agent = entry["user_agent"].as_str().unwrap();
    assert!(agent.starts_with("\"}xx") && agent.len() == 256);
}

pub async fn account(program: &crate::app::json::Program) -> String {
    program.get("/auth/me").await.text("/account_id").to_owned()
}
