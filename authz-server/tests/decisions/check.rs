//! `POST /check` with an action and a resource, and `GET /check` with the caller's own token.

use domain::api_keys::NewApiKey;
use model::api_key::{KeyKind, KeyName};
use model::user::Role;
use oauth::permission::PermissionSet;
use serde_json::json;

use crate::Shop;

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
            value
                .into_iter()
                .for_each(|value: serde_json::Value| body[name] = value);
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
