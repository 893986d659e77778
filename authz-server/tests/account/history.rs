//! What happened to an account, and everything that is known about its owner.

use std::time::Duration;

use http::{StatusCode, header};
use serde_json::Value;

use crate::app::letter::letters;
use crate::app::{App, PASSWORD};

const PATH: &str = "/account/history";

/// T04: newest first, page by page, and only one's own.
#[tokio::test]
async fn the_history_is_paged_and_one_s_own() {
    let app = App::new().await;
    let mut ada = app.browser_at("192.0.2.10");
    ada.register("ada").await;
    let mut bob = app.browser_at("192.0.2.66");
    bob.register("bob").await;
    for _ in 0..40 {
        app.clock.advance(Duration::from_secs(60));
        ada.log_in("ada", PASSWORD).await;
    }
    app.clock.advance(Duration::from_secs(60));
    app.browser_at("203.0.113.5").log_in("ada", "wrong").await;
    let first = ada.get(PATH).await.body;
    assert!(first.contains("wrong password") && first.contains("203.0.113.5"));
    assert!(!first.contains("Your account was created"));
    let (_, rest) = first.split_once("/account/history?before=").unwrap();
    let second = format!("{PATH}?before={}", rest.split('"').next().unwrap());
    let second = ada.get(&second).await.body;
    assert!(second.contains("Your account was created") && !second.contains("wrong password"));
    assert!(!first.contains("192.0.2.66") && !second.contains("192.0.2.66"));
    let odd = ada.get("/account/history?before=1%27.aud_x").await;
    assert!(odd.status == StatusCode::OK && odd.body.contains("wrong password"));
}

#[tokio::test]
async fn the_export_has_everything_but_secrets() {
    let app = App::new().await;
    let mut ada = app.browser();
    ada.register("ada").await;
    letters(&app).await;
    let answer = ada.fill_form("/account/data", "/account/data/export", &[]).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(
        answer
            .header(header::CONTENT_DISPOSITION)
            .starts_with("attachment")
    );
    assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
    let data: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(data["account"]["email"], "ada@example.org");
    assert_eq!(data["profile"]["name"], "Ada");
    assert_eq!(data["sessions"][0]["address"], "192.0.2.1");
    assert_eq!(data["devices"].as_array().unwrap().len(), 1);
    let actions: Vec<_> = data["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["action"].as_str().unwrap())
        .collect();
    assert!(actions.contains(&"user.created") && actions.contains(&"user.data_exported"));
    for secret in ["$argon2", "az_", "digest"] {
        assert!(!answer.body.contains(secret), "{secret}");
    }
}
