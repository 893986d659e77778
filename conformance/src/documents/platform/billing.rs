//! Wallet, top-ups, tax profile and invoices. Amounts are whole paise.
//! Pays only at a payment sandbox: elsewhere what a payment brings is not tried.

use serde_json::{Value, json};

use super::{heading, paying};
use crate::clock;
use crate::operation::{Area, Caller, Heading, Operation};
use crate::person::Signed;
use crate::scenario::Scenario;
use crate::trouble::{Trouble, had};
use crate::world::text;

const HERE: Heading = heading("Billing", Area::Billing);

pub(super) const TABLE: &[Operation] = &[
    HERE.row("GET", "/auth/billing", Caller::Signed),
    HERE.with_body("POST", "/auth/billing/topup", Caller::Signed),
    HERE.row("GET", "/auth/billing/transactions", Caller::Signed),
    HERE.row("GET", "/auth/billing/tax-profile", Caller::Signed),
    HERE.row("PATCH", "/auth/billing/tax-profile", Caller::Signed),
    HERE.row("GET", "/auth/billing/invoices", Caller::Signed),
    HERE.row("GET", "/auth/billing/invoices/{id}", Caller::Signed),
];

pub(super) async fn run(scenario: &mut Scenario, root: &Option<Signed>) {
    wallet(scenario, root).await;
    tax_profile(scenario, root).await;
    invoices(scenario, root).await;
}

async fn wallet(scenario: &mut Scenario, root: &Option<Signed>) {
    let http = scenario.http();
    let case = async {
        let shape = json!({"balance": "@integer", "currency": "INR", "mtd_spend": "@integer",
            "projected_spend": "@integer", "runway_days": "@any", "history": "@list", "daily_trend": "@list"});
        let billing = http.get("/auth/billing").bearer(&had(root, "a root user")?.token);
        billing.answers(200, &shape).await
    };
    scenario.case("GET /auth/billing", "whole paise", case).await;
    let case = async {
        let token = &had(root, "a root user")?.token;
        let idempotency = clock::unique();
        let order = |amount: Value| {
            let call = http.post("/auth/billing/topup").bearer(token);
            call.json(&json!({"amount": amount}))
        };
        let shape = json!({"order_id": "@text", "amount": 50_000, "currency": "INR", "key_id": "@text"});
        let once = || order(json!(50_000)).header("Idempotency-Key", &idempotency);
        let first = once().answers(201, &shape).await?;
        once().answers(201, &first).await?;
        for bad in [json!(-1), json!(0), json!(10.5), json!("100")] {
            order(bad).refused(400, "").await?;
        }
        let billing = http.get("/auth/billing").bearer(token);
        billing.answers(200, &json!({"balance": 0})).await
    };
    let operation = "POST /auth/billing/topup";
    scenario
        .case(
            operation,
            "an order, once for each key; the wallet waits for the payment",
            case,
        )
        .await;
    let case = async {
        let token = &had(root, "a root user")?.token;
        let topup = http.post("/auth/billing/topup").bearer(token);
        let opened = topup
            .json(&json!({"amount": 118_000}))
            .answers(201, &json!({}))
            .await?;
        let vouched = paying::pay(&http, &opened).await?;
        let confirm = |body: &Value| http.post("/auth/billing/topup/confirm").bearer(token).json(body);
        let mut forged = vouched.clone();
        forged["razorpay_signature"] = json!("00".repeat(32));
        confirm(&forged).refused(400, "").await?;
        for _ in 0..2 {
            confirm(&vouched).answers(200, &json!({"status": "paid"})).await?;
        }
        let billing = http.get("/auth/billing").bearer(token);
        billing.answers(200, &json!({"balance": 118_000})).await
    };
    scenario
        .case(operation, "paid at the checkout, credited once", case)
        .await;
    let case = async {
        let call = http.get("/auth/billing/transactions?page=1&limit=5");
        let call = call.bearer(&had(root, "a root user")?.token);
        call.answers(200, &json!("@list")).await?;
        call.send().await?.must_have("X-Total-Count").map(|_| ())
    };
    scenario
        .case("GET /auth/billing/transactions", "in pages", case)
        .await;
}

async fn tax_profile(scenario: &mut Scenario, root: &Option<Signed>) {
    let http = scenario.http();
    let path = "/auth/billing/tax-profile";
    let case = async {
        let shape = json!({"gstin": "@text?", "legal_name": "@text?"});
        let get = http.get(path).bearer(&had(root, "a root user")?.token);
        get.answers(200, &shape).await
    };
    scenario
        .case("GET /auth/billing/tax-profile", "empty at first", case)
        .await;
    let case = async {
        let token = &had(root, "a root user")?.token;
        let patch = |body: &Value| http.patch(path).bearer(token).json(body);
        let good = json!({"gstin": "27AAPFU0939F1ZV", "legal_name": "Umbrella Traders"});
        patch(&good).answers(200, &good).await?;
        // The last letter is a check digit.
        patch(&json!({"gstin": "27AAPFU0939F1ZW"}))
            .refused(400, "")
            .await?;
        http.get(path).bearer(token).answers(200, &good).await
    };
    scenario
        .case("PATCH /auth/billing/tax-profile", "checks the GSTIN", case)
        .await;
}

async fn invoices(scenario: &mut Scenario, root: &Option<Signed>) {
    let http = scenario.http();
    let case = async {
        let list = http
            .get("/auth/billing/invoices")
            .bearer(&had(root, "a root user")?.token);
        let shape = json!({"id": "@text", "type": "@text", "number": "@text", "financial_year": "@text",
            "amount": "@integer", "taxable_amount": "@integer", "currency": "INR"});
        list.answers(200, &json!(["@each", shape])).await
    };
    let list = scenario.case("GET /auth/billing/invoices", "a list", case).await;
    let case = async {
        let token = &had(root, "a root user")?.token;
        let get = |id: &str| http.get(&format!("/auth/billing/invoices/{id}")).bearer(token);
        get("no-such-invoice").refused(404, "").await?;
        let first = had(&list, "GET /auth/billing/invoices")?.get(0);
        let Some(first) = first else {
            return Err(Trouble::NotTried(
                "needs an invoice, which only a payment brings".to_owned(),
            ));
        };
        let pdf = get(&text(first, "id"))
            .header("Accept", "application/pdf")
            .send()
            .await?;
        match pdf.bytes().starts_with(b"%PDF") {
            true => Ok(()),
            false => Err(pdf.unlike("a PDF")),
        }
    };
    let operation = "GET /auth/billing/invoices/{id}";
    scenario
        .case(operation, "as PDF; an unknown one: 404", case)
        .await;
}
