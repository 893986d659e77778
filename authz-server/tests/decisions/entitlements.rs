//! Entitlements at `/check`, reports of use at both doors, and what plans allow at the doors of an account.

use domain::Settings;
use domain::api_keys::NewApiKey;
use model::api_key::{KeyKind, KeyName};
use model::billing::{Currency, Feature, Plan, Plans, Prices};
use model::user::Role;
use oauth::permission::PermissionSet;
use serde_json::{Value, json};

use crate::Shop;
use crate::app::App;
use crate::app::json::{Program, Reply};

fn feature(name: &str, limit: u64) -> Feature {
    Feature {
        name: name.to_owned(),
        limit: Some(limit),
        included: None,
    }
}

/// A free plan with 100 calls, one key, two members and one IAM user; a plan `pro` without an end of calls.
fn sold(settings: &mut Settings) {
    let free = Plan {
        features: vec![
            feature("calls", 100),
            feature("api_keys", 1),
            feature("seats", 2),
            feature("iam_users", 1),
        ],
        ..Plan::built_in("free", Currency::INR, &Prices::default())
    };
    let endless = Feature {
        limit: None,
        ..feature("calls", 0)
    };
    let pro = Plan {
        id: "pro".to_owned(),
        features: vec![endless],
        ..free.clone()
    };
    settings.billing.plans = Plans::new(free, vec![pro]);
}

pub async fn town() -> Shop {
    Shop::over(App::with(sold).await).await
}

/// A program with a key of an administrator.
pub async fn keyed(shop: &Shop, kind: KeyKind, scope: &str) -> Program {
    let name = format!("{}@example.org", scope.replace([':', ' '], "-"));
    let admin = shop.app.admin(&name, Role::Admin).await;
    let permissions = PermissionSet::from_scope_string(scope).unwrap();
    let new = NewApiKey::new(kind, KeyName::parse("robot").unwrap(), permissions);
    let made = shop
        .app
        .authority
        .create_api_key(&shop.app.ctx(), &admin, new)
        .await;
    let header = if kind == KeyKind::Service {
        "x-service-key"
    } else {
        "x-api-key"
    };
    shop.app.program().with(header, made.unwrap().1.expose())
}

pub fn report(shop: &Shop, quantity: impl Into<Value>, key: &str) -> Value {
    let quantity: Value = quantity.into();
    json!({"account_id": shop.account, "metric": "calls", "quantity": quantity, "idempotency_key": key})
}

async fn ask(shop: &Shop, feature: &str) -> Reply {
    let body = json!({"token": shop.token, "entitlement": feature});
    shop.gate.post("/check", body).await
}

#[tokio::test]
async fn a_proxy_asks_for_an_entitlement_until_its_reports_have_used_it_up() {
    let shop = town().await;
    let granted = ask(&shop, "calls").await.body;
    assert_eq!(
        (&granted["allowed"], &granted["valid_for"]),
        (&json!(true), &json!(60)),
        "{granted}"
    );
    assert_eq!(granted["account_id"], shop.account);
    let said = &granted["entitlement"];
    assert_eq!(
        (&said["granted"], &said["limit"], &said["remaining"]),
        (&json!(true), &json!(100), &json!(100))
    );
    let batch = json!({"reports": [report(&shop, json!(60), "a"), report(&shop, json!(40), "b")]});
    for (written, known) in [(2, 0), (0, 2)] {
        let reply = shop.gate.post("/usage/reports", batch.clone()).await;
        assert_eq!(reply.body, json!({"written": written, "known": known}));
    }
    let refused = ask(&shop, "calls").await.body;
    assert_eq!(
        (&refused["active"], &refused["allowed"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(refused["reason"], "entitlement_exceeded");
    let said = &refused["entitlement"];
    assert_eq!(
        (&said["used"], &said["reason"]),
        (&json!(100), &json!("limit_reached"))
    );
    assert!(
        said["upgrade_url"]
            .as_str()
            .unwrap()
            .ends_with("/account/billing")
    );
    // The token itself is as good as before.
    let form = shop
        .gate
        .with("content-type", "application/x-www-form-urlencoded");
    let body = format!("token={}", shop.token);
    let introspected = form
        .send(http::Method::POST, "/oauth2/introspect", Some(body))
        .await;
    assert_eq!(introspected.body["active"], true, "{}", introspected.body);
}

#[tokio::test]
async fn a_caller_is_told_what_to_do_and_a_senseless_name_is_refused() {
    let shop = town().await;
    let own = shop.app.program().bearing(&shop.token);
    assert_eq!(own.get("/check?entitlement=calls").await.status, 200);
    let refused = own.get("/check?entitlement=video").await;
    assert_eq!(
        (refused.status.as_u16(), refused.text("/error")),
        (403, "entitlement_exceeded")
    );
    assert_eq!(refused.body["details"]["feature"], "video");
    assert!(refused.text("/error_description").contains("Choose a plan"));
    for name in ["Calls", "a b", "a/b"] {
        let reply = ask(&shop, name).await;
        assert_eq!(reply.status, 400, "{name}: {}", reply.body);
    }
}

#[tokio::test]
async fn only_proxies_report_for_others_without_a_key_and_a_wrong_batch_is_named() {
    let shop = town().await;
    let one = json!({"reports": [report(&shop, json!(1), "a")]});
    assert_eq!(
        shop.stranger.post("/usage/reports", one.clone()).await.body["error"],
        "unauthorized_client"
    );
    assert_eq!(
        shop.app
            .program()
            .post("/usage/reports", one.clone())
            .await
            .status,
        401
    );
    let wrong = json!({"reports": [report(&shop, json!(1), "a"), report(&shop, json!(0), "b")]});
    let reply = shop.gate.post("/usage/reports", wrong).await;
    assert_eq!(reply.status, 400);
    assert_eq!(
        (
            &reply.body["errors"][0]["index"],
            &reply.body["errors"][0]["member"]
        ),
        (&json!(1), &json!("quantity"))
    );
    for quantity in [json!(1.5), json!("1"), json!(9_223_372_036_854_775_808_u64)] {
        let batch = json!({"reports": [report(&shop, quantity, "c")]});
        assert_eq!(shop.gate.post("/usage/reports", batch).await.status, 400);
    }
    assert_eq!(shop.gate.post("/usage/reports", one).await.body["written"], 1);
}

#[tokio::test]
async fn a_service_reports_and_the_account_sees_it() {
    let shop = town().await;
    let service = keyed(&shop, KeyKind::Service, "builds:read").await;
    let taken = service
        .post("/v1/licenses/usage", report(&shop, json!(7), "a"))
        .await;
    assert_eq!(taken.status, 200, "{}", taken.body);
    assert_eq!(
        (&taken.body["data"]["used"], &taken.body["data"]["limit"]),
        (&json!(7), &json!(100))
    );
    let other = service
        .post("/v1/licenses/usage", report(&shop, json!(8), "a"))
        .await;
    assert_eq!(other.refusal(), (409, "IDEMPOTENCY_CONFLICT"));
    let half = json!({"reports": [report(&shop, json!(1), "b"), report(&shop, json!(-1), "c")]});
    let half = service.post("/v1/licenses/usage", half).await;
    assert_eq!(half.refusal(), (400, "INVALID_REQUEST"));
    assert!(
        half.body["error"]["details"]["fields"]["reports[1].quantity"].is_string(),
        "{}",
        half.body
    );
    let fraction = service
        .post("/v1/licenses/usage", report(&shop, json!(1.5), "d"))
        .await;
    assert!(
        fraction.body["error"]["details"]["fields"]["quantity"].is_string(),
        "{}",
        fraction.body
    );
    let mine = shop.root.get("/v1/licenses/usage").await;
    assert_eq!(
        (&mine.body["data"][0]["metric"], &mine.body["data"][0]["used"]),
        (&json!("calls"), &json!(7))
    );
    let one = shop.root.get("/v1/licenses/entitlements?feature=calls").await;
    assert_eq!(one.body["data"][0]["remaining"], 93);
    assert_eq!(
        shop.root.get("/v1/licenses/usage?from=yesterday").await.status,
        400
    );
}

/// Whoever may report for one account may not for another (T05).
#[tokio::test]
async fn a_key_with_the_scope_reports_for_its_own_account_alone() {
    let shop = town().await;
    let key = keyed(&shop, KeyKind::Api, "usage:write").await;
    let foreign = key.post("/v1/licenses/usage", report(&shop, json!(1), "a")).await;
    assert_eq!(foreign.refusal(), (403, "FORBIDDEN"));
    let own = json!({"metric": "calls", "quantity": 1, "idempotency_key": "a"});
    let taken = key.post("/v1/licenses/usage", own.clone()).await;
    assert_eq!(taken.status, 200, "{}", taken.body);
    assert_ne!(taken.body["data"]["account_id"], shop.account);
    let without = shop.root.post("/v1/licenses/usage", own).await;
    assert_eq!(without.refusal(), (403, "INSUFFICIENT_SCOPE"));
}

#[tokio::test]
async fn an_administrator_gives_prolongs_and_ends_a_licence() {
    let shop = town().await;
    let key = keyed(&shop, KeyKind::Admin, "admin:licenses:read admin:licenses:write").await;
    let path = format!("/v1/admin/licenses/{}", shop.account);
    assert_eq!(shop.root.get(&path).await.refusal(), (403, "FORBIDDEN"));
    let plans = key.get("/v1/admin/plans").await;
    assert_eq!(
        (&plans.body["data"][0]["id"], &plans.body["data"][1]["id"]),
        (&json!("free"), &json!("pro"))
    );
    for wrong in [
        json!({"plan": "gold"}),
        json!({"seats": 0}),
        json!({"valid_until": "2020-01-01T00:00:00Z"}),
    ] {
        assert_eq!(key.patch(&path, wrong).await.refusal(), (400, "INVALID_REQUEST"));
    }
    let given = key.patch(&path, json!({"plan": "pro", "seats": 3})).await;
    assert_eq!(
        (&given.body["data"]["plan"], &given.body["data"]["seats"]),
        (&json!("pro"), &json!(3))
    );
    let mine = shop.root.get("/v1/licenses/me").await;
    assert_eq!(
        (&mine.body["data"]["plan"], &mine.body["data"]["status"]),
        (&json!("pro"), &json!("active"))
    );
    assert_eq!(shop.root.get("/v1/users/me").await.body["data"]["plan"], "pro");
    assert_eq!(shop.root.get("/api/auth/quota").await.body["plan"], "pro");
    assert_eq!(
        ask(&shop, "calls").await.body["entitlement"]["limit"],
        Value::Null
    );
    let shown = key.get(&path).await;
    assert_eq!(shown.body["data"]["history"][0]["source"], "admin");
    assert_eq!(key.delete(&path).await.body["data"]["plan"], "free");
    assert_eq!(key.delete(&path).await.refusal(), (409, "NO_LICENCE"));
    assert_eq!(key.get("/v1/admin/licenses/000000000001").await.status, 404);
}

/// Keys, members and IAM users, each beyond what the plan allows.
#[tokio::test]
async fn what_the_plan_counts_is_refused_beyond_its_figure() {
    let shop = town().await;
    let key = json!({"name": "one", "scopes": ["repos:read"]});
    assert_eq!(shop.root.post("/v1/auth/api-keys", key).await.status, 201);
    let second = json!({"name": "two", "scopes": ["repos:read"]});
    let refused = shop.root.post("/v1/auth/api-keys", second).await;
    assert_eq!(refused.refusal(), (403, "ENTITLEMENT_EXCEEDED"));
    let details = &refused.body["error"]["details"];
    assert_eq!(
        (&details["feature"], &details["limit"], &details["used"]),
        (&json!("api_keys"), &json!(1), &json!(1))
    );
    assert!(details["upgrade_url"].is_string());
    let invite = async |email: &str| {
        let body = json!({"email": email, "role": "viewer"});
        shop.root.post("/auth/team/invite", body).await
    };
    assert_eq!(invite("bob@example.org").await.status, 201);
    assert_eq!(
        invite("bob@example.org").await.status,
        201,
        "in place of the first"
    );
    assert_eq!(
        invite("eve@example.org").await.refusal(),
        (403, "entitlement_exceeded")
    );
    // The shop has its one IAM user.
    let user = shop
        .root
        .post("/auth/iam/users", json!({"username": "carol"}))
        .await;
    assert_eq!(user.refusal(), (403, "entitlement_exceeded"));
}
