//! Who gets in, and that looking changes nothing.

use std::time::Duration;

use domain::people::UserQuery;
use http::{StatusCode, header};
use model::audit::Actor;
use model::user::Role;
use model::{Timestamp, UserId};

use crate::world::World;

/// Every page that takes no id, with its element.
pub const PAGES: [(&str, &str); 10] = [
    ("/admin", "page-admin"),
    ("/admin/users", "page-admin-users"),
    ("/admin/sessions", "page-admin-sessions"),
    ("/admin/keys", "page-admin-keys"),
    ("/admin/clients", "page-admin-clients"),
    ("/admin/scopes", "page-admin-scopes"),
    ("/admin/signing-keys", "page-admin-signing-keys"),
    ("/admin/accounts", "page-admin-accounts"),
    ("/admin/audit", "page-admin-audit"),
    ("/admin/proxies", "page-admin-proxies"),
];

/// T07: for everybody else there is nothing, whatever they ask.
#[tokio::test]
async fn an_ordinary_user_finds_nothing() {
    let mut world = World::new().await;
    let (deed, user) = (world.deed("disable"), format!("/admin/users/{}", world.user.id));
    for path in PAGES.map(|(path, _)| path).into_iter().chain([&*deed, &*user]) {
        let answer = world.ada.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!answer.body.contains("Administration"), "{path}");
    }
    let answer = world.ada.post(&deed, &[("decision", "go")]).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(world.ada.is_signed_in().await);
}

/// O05: a stranger signs in first and comes back to the part of the console they wanted.
#[tokio::test]
async fn a_stranger_signs_in_and_comes_back() {
    let world = World::new().await;
    for (path, _) in PAGES {
        let mut browser = world.app.browser();
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        let login = answer.header(header::LOCATION).to_owned();
        let (_, flow) = login.split_once("/login?flow=").unwrap();
        let fields = [
            ("username", "root@example.org"),
            ("password", crate::app::PASSWORD),
            ("flow", flow),
        ];
        let answer = browser.fill(&login, &fields).await;
        assert_eq!(answer.header(header::LOCATION), path);
    }
}

#[tokio::test]
async fn an_administrator_sees_every_page_and_the_way_to_it() {
    let mut world = World::new().await;
    assert!(world.root.get("/").await.has_page("admin-link"));
    assert!(!world.ada.get("/").await.has_page("admin-link"));
    for (path, id) in PAGES {
        let answer = world.root.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(answer.has_page(id), "{path}");
        let policy = answer.header(header::CONTENT_SECURITY_POLICY);
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"));
        assert!(!answer.body.contains("<script"), "{path}");
    }
}

/// T07: whoever is made an ordinary user is out at the next request.
#[tokio::test]
async fn the_console_closes_with_the_role() {
    let mut world = World::new().await;
    world.confirmed(&world.deed("promote"), "promoted").await;
    world.ada.log_in("ada", crate::app::PASSWORD).await;
    assert_eq!(world.ada.get("/admin").await.status, StatusCode::OK);
    world.confirmed(&world.deed("demote"), "demoted").await;
    assert_eq!(world.ada.get("/admin").await.status, StatusCode::SEE_OTHER);
    world.ada.log_in("ada", crate::app::PASSWORD).await;
    assert_eq!(world.ada.get("/admin").await.status, StatusCode::NOT_FOUND);
}

/// What looking at pages could have changed.
async fn standing(world: &World) -> Vec<(UserId, Role, Option<Timestamp>, Timestamp)> {
    let query = UserQuery {
        limit: 100,
        ..UserQuery::default()
    };
    let found = world.app.authority.list_users(&query, &Actor::Operator).await;
    let users = found.unwrap().users;
    users
        .iter()
        .map(|user| (user.id, user.role, user.disabled_at, user.updated_at))
        .collect()
}

/// S03: no page that is looked at does anything, also none that asks.
#[tokio::test]
async fn looking_changes_nothing() {
    let mut world = World::new().await;
    let before = standing(&world).await;
    let mut paths: Vec<String> = PAGES.map(|(path, _)| path.to_owned()).into();
    paths.push(format!("/admin/users/{}", world.user.id));
    for deed in ["disable", "promote", "reset-password", "end-sessions", "delete"] {
        paths.push(world.deed(deed));
    }
    for path in &paths {
        assert_eq!(world.root.get(path).await.status, StatusCode::OK, "{path}");
        assert_eq!(world.root.head(path).await.status, StatusCode::OK, "{path}");
    }
    assert_eq!(before, standing(&world).await);
    assert!(world.ada.is_signed_in().await);
}

/// S03: without the token of the very form nothing is done, and S11: nor after a while without the password.
#[tokio::test]
async fn nothing_is_done_without_the_token_and_a_fresh_sign_in() {
    let mut world = World::new().await;
    let path = world.deed("disable");
    let other = world.root.get(&world.deed("promote")).await.csrf();
    for csrf in ["", &other] {
        let answer = world
            .root
            .post(&path, &[("csrf", csrf), ("decision", "go")])
            .await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
    }
    let csrf = world.root.get(&path).await.csrf();
    world.app.clock.advance(Duration::from_secs(301));
    let late = world
        .root
        .post(&path, &[("csrf", &csrf), ("decision", "go")])
        .await;
    assert_eq!(late.status, StatusCode::FORBIDDEN);
    assert!(late.has_page("current-password") && world.ada.is_signed_in().await);
    let wrong = world
        .confirm(&path, &[("current-password", "not this one")])
        .await;
    assert_eq!(wrong.status, StatusCode::FORBIDDEN);
    let right = world
        .confirm(&path, &[("current-password", crate::app::PASSWORD)])
        .await;
    assert_eq!(right.status, StatusCode::SEE_OTHER);
    assert!(!world.ada.is_signed_in().await);
}
