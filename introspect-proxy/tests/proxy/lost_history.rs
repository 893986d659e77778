//! The server was restored from an old copy: what it said in the part that is lost is relied on by nobody.
//! Also what it said at the last moment, and what is still on its way.

use crate::support::{ROUTES, World, eventually};
use serde_json::json;

impl World {
    /// The log begins anew, and the proxy has noticed.
    async fn loses_history(&self) {
        let lost = || self.proxy.core().evaluator.revocations.histories_lost();
        let before = lost();
        self.authority.lose_history();
        eventually(|| lost() > before).await;
        eventually(|| self.proxy.core().state().lease_fresh).await;
    }

    /// There is something to be lost.
    async fn has_a_history(&self) {
        for number in 0..5 {
            self.authority.announce("token", &format!("tok_past_{number}"));
        }
        self.caught_up().await;
    }
}

/// C04: the answer comes when everything that was kept has been dropped already.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_from_a_lost_history_is_not_kept() {
    let world = World::with_server(ROUTES, "", "timeout = \"20s\"").await;
    world.has_a_history().await;
    let token = world.authority.opaque(&json!({ "jti": "tok_lost" }));
    let slow = world.stalled("/orders/1", &token).await;
    world.loses_history().await;
    world.authority.forget("tok_lost");
    world.authority.stall(false);
    slow.await.unwrap();
    assert_eq!(world.get_with("/orders/1", &token).await.status, 401);
    assert_eq!(world.authority.calls(), 2);
}

const PLANS: &str = r#"
[[routes]]
name = "exports"
match = { path = "/exports/**" }
upstream = "echo"
require = { audience = "https://api", entitlement = "exports" }

[[routes]]
name = "ruled"
match = { path = "/ruled/{id}" }
upstream = "echo"
require = { audience = "https://api", action = "shop:Read", resource = "arn:authz:shop::1:order/{id}" }
"#;

/// C10: what an account may, and what policies allow.
#[tokio::test(flavor = "multi_thread")]
async fn a_remembered_ruling_from_a_lost_history_is_asked_for_anew() {
    for path in ["/exports/1", "/ruled/1"] {
        let world = World::with(PLANS, "").await;
        world.authority.limit("1", "exports", 5);
        world.has_a_history().await;
        let token = world.token_of("1");
        assert_eq!(world.get_with(path, &token).await.status, 200, "{path}");
        world.authority.forbid_silently(&["usr_1"]);
        world.authority.limit("1", "exports", 0);
        world.loses_history().await;
        assert_eq!(world.get_with(path, &token).await.status, 403, "{path}");
    }
}

/// C10: the same of a ruling that is still on its way.
#[tokio::test(flavor = "multi_thread")]
async fn a_ruling_that_comes_from_a_lost_history_is_not_kept() {
    for path in ["/exports/1", "/ruled/1"] {
        let world = World::with_server(PLANS, "", "timeout = \"20s\"").await;
        world.authority.limit("1", "exports", 5);
        world.has_a_history().await;
        let token = world.token_of("1");
        world.authority.hold_entitlements(true);
        let lost = async {
            eventually(|| world.authority.questions() == 1).await;
            world.loses_history().await;
            world.authority.forbid_silently(&["usr_1"]);
            world.authority.limit("1", "exports", 0);
            world.authority.hold_entitlements(false);
        };
        let (reply, ()) = tokio::join!(world.get_with(path, &token), lost);
        assert_eq!(reply.status, 403, "{path}");
        assert_eq!(world.get_with(path, &token).await.status, 403, "{path}");
        assert_eq!(world.authority.questions(), 2, "{path}");
    }
}
