//! GitHub accounts and installations of somebody else: they look absent, and nothing happens to them.

use http::Method;
use serde_json::{Value, json};

use crate::app::PASSWORD;
use crate::app::json::{Program, Reply};
use crate::world::World;

fn told(reply: &Reply) -> (u16, Value) {
    (reply.status.as_u16(), reply.body["error"].clone())
}

async fn signed(world: &World) -> Program {
    let program = world.app.program();
    let body = json!({"email": "ada@example.org", "password": PASSWORD, "name": "Ada"});
    let reply = program.post("/v1/auth/register", body).await;
    program.bearing(reply.text("/token"))
}

/// T01
#[tokio::test]
async fn what_is_anothers_at_github_looks_absent() {
    let world = World::new().await;
    let octo = world.user("octo").await;
    let installation = world.install("octo");
    world.link(octo, installation).await.unwrap();
    let accounts = world.app.authority.linked_accounts(octo).await.unwrap();
    let account = accounts[0].subject.clone();
    let ada = signed(&world).await;
    let remove = async |collection: &str, id: &str| {
        let path = format!("/api/auth/{collection}/{id}");
        told(&ada.send(Method::DELETE, &path, None).await)
    };
    let choose = async |path: &str, member: &str, id: &str| {
        let body = json!({member: id});
        told(&ada.post(&format!("/api/auth/{path}"), body).await)
    };
    for (collection, id) in [
        ("github/accounts", account.as_str()),
        ("github-app/installations", &installation.to_string()),
    ] {
        let absent = remove(collection, "987654321").await;
        assert_eq!(absent.0, 404, "{collection}: {}", absent.1);
        assert_eq!(remove(collection, id).await, absent, "{collection}");
    }
    for (path, member, id) in [
        ("github/accounts/active", "githubId", account.as_str()),
        (
            "github-app/set-active",
            "installationId",
            &installation.to_string(),
        ),
    ] {
        let absent = choose(path, member, "987654321").await;
        assert_eq!(absent.0, 404, "{path}: {}", absent.1);
        assert_eq!(choose(path, member, id).await, absent, "{path}");
    }
    assert_eq!(world.installations(octo).await.len(), 1);
    assert_eq!(world.app.authority.linked_accounts(octo).await.unwrap().len(), 1);
}
