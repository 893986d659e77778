//! Names that try to break out of the page they are shown on.

use domain::people::UserChange;
use model::audit::Actor;

use crate::world::World;

const HOSTILE: &str = "\"'><img src=x onerror=alert(1)></bdi></title><script>alert(1)</script>{{7*7}}";

/// S04
#[tokio::test]
async fn no_name_is_more_than_text() {
    let mut world = World::new().await;
    let change = UserChange {
        name: Some(HOSTILE.to_owned()),
        username: None,
    };
    let ctx = world.app.ctx();
    let changed = world
        .app
        .authority
        .update_user(&ctx, world.user.id, change, Actor::Operator);
    changed.await.unwrap();
    let agent = [("user-agent", "Mozilla/5.0 <script>alert(1)</script>")];
    let mut robber = world.app.browser();
    let csrf = robber.get("/login").await.csrf();
    let fields = [
        ("username", "ada"),
        ("password", crate::app::PASSWORD),
        ("csrf", &csrf),
    ];
    robber.post_with("/login", &fields, &agent).await;
    let user = format!("/admin/users/{}", world.user.id);
    for path in [
        "/admin/users",
        "/admin/users?q=%22%27%3E%3Cscript%3Ealert(1)%3C/script%3E",
        "/admin/sessions?q=ada",
        "/admin/sessions?q=%3Cscript%3E",
        "/admin/keys?q=%3Cscript%3E",
        &user,
        &world.deed("disable"),
    ] {
        let page = world.root.get(path).await;
        assert!(!page.body.contains("<script"), "{path}");
        assert!(!page.body.contains("<img src=x"), "{path}");
    }
    let page = world.root.get(&user).await;
    assert!(page.body.contains("onerror=alert(1)&#"), "shown as text");
}
