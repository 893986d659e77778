//! The hosted checkout, as a browser without scripts walks it.

use razorpay_sandbox::Outcome;
use reqwest::Response;
use serde_json::Value;

use crate::stand::{KEY, Stand};

const CALLBACK: &str = "https://merchant.test/back?cart=1";

/// What the merchant's page posts.
fn form(kind: &str, id: &str) -> Vec<(String, String)> {
    let members = [
        ("key_id", KEY),
        (kind, id),
        ("name", "Acme <Ltd>"),
        ("description", "Top-up"),
        ("prefill[email]", "ada@example.org"),
        ("callback_url", CALLBACK),
        ("cancel_url", "https://merchant.test/cancelled"),
    ];
    members
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

async fn open(stand: &Stand, form: &[(String, String)]) -> Response {
    let url = format!("{}/v1/checkout/embedded", stand.sandbox.url());
    stand.http.post(url).form(form).send().await.unwrap()
}

/// The page after the button of this name.
async fn choose(stand: &Stand, page: &str, choice: &str) -> String {
    let mut members = hidden(page);
    members.push(("choice".to_owned(), choice.to_owned()));
    let url = format!("{}/v1/checkout/pay", stand.sandbox.url());
    let answer = stand.http.post(url).form(&members).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.text().await.unwrap()
}

/// The hidden members of the page's form.
fn hidden(page: &str) -> Vec<(String, String)> {
    let plain = |text: &str| {
        text.replace("&quot;", "\"")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&")
    };
    let inputs = page.split("<input type=\"hidden\" name=\"").skip(1);
    let members = inputs.map(|rest| {
        let (name, rest) = rest.split_once("\" value=\"").unwrap();
        (plain(name), plain(rest.split_once('"').unwrap().0))
    });
    members.collect()
}

fn member(members: &[(String, String)], name: &str) -> String {
    let found = members.iter().find(|(own, _)| own == name);
    found
        .unwrap_or_else(|| panic!("no {name} in {members:?}"))
        .1
        .clone()
}

#[tokio::test]
async fn the_page_says_what_it_is_and_shows_nothing_raw() {
    let stand = Stand::new();
    let answer = open(&stand, &form("order_id", &stand.order().await)).await;
    let policy = answer.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(policy.contains("default-src 'none'") && policy.contains("form-action 'self' https:;"));
    let page = answer.text().await.unwrap();
    assert!(page.contains("No money moves") && page.contains("₹500.00"));
    assert!(page.contains("Acme &lt;Ltd&gt;") && !page.contains("<Ltd>") && !page.contains("<script"));
}

#[tokio::test]
async fn paying_sends_a_signed_form_back() {
    let stand = Stand::new();
    let order = stand.order().await;
    let page = open(&stand, &form("order_id", &order))
        .await
        .text()
        .await
        .unwrap();
    let done = choose(&stand, &page, "upi").await;
    assert!(done.contains(&format!("action=\"{CALLBACK}\"")));
    let members = hidden(&done);
    assert_eq!(member(&members, "razorpay_order_id"), order);
    assert_eq!(member(&members, "razorpay_signature").len(), 64);
    let payment = member(&members, "razorpay_payment_id");
    let shown = stand.get(&format!("/v1/payments/{payment}")).await;
    assert_eq!(
        (&shown["status"], &shown["method"]),
        (&"captured".into(), &"upi".into())
    );
    assert_eq!(shown["email"], "ada@example.org");
    let again = open(&stand, &form("order_id", &order)).await;
    assert_eq!(again.status(), 400);
}

#[tokio::test]
async fn failing_and_cancelling_send_an_error_or_nothing() {
    let stand = Stand::new();
    let order = stand.order().await;
    let page = open(&stand, &form("order_id", &order))
        .await
        .text()
        .await
        .unwrap();
    let members = hidden(&choose(&stand, &page, "fail").await);
    assert_eq!(member(&members, "error[code]"), "BAD_REQUEST_ERROR");
    assert_eq!(member(&members, "error[reason]"), "payment_failed");
    let metadata: Value = serde_json::from_str(&member(&members, "error[metadata]")).unwrap();
    assert_eq!(metadata["order_id"], order);
    let left = choose(&stand, &page, "cancel").await;
    assert!(left.contains("href=\"https://merchant.test/cancelled\""));
    assert_eq!(stand.get(&format!("/v1/orders/{order}")).await["attempts"], 1);
}

#[tokio::test]
async fn a_subscription_is_authenticated_on_the_page() {
    let stand = Stand::new();
    let id = stand.subscription().await;
    let page = open(&stand, &form("subscription_id", &id))
        .await
        .text()
        .await
        .unwrap();
    assert!(page.contains("₹499.00") && page.contains("every month"));
    let members = hidden(&choose(&stand, &page, "card").await);
    assert_eq!(member(&members, "razorpay_subscription_id"), id);
    assert_eq!(
        stand.get(&format!("/v1/subscriptions/{id}")).await["status"],
        "active"
    );
}

#[tokio::test]
async fn the_short_address_of_a_subscription_leads_to_the_same_page() {
    let stand = Stand::new();
    let id = stand.subscription().await;
    let shown = stand.get(&format!("/v1/subscriptions/{id}")).await;
    let url = shown["short_url"].as_str().unwrap();
    let page = stand.http.get(url).send().await.unwrap().text().await.unwrap();
    let done = choose(&stand, &page, "card").await;
    assert!(done.contains("You can close this page") && !done.contains("<form"));
    assert_eq!(
        stand.get(&format!("/v1/subscriptions/{id}")).await["status"],
        "active"
    );
}

#[tokio::test]
async fn forms_that_make_no_sense_are_refused() {
    let stand = Stand::new();
    let order = stand.order().await;
    let with = |name: &str, value: &str| {
        let mut changed = form("order_id", &order);
        changed.retain(|(own, _)| own != name);
        changed.push((name.to_owned(), value.to_owned()));
        changed
    };
    for (name, value, status) in [
        ("key_id", "rzp_test_other", 401),
        ("order_id", "order_none", 400),
        ("callback_url", "javascript:alert(1)", 400),
        ("callback_url", "javascript://merchant.test/%0aalert(1)", 400),
        ("cancel_url", "data:text/html,x", 400),
    ] {
        let answer = open(&stand, &with(name, value)).await;
        assert_eq!(answer.status(), status, "{name}");
        assert!(!answer.text().await.unwrap().contains("<form"));
    }
    stand.control.pay_order(&order, "card", Outcome::Success).unwrap();
    assert_eq!(open(&stand, &form("order_id", &order)).await.status(), 400);
}
