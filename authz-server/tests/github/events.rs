//! What GitHub tells by webhook, over HTTP, and what others pretend that it tells.

use aws_lc_rs::hmac;
use http::StatusCode;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::Url;

use crate::world::{WEBHOOK_SECRET, World};

const PATH: &str = "/api/auth/github-app/webhook";

/// Serves the application for as long as the test runs; where it takes events.
async fn serve(world: &World) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}{PATH}", listener.local_addr().unwrap());
    let url: Url = url.parse().unwrap();
    let router = world.app.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let told = url.clone();
    let edited = world
        .github
        .edit_github_app("lighthouse", |app| app.webhook_url = Some(told));
    edited.unwrap();
    url
}

fn sign(body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, WEBHOOK_SECRET.as_bytes());
    let tag = hmac::sign(&key, body);
    let digits = tag.as_ref().iter().map(|byte| format!("{byte:02x}"));
    format!("sha256={}", digits.collect::<String>())
}

async fn post(url: &Url, (delivery, event): (&str, &str), body: &str, signature: &str) -> StatusCode {
    let request = reqwest::Client::builder()
        .no_proxy()
        .build()
        .unwrap()
        .post(url.clone());
    let request = request
        .header("content-type", "application/json")
        .header("x-github-delivery", delivery)
        .header("x-github-event", event)
        .header("x-hub-signature-256", signature)
        .body(body.to_owned());
    request.send().await.unwrap().status()
}

fn suspension(id: i64, at: &str) -> String {
    json!({ "action": "suspend", "installation": { "id": id, "updated_at": at } }).to_string()
}

async fn is_suspended(world: &World, user: model::UserId) -> bool {
    let found = world.installations(user).await.remove(0);
    found.installation.suspended_at.is_some()
}

#[tokio::test]
async fn installations_stay_true_by_what_github_tells() {
    let world = World::new().await;
    let octo = world.user("octo").await;
    serve(&world).await;
    let id = world.install("octo");
    world.github.settle().await;
    world.link(octo, id).await.unwrap();
    let number = u64::try_from(id).unwrap();
    world
        .github
        .choose_repositories(number, Some(&["one".to_owned()]))
        .unwrap();
    world.github.settle().await;
    let linked = world.installations(octo).await.remove(0);
    assert_eq!(linked.repositories.len(), 1);
    assert_eq!(linked.installation.selection.as_str(), "selected");
    world.github.suspend(number).unwrap();
    world.github.settle().await;
    assert!(is_suspended(&world, octo).await);
    world.github.unsuspend(number).unwrap();
    world.github.choose_repositories(number, None).unwrap();
    world.github.settle().await;
    assert!(!is_suspended(&world, octo).await);
    assert_eq!(world.installations(octo).await[0].repositories.len(), 3);
    world.github.uninstall(number).unwrap();
    world.github.settle().await;
    assert!(world.installations(octo).await.is_empty());
    let answers: Vec<_> = world.github.events().iter().map(|event| event.status).collect();
    assert!(answers.iter().all(|status| *status == Some(200)), "{answers:?}");
}

/// Whoever installed it for an organization may end it, and GitHub tells who that was.
#[tokio::test]
async fn who_installed_it_ends_it() {
    let world = World::new().await;
    let octo = world.user("octo").await;
    serve(&world).await;
    let id = world.install("acme");
    world.github.settle().await;
    world.link(octo, id).await.unwrap();
    let ctx = world.app.ctx();
    let ended = world.app.authority.uninstall_github_app(&ctx, octo, id);
    ended.await.unwrap();
    world.github.settle().await;
    assert!(world.installations(octo).await.is_empty());
}

#[tokio::test]
async fn an_event_is_taken_once_under_whatever_name() {
    let world = World::new().await;
    let octo = world.user("octo").await;
    let url = serve(&world).await;
    let id = world.install("octo");
    world.link(octo, id).await.unwrap();
    world.github.settle().await;
    let body = suspension(id, "2026-01-01T00:00:00Z");
    assert_eq!(
        post(&url, ("a", "installation"), &body, &sign(body.as_bytes())).await,
        200
    );
    assert!(is_suspended(&world, octo).await);
    let resume = body.replace("suspend", "unsuspend");
    assert_eq!(
        post(&url, ("b", "installation"), &resume, &sign(resume.as_bytes())).await,
        200
    );
    for name in ["a", "c"] {
        assert_eq!(
            post(&url, (name, "installation"), &body, &sign(body.as_bytes())).await,
            200
        );
        assert!(!is_suspended(&world, octo).await, "{name}");
    }
    let created = world.github.events().remove(0).delivery;
    world
        .app
        .authority
        .uninstall_github_app(&world.app.ctx(), octo, id)
        .await
        .unwrap();
    assert!(world.github.redeliver(&created));
    world.github.settle().await;
    assert!(world.installations(octo).await.is_empty());
}

/// B01: only the MAC of the very bytes counts.
#[tokio::test]
async fn unsigned_and_missigned_events_change_nothing() {
    let world = World::new().await;
    let octo = world.user("octo").await;
    let url = serve(&world).await;
    let id = world.install("octo");
    world.link(octo, id).await.unwrap();
    let body = suspension(id, "2026-01-01T00:00:00Z");
    let right = sign(body.as_bytes());
    let again: Value = serde_json::from_str(&body).unwrap();
    let reordered = serde_json::to_string_pretty(&again).unwrap();
    for (body, signature) in [
        (body.as_str(), String::new()),
        (&body, right.replace("sha256=", "sha1=")),
        (&body, right.to_uppercase()),
        (&body, format!("{right}0")),
        (&body, format!("sha256={}", "0".repeat(64))),
        (&reordered, right.clone()),
        (&format!("{body} "), right.clone()),
    ] {
        let status = post(&url, ("a", "installation"), body, &signature).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{signature}");
    }
    assert!(!is_suspended(&world, octo).await);
    for (name, event, body, status) in [
        ("", "installation", body.as_str(), 400),
        ("a b", "installation", &body, 400),
        ("a", "installation", "{}", 400),
        ("a", "installation", "[", 400),
        ("a", "ping", "{}", 200),
    ] {
        assert_eq!(
            post(&url, (name, event), body, &sign(body.as_bytes())).await,
            status,
            "{name} {event}"
        );
    }
    assert!(!is_suspended(&world, octo).await);
}

#[tokio::test]
async fn a_server_without_an_app_takes_no_events() {
    let app = crate::app::App::new().await;
    let headers = [("content-type", "application/json")];
    let answer = app.browser().post_with(PATH, &[], &headers).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}
