//! API keys of others: found by how they begin or whose they are, and revoked.

use domain::api_keys::NewApiKey;
use http::StatusCode;
use model::api_key::{ApiKey, KeyKind, KeyName};
use oauth::permission::PermissionSet;

use crate::world::World;

async fn key(world: &World) -> (ApiKey, String) {
    let name = KeyName::parse("Nightly copy").unwrap();
    let permissions = PermissionSet::from_list(["databases:read"]).unwrap();
    let new = NewApiKey::new(KeyKind::Api, name, permissions);
    let ctx = world.app.ctx();
    let made = world.app.authority.create_api_key(&ctx, &world.user, new).await;
    let (key, text) = made.unwrap();
    (key, text.expose().to_owned())
}

#[tokio::test]
async fn a_key_is_found_and_revoked() {
    let mut world = World::new().await;
    let (key, text) = key(&world).await;
    for q in [
        "ada",
        &key.prefix,
        &format!("{}…", key.prefix),
        &key.id.to_string(),
    ] {
        let page = world.root.get(&format!("/admin/keys?q={q}")).await;
        assert!(page.body.contains("Nightly copy"), "{q}");
        assert!(!page.body.contains(&text), "{q}");
    }
    let empty = world.root.get("/admin/keys").await;
    assert!(empty.body.contains("Search for an owner") && !empty.body.contains("Nightly"));
    let path = format!("/admin/keys/{}/revoke", key.id);
    world.confirmed(&path, "key-revoked").await;
    assert!(!world.root.get("/admin/keys?q=ada").await.body.contains("Nightly"));
    assert_eq!(world.root.get(&path).await.status, StatusCode::NOT_FOUND);
}
