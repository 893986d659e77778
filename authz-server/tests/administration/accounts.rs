//! Accounts and what is in them; an IAM user is shut and let in again.

use http::{StatusCode, header};
use serde_json::json;

use crate::app::PASSWORD;
use crate::app::json::Program;
use crate::world::World;

/// The root user of an account, with an IAM user `ci` in it; and the number of the account.
async fn account(world: &World) -> (Program, String) {
    let body = json!({"email": "grace@example.org", "password": PASSWORD});
    let reply = world.app.program().post("/auth/register", body).await;
    let root = world.app.program().bearing(reply.text("/access_token"));
    let made = root.post("/auth/iam/users", json!({"username": "ci"})).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let user = world
        .app
        .authority
        .find_user("grace@example.org")
        .await
        .unwrap()
        .unwrap();
    let number = world.app.authority.find_account_number(user.id).await.unwrap();
    (root, number.unwrap())
}

fn iam_user(page: &str) -> String {
    let (_, rest) = page.split_once("/admin/iam-users/").unwrap();
    rest.split_once('/').unwrap().0.to_owned()
}

#[tokio::test]
async fn an_account_is_found_by_number_and_root_user() {
    let mut world = World::new().await;
    let (_, number) = account(&world).await;
    let empty = world.root.get("/admin/accounts").await;
    assert!(empty.body.contains("Search for the number of an account"));
    for q in [number.as_str(), "grace"] {
        let page = world.root.get(&format!("/admin/accounts?q={q}")).await;
        assert!(page.body.contains(&format!("/admin/accounts/{number}")), "{q}");
    }
    let page = world.root.get(&format!("/admin/accounts/{number}")).await;
    assert!(page.has_page("page-admin-account") && page.body.contains("<bdi>ci</bdi>"));
    for none in ["000000000000", "x", "1"] {
        let answer = world.root.get(&format!("/admin/accounts/{none}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{none}");
    }
}

/// S12
#[tokio::test]
async fn an_iam_user_is_shut_and_let_in_again() {
    let mut world = World::new().await;
    let (_, number) = account(&world).await;
    let account = format!("/admin/accounts/{number}");
    let id = iam_user(&world.root.get(&account).await.body);
    let done = world
        .confirm(&format!("/admin/iam-users/{id}/disable"), &[])
        .await;
    assert_eq!(done.header(header::LOCATION), format!("{account}?done=disabled"));
    let page = world.root.get(&account).await;
    assert!(page.body.contains(&format!("/admin/iam-users/{id}/enable")));
    let done = world.confirm(&format!("/admin/iam-users/{id}/enable"), &[]).await;
    assert_eq!(done.header(header::LOCATION), format!("{account}?done=enabled"));
    for path in [
        "usr_00000000000000000000000000/disable",
        "x/disable",
        &format!("{id}/praise"),
    ] {
        let answer = world.root.get(&format!("/admin/iam-users/{path}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}

/// No page for people finds an IAM user, whoever asks for one.
#[tokio::test]
async fn an_iam_user_is_no_user() {
    let mut world = World::new().await;
    let (_, number) = account(&world).await;
    let id = iam_user(&world.root.get(&format!("/admin/accounts/{number}")).await.body);
    let page = world.root.get(&format!("/admin/users/{id}")).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    for state in ["", "unconfirmed", "disabled"] {
        let page = world.root.get(&format!("/admin/users?state={state}")).await;
        assert!(!page.body.contains(&id), "{state}");
    }
}

#[tokio::test]
async fn the_requests_of_an_account_are_found() {
    let mut world = World::new().await;
    let (_, number) = account(&world).await;
    let log = format!("/admin/accounts/{number}/log");
    let page = world.root.get(&log).await;
    assert!(page.has_page("page-admin-account-log"), "{}", page.body);
    assert!(page.body.contains("/auth/iam/users"), "{}", page.body);
    let none = world.root.get(&format!("{log}?q=nothing-like-this")).await;
    assert!(none.body.contains("No such request is kept"));
    let forged = world.root.get(&format!("{log}?from=AAAA")).await;
    assert!(
        forged.body.contains("/auth/iam/users"),
        "a forged place is the beginning"
    );
    assert_eq!(world.ada.get(&log).await.status, StatusCode::NOT_FOUND);
}
