//! Quantities of use that are none: each door says which member is wrong, and takes nothing of the batch.

use model::api_key::KeyKind;
use serde_json::{Value, json};

use crate::entitlements::{keyed, report, town};

const RULE: &str = "must be a whole number from 1 to 1000000000";

/// B03: fractions, texts, what is not above zero, and what nothing can count.
fn senseless() -> [Value; 12] {
    [
        json!(1.5),
        json!(1.0),
        json!("5"),
        json!(""),
        json!(0),
        json!(-1),
        json!(i64::MIN),
        json!(1_000_000_001),
        json!(9_223_372_036_854_775_808_u64),
        json!(1e300),
        json!(true),
        json!([5]),
    ]
}

#[tokio::test]
async fn a_service_is_told_which_quantity_makes_no_sense() {
    let shop = town().await;
    let service = keyed(&shop, KeyKind::Service, "builds:read").await;
    for quantity in senseless() {
        let good = |key| report(&shop, json!(1), key);
        let batch = json!({"reports": [good("a"), good("b"), report(&shop, quantity.clone(), "c")]});
        let single = report(&shop, quantity.clone(), "d");
        for (body, member) in [(batch, "reports[2].quantity"), (single, "quantity")] {
            let reply = service.post("/v1/licenses/usage", body).await;
            assert_eq!(reply.refusal(), (400, "INVALID_REQUEST"), "{quantity}");
            let said = &reply.body["error"]["details"]["fields"][member];
            let said = said.as_str().unwrap_or_else(|| panic!("{}", reply.body));
            assert!(said.starts_with("must be a whole number"), "{said}");
        }
    }
    let nothing = shop.root.get("/v1/licenses/usage").await;
    assert_eq!(nothing.body["data"][0]["used"], 0);
}

#[tokio::test]
async fn a_proxy_is_told_which_quantities_make_no_sense() {
    let shop = town().await;
    for quantity in senseless() {
        let good = report(&shop, json!(1), "a");
        let wrong = |key| report(&shop, quantity.clone(), key);
        let batch = json!({"reports": [good, wrong("b"), wrong("c")]});
        let reply = shop.gate.post("/usage/reports", batch).await;
        assert_eq!(
            (reply.status.as_u16(), reply.text("/error")),
            (400, "invalid_request")
        );
        let said = format!("reports[1].quantity {RULE}; none of the batch was taken");
        assert_eq!(reply.text("/error_description"), said, "{quantity}");
        let named = |index| json!({"index": index, "member": "quantity", "reason": RULE});
        assert_eq!(reply.body["errors"], json!([named(1), named(2)]), "{quantity}");
    }
    let nothing = shop.root.get("/v1/licenses/usage").await;
    assert_eq!(nothing.body["data"][0]["used"], 0);
}

/// Every member is named, not the quantity alone.
#[tokio::test]
async fn a_report_that_is_no_report_is_named_by_its_place() {
    let shop = town().await;
    let good = report(&shop, json!(1), "a");
    let mut nameless = good.clone();
    nameless.as_object_mut().unwrap().remove("metric");
    for (wrong, member, said) in [
        (json!(7), "", "reports[1] must be an object"),
        (json!(["x", "calls", 1, "b"]), "", "reports[1] must be an object"),
        (nameless, "metric", "reports[1].metric is required"),
    ] {
        let batch = json!({"reports": [good, wrong]});
        let reply = shop.gate.post("/usage/reports", batch).await;
        assert_eq!(reply.status, 400);
        assert_eq!(reply.body["errors"][0]["member"], member);
        assert!(
            reply.text("/error_description").starts_with(said),
            "{}",
            reply.body
        );
    }
}
