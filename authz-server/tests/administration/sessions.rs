//! Sessions of others: found by whose they are, where they are from, or what they are called; and ended.

use http::StatusCode;

use crate::world::World;

fn ids(page: &str) -> Vec<String> {
    let parts = page.split("/admin/sessions/").skip(1);
    parts
        .filter_map(|rest| rest.split_once("/end"))
        .map(|(id, _)| id.to_owned())
        .collect()
}

#[tokio::test]
async fn a_session_is_found_and_ended() {
    let mut world = World::new().await;
    let empty = world.root.get("/admin/sessions").await;
    assert!(empty.body.contains("Search for a user") && ids(&empty.body).is_empty());
    let by_name = ids(&world.root.get("/admin/sessions?q=ada").await.body);
    let by_address = ids(&world.root.get("/admin/sessions?q=192.0.2.77").await.body);
    assert_eq!((by_name.len(), &by_name), (1, &by_address));
    assert!(ids(&world.root.get("/admin/sessions?q=192.0.2.78").await.body).is_empty());
    let by_id = ids(&world
        .root
        .get(&format!("/admin/sessions?q={}", by_name[0]))
        .await
        .body);
    assert_eq!(by_id, by_name);
    world
        .confirmed(&format!("/admin/sessions/{}/end", by_name[0]), "session-ended")
        .await;
    assert!(!world.ada.is_signed_in().await && world.root.is_signed_in().await);
    let gone = world
        .root
        .get(&format!("/admin/sessions/{}/end", by_name[0]))
        .await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn all_sessions_of_a_user_end() {
    let mut world = World::new().await;
    let mut elsewhere = world.app.browser();
    elsewhere.log_in("ada", crate::app::PASSWORD).await;
    world
        .confirmed(&world.deed("end-sessions"), "sessions-ended")
        .await;
    assert!(!world.ada.is_signed_in().await && !elsewhere.is_signed_in().await);
    assert!(world.root.is_signed_in().await);
}
