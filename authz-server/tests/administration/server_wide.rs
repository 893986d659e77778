//! Signing keys, scopes, proxies and the audit search.

use std::time::Duration;

use domain::operation::PollSigns;
use http::{StatusCode, header};
use model::ClientId;

use crate::world::World;

fn kids(page: &str) -> Vec<String> {
    let parts = page.split("/admin/signing-keys/").skip(1);
    parts
        .filter_map(|rest| rest.split_once("/remove"))
        .map(|(kid, _)| kid.to_owned())
        .collect()
}

#[tokio::test]
async fn keys_are_rotated_and_a_leaked_one_is_removed() {
    let mut world = World::new().await;
    let before = kids(&world.root.get("/admin/signing-keys").await.body);
    let rotated = world
        .confirm("/admin/signing-keys-rotate", &[("start", "now")])
        .await;
    assert!(rotated.header(header::LOCATION).ends_with("done=keys-rotated"));
    let after = kids(&world.root.get("/admin/signing-keys").await.body);
    assert_eq!(after.len(), 2 * before.len());
    let active = after.iter().find(|kid| !before.contains(kid)).unwrap();
    let path = format!("/admin/signing-keys/{active}/remove");
    let mistyped = world.confirm(&path, &[("typed", "something")]).await;
    assert_eq!(mistyped.status, StatusCode::BAD_REQUEST);
    let removed = world.confirm(&path, &[("typed", active)]).await;
    assert!(removed.header(header::LOCATION).ends_with("done=key-removed"));
    let jwks = world.app.browser().get("/oauth2/jwks").await;
    assert!(!jwks.body.contains(active.as_str()), "not published any more");
    assert!(
        world.app.authority.keys.snapshot().is_ready(),
        "another one signs"
    );
    assert_eq!(world.root.get(&path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn proxies_are_listed_with_how_far_they_are() {
    let mut world = World::new().await;
    let empty = world.root.get("/admin/proxies").await;
    assert!(empty.body.contains("No proxy has polled"));
    let (authority, ctx) = (world.app.authority.clone(), world.app.ctx());
    let client: ClientId = "edge".parse().unwrap();
    let head = authority.revocation_snapshot().await.unwrap().head;
    let at = |after| PollSigns {
        instance: Some("edge-1:77"),
        version: Some("0.1.0"),
        after: Some(after),
    };
    authority.note_poll(&ctx, &client, at(head));
    let page = world.root.get("/admin/proxies").await;
    assert!(page.body.contains("edge-1:77") && page.body.contains("Nothing"));
    world.confirmed(&world.deed("disable"), "disabled").await;
    assert_eq!(authority.flush_polls().await.unwrap(), 1);
    let page = world.root.get("/admin/proxies").await;
    assert!(page.body.contains("edge-1:77") && !page.body.contains(">Nothing<"));
    world.app.clock.advance(Duration::from_secs(60));
    assert!(world.root.get("/admin/proxies").await.body.contains("Silent"));
    world.app.clock.advance(Duration::from_secs(3600));
    assert!(
        world
            .root
            .get("/admin/proxies")
            .await
            .body
            .contains("No proxy has polled")
    );
}

#[tokio::test]
async fn events_are_found_by_whom_they_are_about_and_shown_in_full() {
    let mut world = World::new().await;
    world.confirmed(&world.deed("disable"), "disabled").await;
    let path = format!("/admin/audit?q={}&action=user.disabled", world.user.id);
    let page = world.root.get(&path).await;
    assert_eq!(page.body.matches("<code>user.disabled</code>").count(), 1);
    assert!(!page.body.contains("user.created"));
    let (_, rest) = page.body.split_once("href=\"/admin/audit/").unwrap();
    let event = format!("/admin/audit/{}", rest.split_once('"').unwrap().0);
    let page = world.root.get(&event).await;
    assert!(page.body.contains("&#34;sessions&#34;: 1"), "{}", page.body);
    let none = world.root.get("/admin/audit?address=203.0.113.200").await;
    assert!(none.body.contains("Nothing like this happened"));
    assert_eq!(
        world.root.get("/admin/audit/x").await.status,
        StatusCode::NOT_FOUND
    );
}

/// T06: a place that was edited, or given out for another search, is the beginning.
#[tokio::test]
async fn places_in_the_log_are_authenticated() {
    let mut world = World::new().await;
    for n in 0..60 {
        world
            .app
            .admin(&format!("user{n}@example.org"), model::user::Role::User)
            .await;
        world.app.clock.advance(Duration::from_secs(1));
    }
    let first = world.root.get("/admin/audit?action=user.created").await;
    let (_, rest) = first.body.split_once("id=\"pager-older\" href=\"").unwrap();
    let next = rest
        .split_once('"')
        .unwrap()
        .0
        .replace("&#38;", "&")
        .replace("&amp;", "&");
    let second = world.root.get(&next).await;
    assert!(second.has_page("pager-newer") && !second.has_page("pager-older"));
    let newest = |page: &str| page.split("/admin/audit/").nth(1).unwrap()[..30].to_owned();
    assert_ne!(newest(&first.body), newest(&second.body));
    let foreign = next.replace("user.created", "user.create");
    for forged in [format!("{next}x"), foreign] {
        let page = world.root.get(&forged).await;
        assert_eq!(newest(&page.body), newest(&first.body), "{forged}");
    }
}

#[tokio::test]
async fn scopes_say_where_they_are_declared() {
    let mut world = World::new().await;
    let page = world.root.get("/admin/scopes").await;
    assert!(page.body.contains("[[scopes]]") && page.body.contains("None are declared"));
}
