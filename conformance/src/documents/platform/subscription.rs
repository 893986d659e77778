//! Subscriptions to a plan.
//! The aliases of the path are one operation each.

use serde_json::json;

use super::heading;
use crate::envelope;
use crate::operation::{Area, Caller, Heading, Operation};
use crate::person::Signed;
use crate::scenario::Scenario;
use crate::trouble::{Trouble, given, had};
use crate::world::text;

const HERE: Heading = heading("Billing", Area::Billing);

pub(super) const TABLE: &[Operation] = &[
    HERE.row("GET", "/auth/billing/subscription", Caller::Signed),
    HERE.with_body("POST", "/auth/billing/subscription", Caller::Signed),
];

pub(super) async fn run(scenario: &mut Scenario, root: &Option<Signed>) {
    let http = scenario.http();
    let path = "/auth/billing/subscription";
    let case = async {
        let token = &had(root, "a root user")?.token;
        let subscribe = |plan: &serde_json::Value| {
            let body = json!({"plan_id": plan, "quantity": 1});
            http.post(path).bearer(token).json(&body)
        };
        subscribe(&json!("no-such-plan")).refused(400, "").await?;
        let plans = http.get("/auth/billing/plans").bearer(token);
        let plans = given(
            plans.answers(200, &json!(["@each", {"id": "@text"}])).await,
            "plans",
        )?;
        let paid = |plan: &&serde_json::Value| plan["amount"].as_i64().is_some_and(|amount| amount > 0);
        let Some(plan) = plans.as_array().and_then(|all| all.iter().find(paid)) else {
            return Err(Trouble::NotTried(
                "needs a plan with a price in the configuration".to_owned(),
            ));
        };
        let shape = json!({"id": "@text", "plan_id": plan["id"], "quantity": 1, "status": "created"});
        let reply = subscribe(&plan["id"]).send().await?;
        if reply.status == 503 {
            return Err(Trouble::NotTried("needs a payment gateway".to_owned()));
        }
        let made = envelope::success(&reply, 201, &shape)?;
        // One that lives is enough.
        subscribe(&plan["id"]).refused(409, "subscription_exists").await?;
        let one = format!("{path}/{}", text(&made, "id"));
        let again = json!({"id": made["id"], "status": "created"});
        http.get(&one).bearer(token).answers(200, &again).await?;
        let cancel = http.post(&format!("{one}/cancel")).bearer(token);
        let ended = json!({"id": made["id"], "status": "cancelled"});
        cancel.json(&json!({})).answers(200, &ended).await
    };
    scenario
        .case("POST /auth/billing/subscription", "to a plan", case)
        .await;
    let case = async {
        let token = &had(root, "a root user")?.token;
        for path in [path, "/auth/billing/subscriptions"] {
            http.get(path).bearer(token).answers(200, &json!("@any")).await?;
        }
        Ok(())
    };
    scenario
        .case("GET /auth/billing/subscription", "under both names", case)
        .await;
}
