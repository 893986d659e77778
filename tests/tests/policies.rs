//! A route that demands an action on a resource: the real proxy asks the real server, and hears of every change.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

use serde_json::json;
use tests::demo::{Demo, PASSWORD};
use tests::server::Setup;

const ROUTES: &str = r#"
[[routes]]
name = "policed"
match = { path = "/policed/{id}", methods = ["GET"] }
upstream = "service"
require = { action = "orders:Read", resource = "arn:authz:orders:::order/{id}" }
"#;

struct Shop {
    demo: Demo,
    root: String,
    bob: String,
    policy: String,
}

impl Shop {
    async fn open(setup: Setup) -> Self {
        let demo = Demo::with_routes(setup, ROUTES).await.unwrap();
        let (root, account) = demo.register("ada@example.org").await.unwrap();
        let bob = json!({"username": "bob", "password": PASSWORD, "console_access": true});
        demo.send("POST", "/auth/iam/users", &root, &bob).await.unwrap();
        let body = json!({"account_id": account, "username": "bob", "password": PASSWORD});
        let bob = demo.send("POST", "/auth/iam-login", "", &body).await.unwrap();
        let statement =
            json!({"Effect": "Allow", "Action": "orders:Read", "Resource": "arn:authz:orders::*:order/7"});
        let document = json!({"Version": "2012-10-17", "Statement": statement});
        let body = json!({"name": "reader", "description": "Order 7", "document": document});
        let policy = demo
            .send("POST", "/auth/iam/policies", &root, &body)
            .await
            .unwrap();
        Self {
            root,
            bob: bob["access_token"].as_str().unwrap().to_owned(),
            policy: policy["id"].as_str().unwrap().to_owned(),
            demo,
        }
    }

    async fn change(&self, method: &str, path: &str) {
        self.demo
            .send(method, path, &self.root, &json!({}))
            .await
            .unwrap();
    }

    /// How many calls it took until the proxy answered so; the log brings the news within moments.
    async fn bob_gets(&self, path: &str, status: u16) -> usize {
        for calls in 0..2000 {
            if self.demo.call(&self.bob, path).await.unwrap() == status {
                return calls;
            }
        }
        panic!("{path} never answers {status}")
    }
}

/// P06, C10: attached and detached, alone and by a group, the next requests after the news are decided anew.
#[tokio::test]
async fn a_change_of_policies_reaches_the_proxy() {
    for setup in [Setup::sqlite(), Setup::postgres()] {
        let shop = Shop::open(setup).await;
        assert_eq!(shop.demo.call(&shop.root, "/policed/7").await.unwrap(), 200);
        assert_eq!(shop.demo.call(&shop.bob, "/policed/7").await.unwrap(), 403);
        let attachment = format!("/auth/iam/users/bob/policies/{}", shop.policy);
        shop.change("PUT", &attachment).await;
        shop.bob_gets("/policed/7", 200).await;
        assert_eq!(shop.demo.call(&shop.bob, "/policed/8").await.unwrap(), 403);
        shop.change("DELETE", &attachment).await;
        shop.bob_gets("/policed/7", 403).await;
        shop.demo
            .send(
                "POST",
                "/auth/iam/groups",
                &shop.root,
                &json!({"name": "readers"}),
            )
            .await
            .unwrap();
        shop.change("PUT", "/auth/iam/groups/readers/users/bob").await;
        shop.change(
            "PUT",
            &format!("/auth/iam/groups/readers/policies/{}", shop.policy),
        )
        .await;
        shop.bob_gets("/policed/7", 200).await;
        shop.change("DELETE", "/auth/iam/groups/readers/users/bob").await;
        shop.bob_gets("/policed/7", 403).await;
    }
}

/// A part of the path that could move to another place of the ARN is refused before anybody is asked.
#[tokio::test]
async fn an_ambiguous_segment_is_no_resource() {
    let shop = Shop::open(Setup::sqlite()).await;
    for path in ["/policed/a:b", "/policed/a%20b", "/policed/*"] {
        assert_eq!(shop.demo.call(&shop.root, path).await.unwrap(), 400, "{path}");
    }
}

/// Without an answer nothing passes, whatever was allowed elsewhere.
#[tokio::test]
async fn a_server_that_is_gone_allows_nothing_new() {
    let mut shop = Shop::open(Setup::sqlite()).await;
    assert_eq!(shop.demo.call(&shop.root, "/policed/7").await.unwrap(), 200);
    shop.demo.server.kill_hard().unwrap();
    assert_eq!(shop.demo.call(&shop.root, "/policed/8").await.unwrap(), 503);
}
