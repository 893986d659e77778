//! Accounts: found, and everything that can be done to one.

use std::time::Duration;

use http::StatusCode;
use model::user::Role;

use crate::app::PASSWORD;
use crate::app::letter::{letters, link};
use crate::world::World;

#[tokio::test]
async fn a_user_is_found_by_a_few_letters_and_the_box_keeps_them() {
    let mut world = World::new().await;
    let page = world.root.get("/admin/users?q=ad").await;
    assert!(page.body.contains(&format!("/admin/users/{}", world.user.id)));
    assert!(page.body.contains("name=\"q\" type=\"search\" value=\"ad\""));
    let page = world.root.get("/admin/users?q=nobody").await;
    assert!(page.body.contains("No account is found by") && !page.body.contains("<table"));
}

/// T06: no page or state that was made up does harm.
#[tokio::test]
async fn pages_that_are_none_are_the_first_or_empty() {
    let mut world = World::new().await;
    for page in ["-1", "0", "x", "999999999999999999999999", "%00", "1e18"] {
        let answer = world.root.get(&format!("/admin/users?page={page}")).await;
        assert!(answer.body.contains("1 to 2 of 2"), "{page}");
    }
    let answer = world.root.get("/admin/users?page=77").await;
    assert!(answer.status == StatusCode::OK && answer.body.contains("not so many pages"));
    let answer = world.root.get("/admin/users?state='%20OR%201=1").await;
    assert!(answer.body.contains("1 to 2 of 2"));
}

#[tokio::test]
async fn each_state_finds_who_is_in_it() {
    let mut world = World::new().await;
    let lists = |page: &str| page.contains("ada@example.org");
    let states = ["disabled", "leaving"];
    for state in states {
        let page = world.root.get(&format!("/admin/users?state={state}")).await;
        assert!(page.body.contains("No account is in this state"), "{state}");
    }
    world.confirmed(&world.deed("delete"), "deleted").await;
    for state in states.into_iter().chain(["unconfirmed"]) {
        for q in ["", "ada"] {
            let page = world.root.get(&format!("/admin/users?q={q}&state={state}")).await;
            assert!(lists(&page.body), "{state} {q}");
        }
    }
    let page = world.root.get("/admin/users?state=administrators").await;
    assert!(page.body.contains("root@example.org") && !lists(&page.body));
}

#[tokio::test]
async fn disabling_shuts_the_account_and_enabling_opens_it() {
    let mut world = World::new().await;
    let asked = world.root.get(&world.deed("disable")).await;
    assert!(
        asked.body.contains("ada@example.org"),
        "the page names what is touched"
    );
    world.confirmed(&world.deed("disable"), "disabled").await;
    assert!(!world.ada.is_signed_in().await);
    let page = world.root.get(&format!("/admin/users/{}", world.user.id)).await;
    assert!(page.has_page("user-enable") && !page.has_page("user-disable"));
    world.confirmed(&world.deed("enable"), "enabled").await;
    world.ada.log_in("ada", PASSWORD).await;
    assert!(world.ada.is_signed_in().await);
    assert_eq!(
        (
            world.audited("user.disabled").await,
            world.audited("user.enabled").await
        ),
        (1, 1)
    );
}

#[tokio::test]
async fn what_was_done_meanwhile_is_not_done_again() {
    let mut world = World::new().await;
    let path = world.deed("disable");
    let csrf = world.root.get(&path).await.csrf();
    world.confirmed(&path, "disabled").await;
    let again = world
        .root
        .post(&path, &[("csrf", &csrf), ("decision", "go")])
        .await;
    assert!(again.header("location").ends_with("done=nothing"));
    assert_eq!(world.audited("user.disabled").await, 1);
}

#[tokio::test]
async fn nobody_does_it_to_themselves() {
    let mut world = World::new().await;
    let own = world
        .app
        .authority
        .find_user("root@example.org")
        .await
        .unwrap()
        .unwrap();
    world.user = own;
    for deed in ["disable", "demote", "delete"] {
        let page = world.root.get(&world.deed(deed)).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{deed}");
    }
    let page = world
        .root
        .get("/admin/users/usr_00000000000000000000000000")
        .await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert_eq!(
        world.root.get("/admin/users/x").await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        world.root.get(&world.deed("praise")).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_link_to_choose_a_password_goes_to_the_mailbox() {
    let mut world = World::new().await;
    letters(&world.app).await;
    world.confirmed(&world.deed("reset-password"), "reset").await;
    let letters = letters(&world.app).await;
    let link = link(&letters[0], "/reset-password");
    let page = world.app.browser().get(&link.path).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(world.audited("user.reset_link_sent").await, 1);
}

#[tokio::test]
async fn an_address_is_taken_as_confirmed() {
    let mut world = World::new().await;
    world.confirmed(&world.deed("confirm-email"), "confirmed").await;
    let user = world.app.authority.find_user("ada").await.unwrap().unwrap();
    assert!(user.email_verified_at.is_some());
    assert_eq!(world.audited("user.email_verified").await, 1);
}

#[tokio::test]
async fn a_locked_account_is_unlocked() {
    let mut world = World::new().await;
    let mut thief = world.app.browser_at("203.0.113.9");
    for _ in 0..12 {
        let fields = [("username", "ada"), ("password", "not this one")];
        thief.fill("/login", &fields).await;
    }
    let page = world.root.get(&format!("/admin/users/{}", world.user.id)).await;
    assert!(page.body.contains("Locked until") && page.has_page("user-unlock"));
    world.confirmed(&world.deed("unlock"), "unlocked").await;
    let page = world.root.get(&format!("/admin/users/{}", world.user.id)).await;
    assert!(!page.body.contains("Locked until") && !page.has_page("user-unlock"));
    assert_eq!(world.audited("user.unlocked").await, 1);
}

#[tokio::test]
async fn a_deletion_is_undone_whoever_asked_for_it() {
    let mut world = World::new().await;
    world.confirmed(&world.deed("delete"), "deleted").await;
    assert!(!world.ada.is_signed_in().await);
    world.confirmed(&world.deed("keep"), "kept").await;
    world.ada.log_in("ada", PASSWORD).await;
    let fields = [("decision", "delete"), ("current-password", PASSWORD)];
    world.ada.fill("/account/delete", &fields).await;
    let user = world.user.clone();
    assert!(
        world
            .app
            .authority
            .pending_deletion(&user)
            .await
            .unwrap()
            .is_some()
    );
    world.confirmed(&world.deed("keep"), "kept").await;
    assert!(
        world
            .app
            .authority
            .pending_deletion(&user)
            .await
            .unwrap()
            .is_none()
    );
    world.app.clock.advance(Duration::from_secs(40 * 86_400));
    letters(&world.app).await;
    assert!(world.app.authority.find_user("ada").await.unwrap().is_some());
}

/// The domain asks again: a role that was lost between the page and its answer is not enough (T07).
#[tokio::test]
async fn whoever_is_no_administrator_any_more_does_nothing() {
    let world = World::new().await;
    let (authority, ctx) = (&world.app.authority, world.app.ctx());
    let other = world.app.admin("eve@example.org", Role::User).await;
    let by = || model::audit::Actor::User(other.id);
    assert!(authority.unlock_user(&ctx, world.user.id, by()).await.is_err());
    assert!(
        authority
            .send_reset_link(&ctx, world.user.id, by())
            .await
            .is_err()
    );
    assert!(
        authority
            .confirm_email_of(&ctx, world.user.id, by())
            .await
            .is_err()
    );
    assert!(
        authority
            .end_sessions_of(&ctx, world.user.id, by())
            .await
            .is_err()
    );
    assert!(authority.keep_user(&ctx, world.user.id, by()).await.is_err());
    assert!(authority.find_sessions(&ctx, "ada", &by()).await.is_err());
    assert!(authority.find_api_keys(&ctx, "ada", &by()).await.is_err());
}
