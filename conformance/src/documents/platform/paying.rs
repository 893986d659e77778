//! The checkout of a payment sandbox, gone through without a person.
//! Pays only at a page with buttons; at a gateway that wants a card nothing is tried.

use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

use crate::http::Http;
use crate::trouble::{Outcome, Trouble, wrong};
use crate::world::text;

const HANDED_OUT: [&str; 3] = ["razorpay_order_id", "razorpay_payment_id", "razorpay_signature"];

/// Pays what was opened; gives what the page hands back for the server.
pub(super) async fn pay(http: &Http, opened: &Value) -> Outcome<Value> {
    let checkout = &opened["checkout"];
    if text(checkout, "kind") != "page" {
        let needs = "needs a payment gateway with a checkout page, such as the sandbox";
        return Err(Trouble::NotTried(needs.to_owned()));
    }
    let form = Serializer::new(String::new())
        .append_pair("key_id", &text(opened, "key_id"))
        .append_pair("order_id", &text(opened, "order_id"))
        .append_pair("callback_url", &http.url("/account"))
        .append_pair("choice", "upi")
        .finish();
    // The page's first form comes to the same, with a button in between.
    let url = text(checkout, "url").replace("/embedded", "/pay");
    let kind = "application/x-www-form-urlencoded";
    let page = http.post(&url).body(kind, form.into_bytes()).send().await?;
    let page = String::from_utf8_lossy(page.bytes()).into_owned();
    let mut vouched = json!({});
    for name in HANDED_OUT {
        let found = hidden(&page, name);
        let found = found.ok_or_else(|| wrong(&format!("POST {url}"), name, page.clone()))?;
        vouched[name] = json!(found);
    }
    Ok(vouched)
}

/// The value of a hidden member of a form.
fn hidden<'p>(page: &'p str, name: &str) -> Option<&'p str> {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\""))?;
    rest.split('"').next()
}
