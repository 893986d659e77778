//! Events that the app is told of.

use std::sync::{Arc, Mutex};

use aws_lc_rs::hmac;
use axum::Router;
use axum::extract::State;
use axum::routing::post;
use bytes::Bytes;
use github_double::Installation;
use http::HeaderMap;
use serde_json::Value;

use crate::stand::{APP_CLIENT, Stand};

type Heard = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

const SECRET: &str = "hook secret";

async fn hear(State(heard): State<Heard>, headers: HeaderMap, body: Bytes) {
    heard.lock().unwrap().push((headers, body));
}

/// A stand-in whose app is told of events, and what it was told.
async fn told() -> (Stand, Heard) {
    let heard = Heard::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let router = Router::new()
        .route("/hook", post(hear))
        .with_state(Arc::clone(&heard));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let stand = Stand::with(|settings| {
        settings.github_apps[0].webhook_url = Some(url.parse().unwrap());
        settings.github_apps[0].webhook_secret = Some(SECRET.to_owned());
    });
    (stand, heard)
}

fn bodies(heard: &Heard) -> Vec<Value> {
    let heard = heard.lock().unwrap();
    heard
        .iter()
        .map(|(_, body)| serde_json::from_slice(body).unwrap())
        .collect()
}

#[tokio::test]
async fn an_event_is_signed_and_numbered() {
    let (stand, heard) = told().await;
    let id = stand
        .double
        .install(&Installation::new("builder", "octo"))
        .unwrap();
    stand.double.settle().await;
    let (headers, body) = heard.lock().unwrap()[0].clone();
    assert_eq!(headers["x-github-event"], "installation");
    assert_eq!(headers["content-type"], "application/json");
    let agent = headers["user-agent"].to_str().unwrap();
    assert!(agent.starts_with("GitHub-Hookshot/"));
    let signature = headers["x-hub-signature-256"].to_str().unwrap();
    let signature = hex::decode(signature.strip_prefix("sha256=").unwrap()).unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    hmac::verify(&key, &body, &signature).unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["action"], "created");
    assert_eq!(body["installation"]["id"], id);
    assert_eq!(body["repositories"].as_array().unwrap().len(), 3);
    assert_eq!(body["sender"]["login"], "octo");
    let sent = stand.double.events();
    assert_eq!(headers["x-github-delivery"], sent[0].delivery);
    assert_eq!(sent[0].status, Some(200));
}

#[tokio::test]
async fn each_turn_of_an_installation_is_told_in_order() {
    let (stand, heard) = told().await;
    let wanted = Installation::new("builder", "octo").only(["one", "two"]);
    let id = stand.double.install(&wanted).unwrap();
    stand.double.suspend(id).unwrap();
    stand.double.unsuspend(id).unwrap();
    let chosen = ["two", "three"].map(str::to_owned);
    stand.double.choose_repositories(id, Some(&chosen)).unwrap();
    stand.double.uninstall(id).unwrap();
    stand.double.settle().await;
    let actions = bodies(&heard);
    let actions: Vec<_> = actions
        .iter()
        .map(|body| body["action"].as_str().unwrap())
        .collect();
    assert_eq!(
        actions,
        ["created", "suspend", "unsuspend", "added", "removed", "deleted"]
    );
    let bodies = bodies(&heard);
    assert_eq!(bodies[3]["repositories_added"][0]["full_name"], "octo/three");
    assert_eq!(bodies[4]["repositories_removed"][0]["name"], "one");
    let events: Vec<_> = stand.double.events().into_iter().map(|sent| sent.event).collect();
    assert_eq!(events[3], "installation_repositories");
}

#[tokio::test]
async fn a_person_who_ends_the_authorization_or_leaves_is_told() {
    let (stand, heard) = told().await;
    stand.sign_in_to_app("octo").await;
    stand
        .double
        .install(&Installation::new("builder", "octo"))
        .unwrap();
    stand.double.revoke_authorization("octo", APP_CLIENT).unwrap();
    stand.double.delete_person("octo").unwrap();
    stand.double.settle().await;
    let told = bodies(&heard);
    let actions: Vec<_> = told.iter().map(|body| body["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["created", "revoked", "deleted"]);
    assert_eq!(stand.double.events()[1].event, "github_app_authorization");
}

#[tokio::test]
async fn a_second_delivery_is_the_same() {
    let (stand, heard) = told().await;
    stand
        .double
        .install(&Installation::new("builder", "octo"))
        .unwrap();
    let delivery = stand.double.events()[0].delivery.clone();
    assert!(stand.double.redeliver(&delivery));
    assert!(!stand.double.redeliver("unknown"));
    stand.double.settle().await;
    let heard = heard.lock().unwrap();
    assert_eq!(heard.len(), 2);
    assert_eq!(heard[0].1, heard[1].1);
    assert_eq!(heard[0].0["x-github-delivery"], heard[1].0["x-github-delivery"]);
}

#[tokio::test]
async fn an_event_that_nobody_takes_is_noted_without_status() {
    let stand = Stand::with(|settings| {
        settings.github_apps[0].webhook_url = Some("http://127.0.0.1:1/hook".parse().unwrap());
    });
    stand
        .double
        .install(&Installation::new("builder", "octo"))
        .unwrap();
    stand.double.settle().await;
    assert_eq!(stand.double.events()[0].status, None);
}
