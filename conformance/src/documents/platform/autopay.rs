//! The mandate: none, created, active, paused, cancelled.
//! The bare POST is the same operation as `/setup`.

use serde_json::{Value, json};

use super::{heading, paying};
use crate::operation::{Area, Caller, Heading, Operation};
use crate::person::Signed;
use crate::scenario::Scenario;
use crate::trouble::{Trouble, had};

const HERE: Heading = heading("Billing", Area::Billing);

pub(super) const TABLE: &[Operation] = &[
    HERE.row("GET", "/auth/billing/autopay", Caller::Signed),
    HERE.with_body("POST", "/auth/billing/autopay/setup", Caller::Signed),
    HERE.with_body("POST", "/auth/billing/autopay/activate", Caller::Signed),
    HERE.row("PATCH", "/auth/billing/autopay", Caller::Signed),
    HERE.row("DELETE", "/auth/billing/autopay", Caller::Signed),
];

pub(super) async fn run(scenario: &mut Scenario, root: &Option<Signed>) {
    let http = scenario.http();
    let path = "/auth/billing/autopay";
    let send = |method: &str, path: &str, token: &str, body: &Value| {
        http.call(method, path).bearer(token).json(body)
    };
    let case = async {
        let get = http.get(path).bearer(&had(root, "a root user")?.token);
        get.answers(200, &json!({"status": "none"})).await
    };
    scenario
        .case("GET /auth/billing/autopay", "none at first", case)
        .await;
    let operation = "POST /auth/billing/autopay/setup";
    let case = async {
        let token = &had(root, "a root user")?.token;
        let setup = "/auth/billing/autopay/setup";
        let body = json!({"threshold": 10_000, "amount": 50_000, "max_amount": 100_000});
        let shape =
            json!({"status": "created", "threshold": 10_000, "amount": 50_000, "max_amount": 100_000});
        send(
            "POST",
            setup,
            token,
            &json!({"threshold": -1, "amount": 1, "max_amount": 1}),
        )
        .refused(400, "")
        .await?;
        let call = send("POST", setup, token, &body);
        if call.send().await?.status == 503 {
            return Err(Trouble::NotTried("needs a payment gateway".to_owned()));
        }
        // One that waits for its payment is replaced.
        call.answers(201, &shape).await
    };
    let made = scenario
        .case(operation, "a mandate that waits for its payment", case)
        .await;
    let case = async {
        had(&made, operation)?;
        let token = &had(root, "a root user")?.token;
        let bad = json!({"payment_id": "pay_none", "signature": "00".repeat(32)});
        send("POST", "/auth/billing/autopay/activate", token, &bad)
            .refused(400, "")
            .await
    };
    let operation = "POST /auth/billing/autopay/activate";
    scenario
        .case(operation, "a signature that is none: 400", case)
        .await;
    let case = async {
        let opened = had(&made, "POST /auth/billing/autopay/setup")?;
        let token = &had(root, "a root user")?.token;
        let vouched = paying::pay(&http, opened).await?;
        let told =
            json!({"payment_id": vouched["razorpay_payment_id"], "signature": vouched["razorpay_signature"]});
        let activate = "/auth/billing/autopay/activate";
        send("POST", activate, token, &told)
            .answers(200, &json!({"status": "active"}))
            .await?;
        http.get(path)
            .bearer(token)
            .answers(200, &json!({"status": "active"}))
            .await
    };
    scenario
        .case(operation, "a paid mandate becomes active", case)
        .await;
    let case = async {
        had(&made, "POST /auth/billing/autopay/setup")?;
        let token = &had(root, "a root user")?.token;
        let changed = json!({"threshold": 20_000});
        send("PATCH", path, token, &changed).answers(200, &changed).await
    };
    scenario
        .case("PATCH /auth/billing/autopay", "another threshold", case)
        .await;
    let case = async {
        had(&made, "POST /auth/billing/autopay/setup")?;
        let token = &had(root, "a root user")?.token;
        http.delete(path).bearer(token).answers(200, &json!({})).await?;
        let reply = http.get(path).bearer(token).send().await?;
        match reply.json()?["status"].as_str() {
            Some("cancelled" | "none") => Ok(()),
            _ => Err(reply.unlike("status cancelled")),
        }
    };
    scenario
        .case("DELETE /auth/billing/autopay", "ends it", case)
        .await;
}
