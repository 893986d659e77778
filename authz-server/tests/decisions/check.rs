//! `POST /check` with an action and a resource, and `GET /check` with the caller's own token.

use domain::api_keys::NewApiKey;
use model::api_key::{KeyKind, KeyName};
use model::user::Role;
use oauth::permission::PermissionSet;
use serde_json::{Value, json};
use std::time::Duration;

use crate::Shop;
use crate::app::PASSWORD;

#[tokio::test]
async fn the_owner_may_do_everything_in_the_account_and_nothing_in_another() {
    let shop = Shop::open().await;
    let ask = async |resource: &str| {
        let body = json!({"token": shop.token, "action": "orders:Delete", "resource": resource});
        shop.gate.post("/check", body).await
    };
    let reply = ask(&shop.order("7")).await;
    assert_eq!(reply.body["allowed"], true, "{}", reply.body);
    assert_eq!(reply.body["account_id"], shop.account);
    assert!(!reply.header("revocation-position").is_empty());
    assert_eq!(ask("arn:authz:orders:::order/7").await.body["allowed"], true);
    let reply = ask("arn:authz:orders::000000000000:order/7").await;
    assert_eq!(
        (&reply.body["allowed"], &reply.body["reason"]),
        (&json!(false), &json!("other_account"))
    );
}

#[tokio::test]
async fn half_a_question_and_a_senseless_one_are_refused() {
    let shop = Shop::open().await;
    let order = shop.order("7");
    for (action, resource, context) in [
        (Some("orders:Read"), None, None),
        (None, Some(order.as_str()), None),
        (Some("orders"), Some(&order), None),
        (Some("orders:Read"), Some("order/7"), None),
        (
            Some("orders:Read"),
            Some(&order),
            Some(json!({"iam:username": "root"})),
        ),
        (
            Some("orders:Read"),
            Some(&order),
            Some(json!({"request:time": "2026-01-01"})),
        ),
    ] {
        let mut body = json!({"token": shop.token});
        for (name, value) in [
            ("action", action.map(Into::into)),
            ("resource", resource.map(Into::into)),
            ("context", context),
        ] {
            value.into_iter().for_each(|value: Value| body[name] = value);
        }
        let reply = shop.gate.post("/check", body.clone()).await;
        assert_eq!(reply.status, 400, "{body}");
        assert_eq!(reply.body["error"], "invalid_request");
    }
}

/// K04: what a key may do is bound by its scopes, whatever its maker may.
#[tokio::test]
async fn a_key_needs_the_permission_of_the_action() {
    let shop = Shop::open().await;
    let ada = shop.app.admin("carl@example.org", Role::User).await;
    let permissions = PermissionSet::from_scope_string("orders:read").unwrap();
    let new = NewApiKey::new(KeyKind::Api, KeyName::parse("Till").unwrap(), permissions);
    let made = shop
        .app
        .authority
        .create_api_key(&shop.app.ctx(), &ada, new)
        .await;
    expect(&shop, made.unwrap().1.expose()).await;
}

async fn expect(shop: &Shop, key: &str) {
    for (action, allowed, reason) in [
        ("orders:Read", true, "allowed"),
        ("orders:Delete", false, "missing_scope"),
    ] {
        let body = json!({"token": key, "action": action, "resource": "arn:authz:orders:::order/7"});
        let reply = shop.gate.post("/check", body).await;
        assert_eq!(reply.body["allowed"], allowed, "{}", reply.body);
        assert_eq!(reply.body["reason"], reason);
    }
}

#[tokio::test]
async fn whoever_asks_for_itself_is_told_with_a_status() {
    let shop = Shop::open().await;
    let ask = async |resource: String| {
        let path = format!("/check?action=orders:Read&resource={resource}");
        shop.root.get(&path).await.status.as_u16()
    };
    assert_eq!(ask(shop.order("7")).await, 200);
    assert_eq!(
        ask("arn:authz:orders::000000000000:order/7".to_owned()).await,
        403
    );
}

/// A client for itself is nobody in any account.
#[tokio::test]
async fn a_token_without_a_user_may_nothing() {
    let shop = Shop::open().await;
    let form = "grant_type=client_credentials";
    let typed = shop
        .gate
        .with("content-type", "application/x-www-form-urlencoded");
    let issued = typed
        .send(http::Method::POST, "/oauth2/token", Some(form.to_owned()))
        .await;
    let token = issued.text("/access_token");
    let body = json!({"token": token, "action": "orders:Read", "resource": shop.order("7")});
    let reply = shop.gate.post("/check", body).await;
    assert_eq!(
        (&reply.body["allowed"], &reply.body["reason"]),
        (&json!(false), &json!("no_principal"))
    );
}

impl Shop {
    /// The token of an IAM user who may read orders when this holds.
    async fn clerk(&self, condition: Value) -> String {
        let new = json!({"username": "clerk", "password": PASSWORD});
        assert_eq!(self.root.post("/auth/iam/users", new).await.status, 201);
        let statement =
            json!({"Effect": "Allow", "Action": "orders:Read", "Resource": "*", "Condition": condition});
        let document = json!({"Version": "2012-10-17", "Statement": [statement]});
        let body = json!({"name": "hours", "description": "Reads at times", "document": document});
        let policy = self.root.post("/auth/iam/policies", body).await;
        assert_eq!(policy.status, 201, "{}", policy.body);
        let path = format!("/auth/iam/users/clerk/policies/{}", policy.text("/id"));
        assert!(self.root.put(&path, json!({})).await.status.is_success());
        let given = json!({"account_id": self.account, "username": "clerk", "password": PASSWORD});
        let signed_in = self.app.program().post("/auth/iam-login", given).await;
        signed_in.text("/access_token").to_owned()
    }

    /// Whether a token may read an order, and how long that holds.
    async fn read(&self, token: &str, more: Value) -> (bool, Option<u64>) {
        let mut body = json!({"token": token, "action": "orders:Read", "resource": self.order("7")});
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        let reply = self.gate.post("/check", body).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        (
            reply.body["allowed"].as_bool().unwrap(),
            reply.body["valid_for"].as_u64(),
        )
    }
}

#[tokio::test]
async fn an_answer_says_how_long_it_holds() {
    let shop = Shop::open().await;
    let none = json!({});
    assert_eq!(shop.read(&shop.token, none.clone()).await, (true, Some(60)));
    // A login grows old while the answer is remembered.
    assert_eq!(
        shop.read(&shop.token, json!({"max_age": "900"})).await,
        (true, None)
    );
    let until = shop.app.ctx().now.plus(Duration::from_secs(90)).as_seconds();
    let clerk = shop
        .clerk(json!({"DateLessThan": {"request:time": until.to_string()}}))
        .await;
    for (wait, expected) in [
        (0, (true, Some(60))),
        (50, (true, Some(40))),
        (39, (true, Some(1))),
        (1, (false, Some(0))),
        (1, (false, Some(60))),
    ] {
        shop.app.clock.advance(Duration::from_secs(wait));
        assert_eq!(shop.read(&clerk, none.clone()).await, expected);
    }
}

#[tokio::test]
async fn an_answer_that_reads_the_time_in_other_ways_does_not_say_how_long_it_holds() {
    let shop = Shop::open().await;
    let clerk = shop.clerk(json!({"StringLike": {"request:time": "*T*"}})).await;
    assert_eq!(shop.read(&clerk, json!({})).await, (true, None));
}

/// What ends the token ends what is said of it.
#[tokio::test]
async fn an_answer_does_not_outlast_its_token() {
    let shop = Shop::open().await;
    let reply = shop.gate.post("/check", json!({"token": shop.token})).await;
    let exp = reply.body["exp"].as_i64().unwrap();
    let left = u64::try_from(exp - shop.app.ctx().now.as_seconds()).unwrap();
    shop.app.clock.advance(Duration::from_secs(left - 7));
    let (allowed, valid_for) = shop.read(&shop.token, json!({})).await;
    assert!(
        allowed && valid_for.is_some_and(|seconds| (6..=7).contains(&seconds)),
        "{valid_for:?}"
    );
}
