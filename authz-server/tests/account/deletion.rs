//! Leaving, and staying after all.

use std::time::Duration;

use http::{StatusCode, header};
use model::user::Role;

use crate::app::letter::{letters, link};
use crate::app::{App, Browser, PASSWORD};
use testkit::letter::Link;

const DAY: u64 = 24 * 60 * 60;

async fn ask(browser: &mut Browser) {
    let answer = browser
        .fill("/account/delete", &[("current-password", PASSWORD)])
        .await;
    assert_eq!(
        answer.header(header::LOCATION),
        "/account/data?done=delete",
        "{}",
        answer.body
    );
}

async fn app_and_ada() -> (App, Browser) {
    let app = App::new().await;
    let mut ada = app.browser();
    ada.register("ada").await;
    letters(&app).await;
    (app, ada)
}

async fn work_off(app: &App) {
    while app.authority.run_due_jobs().await.unwrap() > 0 {}
}

/// S11
#[tokio::test]
async fn nobody_deletes_without_the_password() {
    let (app, mut ada) = app_and_ada().await;
    let answer = ada
        .fill("/account/delete", &[("current-password", "wrong")])
        .await;
    assert!(answer.status == StatusCode::BAD_REQUEST && answer.has_page("current-password-error"));
    assert!(letters(&app).await.is_empty());
    assert!(!ada.get("/account").await.has_page("deletion-pending"));
}

/// L17: looking at the link changes nothing; its button cancels once.
#[tokio::test]
async fn the_link_in_the_mail_keeps_the_account() {
    let (app, mut ada) = app_and_ada().await;
    ask(&mut ada).await;
    assert!(ada.get("/account").await.has_page("deletion-pending"));
    let told = letters(&app).await;
    assert_eq!(told.len(), 1);
    let Link { path, token, .. } = link(&told[0], "/account/cancel-deletion");
    let mut anywhere = app.browser();
    for _ in 0..2 {
        assert!(anywhere.get(&path).await.has_page("page-cancel-deletion"));
        anywhere.head(&path).await;
    }
    assert!(ada.get("/account").await.has_page("deletion-pending"));
    let kept = anywhere.fill(&path, &[("token", &token)]).await;
    assert!(kept.has_page("page-deletion-cancelled"), "{}", kept.body);
    assert!(!ada.get("/account").await.has_page("deletion-pending"));
    assert_eq!(anywhere.get(&path).await.status, StatusCode::GONE);
    app.clock.advance(Duration::from_secs(15 * DAY));
    work_off(&app).await;
    assert!(app.authority.find_user("ada").await.unwrap().is_some());
}

/// Sessions stay while it is pending, and the owner can cancel from any page of the area.
#[tokio::test]
async fn the_owner_changes_their_mind_signed_in() {
    let (app, mut ada) = app_and_ada().await;
    ask(&mut ada).await;
    // There is nothing more to ask for.
    let again = ada.get("/account/delete").await;
    assert_eq!(again.header(header::LOCATION), "/account/data");
    assert_eq!(letters(&app).await.len(), 1);
    let kept = ada.fill_form("/account/profile", "/account/keep", &[]).await;
    assert_eq!(kept.header(header::LOCATION), "/account?done=keep");
    // A later request counts from its own day.
    app.clock.advance(Duration::from_secs(DAY));
    ask(&mut ada).await;
    app.clock.advance(Duration::from_secs(13 * DAY + DAY / 2));
    work_off(&app).await;
    assert!(app.authority.find_user("ada").await.unwrap().is_some());
    app.clock.advance(Duration::from_secs(DAY));
    work_off(&app).await;
    assert!(app.authority.find_user("ada").await.unwrap().is_none());
}

/// L17, S12: afterwards nothing works, nothing personal is left, and nobody inherits anything.
#[tokio::test]
async fn after_the_time_of_grace_everything_is_gone() {
    let (app, mut ada) = app_and_ada().await;
    let id = app.authority.find_user("ada").await.unwrap().unwrap().id;
    ask(&mut ada).await;
    letters(&app).await;
    app.clock.advance(Duration::from_secs(14 * DAY));
    let farewell = letters(&app).await;
    assert!(farewell[0].contains("was deleted"), "{farewell:?}");
    assert!(!ada.is_signed_in().await);
    let refused = app.browser().log_in("ada", PASSWORD).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    let left = app.authority.find_user(&id.to_string()).await.unwrap().unwrap();
    assert!(left.disabled_at.is_some() && left.password.is_none() && left.username.is_none());
    assert!(left.email.as_str().ends_with("@erased.invalid"));
    let (ctx, by) = (app.ctx(), model::audit::Actor::Operator);
    assert!(app.authority.enable_user(&ctx, id, by).await.is_err());
    let (events, _) = app.authority.account_history(&left, None, 100).await.unwrap();
    assert!(events.iter().any(|event| event.action == "user.created"));
    for event in events {
        assert!(event.address.is_none() && event.user_agent.is_none(), "{event:?}");
        assert!(!event.detail.to_string().contains("ada@"), "{event:?}");
    }
    let mut other = app.browser();
    other.register("ada").await;
    assert!(
        !other
            .get("/account/history")
            .await
            .body
            .contains("asked to delete")
    );
}

#[tokio::test]
async fn the_only_administrator_stays() {
    let app = App::new().await;
    let form = domain::people::AccountForm {
        username: "root".to_owned(),
        email: "root@example.org".to_owned(),
        name: String::new(),
        company: String::new(),
        password: model::PlainSecret::new(PASSWORD),
    };
    let by = model::audit::Actor::Operator;
    app.authority
        .create_user(&app.ctx(), form, Role::Admin, by)
        .await
        .unwrap();
    let mut root = app.browser();
    root.log_in("root", PASSWORD).await;
    let answer = root
        .fill("/account/delete", &[("current-password", PASSWORD)])
        .await;
    assert!(answer.status == StatusCode::CONFLICT && answer.body.contains("only administrator"));
}
