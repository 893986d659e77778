//! The rules that hold on every route, and those of orders, as a merchant sees them.

use reqwest::Method;
use serde_json::{Value, json};

use crate::stand::{KEY, NOW, Stand, problem, text};

#[tokio::test]
async fn nobody_gets_in_without_the_key() {
    let stand = Stand::new();
    for path in ["/v1/orders", "/v1/nothing", "/sandbox/events"] {
        let url = format!("{}{path}", stand.sandbox.url());
        let bare = stand.http.get(&url).send().await.unwrap();
        assert_eq!(problem(bare, 401).await["description"], "Authentication failed");
        let wrong = stand.http.get(&url).basic_auth(KEY, Some("wrong"));
        problem(wrong.send().await.unwrap(), 401).await;
    }
}

#[tokio::test]
async fn an_order_is_as_razorpay_shows_it() {
    let stand = Stand::new();
    let order = json!({"amount": 50_000, "currency": "INR", "receipt": "r-1"});
    let shown = stand.post("/v1/orders", order).await;
    let id = text(&shown["id"]);
    assert!(id.starts_with("order_") && id.len() == 20, "{id}");
    let wanted = json!({
        "id": id, "entity": "order", "amount": 50_000, "amount_paid": 0, "amount_due": 50_000,
        "currency": "INR", "receipt": "r-1", "offer_id": null, "status": "created", "attempts": 0,
        "notes": [], "created_at": NOW,
    });
    assert_eq!(shown, wanted);
    assert_eq!(stand.get(&format!("/v1/orders/{id}")).await, wanted);
}

#[tokio::test]
async fn what_does_not_fit_is_named() {
    let stand = Stand::new();
    let refused = [
        (json!({"currency": "INR"}), "amount"),
        (json!({"amount": 99, "currency": "INR"}), "amount"),
        (json!({"amount": 10.5, "currency": "INR"}), "amount"),
        (json!({"amount": -1, "currency": "INR"}), "amount"),
        (json!({"amount": 1e18, "currency": "INR"}), "amount"),
        (json!({"amount": 100}), "currency"),
        (json!({"amount": 100, "currency": "ZZZ"}), "currency"),
        (
            json!({"amount": 100, "currency": "INR", "receipt": "r".repeat(41)}),
            "receipt",
        ),
        (
            json!({"amount": 100, "currency": "INR", "colour": "red"}),
            "colour",
        ),
        (
            json!({"amount": 100, "currency": "INR", "notes": "text"}),
            "notes",
        ),
        (
            json!({"amount": 100, "currency": "INR", "customer_id": "cust_none"}),
            "customer_id",
        ),
        (
            json!({"amount": 100, "currency": "INR", "token": {"max_amount": 100}}),
            "customer_id",
        ),
    ];
    for (body, field) in refused {
        let answer = stand.try_post("/v1/orders", body.clone()).await;
        let error = problem(answer, 400).await;
        assert_eq!(
            (&error["field"], &error["code"]),
            (&json!(field), &json!("BAD_REQUEST_ERROR")),
            "{body}"
        );
    }
}

#[tokio::test]
async fn unknown_ids_and_addresses_are_refused() {
    let stand = Stand::new();
    for kind in [
        "orders",
        "payments",
        "refunds",
        "customers",
        "plans",
        "subscriptions",
        "invoices",
    ] {
        let path = format!("/v1/{kind}/none");
        let answer = stand.request(Method::GET, &path).send().await.unwrap();
        assert_eq!(
            problem(answer, 400).await["description"],
            "The id provided does not exist"
        );
    }
    let answer = stand.request(Method::GET, "/v1/nothing").send().await.unwrap();
    problem(answer, 404).await;
    let answer = stand.request(Method::DELETE, "/v1/orders").send().await.unwrap();
    problem(answer, 404).await;
}

#[tokio::test]
async fn forms_are_taken_as_php_writes_them() {
    let stand = Stand::new();
    let form = [("amount", "50000"), ("currency", "INR"), ("notes[account]", "7")];
    let request = stand.request(Method::POST, "/v1/orders").form(&form);
    let shown: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(
        (&shown["amount"], &shown["notes"]),
        (&json!(50_000), &json!({"account": "7"}))
    );
    let garbage = stand.request(Method::POST, "/v1/orders").body("{amount");
    problem(garbage.send().await.unwrap(), 400).await;
}

#[tokio::test]
async fn orders_are_found_by_receipt_and_in_windows() {
    let stand = Stand::new();
    for number in 0..12 {
        let order = json!({"amount": 100, "currency": "INR", "receipt": format!("r-{number}")});
        stand.post("/v1/orders", order).await;
    }
    let found = stand.get("/v1/orders?receipt=r-3").await;
    assert_eq!(
        (&found["entity"], &found["count"]),
        (&json!("collection"), &json!(1))
    );
    assert_eq!(found["items"][0]["receipt"], "r-3");
    assert_eq!(stand.get("/v1/orders").await["count"], 10);
    let window = stand.get("/v1/orders?count=2&skip=1").await;
    assert_eq!(window["items"][0]["receipt"], "r-10");
    let early = format!("/v1/orders?to={}", NOW - 1);
    assert_eq!(stand.get(&early).await["count"], 0);
}

#[tokio::test]
async fn the_notes_of_an_order_can_be_changed_and_nothing_else() {
    let stand = Stand::new();
    let path = format!("/v1/orders/{}", stand.order().await);
    let patch = |body: Value| stand.request(Method::PATCH, &path).json(&body).send();
    let answer = patch(json!({"notes": {"seen": "yes"}})).await.unwrap();
    assert_eq!(answer.json::<Value>().await.unwrap()["notes"]["seen"], "yes");
    problem(patch(json!({"amount": 1})).await.unwrap(), 400).await;
}
