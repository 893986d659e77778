//! Document 000, `/auth`: sessions, IAM, billing, teams and the audit log.
//! Only puts its parts together.

mod access_keys;
mod audit;
mod autopay;
mod billing;
mod iam;
mod iam_login;
mod paying;
mod policies;
mod recovery;
mod second_step;
mod sessions;
mod subscription;
mod teams;

use serde_json::{Value, json};

use crate::operation::{Area, Heading, Operation};
use crate::person::newcomer;
use crate::scenario::Scenario;

const fn heading(section: &'static str, area: Area) -> Heading {
    Heading {
        document: "000",
        section,
        area,
    }
}

/// The operations.
pub fn table() -> Vec<Operation> {
    [
        sessions::TABLE,
        iam_login::TABLE,
        iam::TABLE,
        access_keys::TABLE,
        policies::TABLE,
        billing::TABLE,
        autopay::TABLE,
        subscription::TABLE,
        teams::TABLE,
        audit::TABLE,
    ]
    .concat()
}

/// Its cases.
pub async fn run(scenario: &mut Scenario) {
    sessions::run(scenario).await;
    second_step::run(scenario).await;
    recovery::run(scenario).await;
    let http = scenario.http();
    let root = newcomer(&http).await.ok();
    policies::run(scenario, &root).await;
    iam::run(scenario, &root).await;
    access_keys::run(scenario, &root).await;
    iam_login::run(scenario, &root).await;
    billing::run(scenario, &root).await;
    autopay::run(scenario, &root).await;
    subscription::run(scenario, &root).await;
    teams::run(scenario).await;
    audit::run(scenario, &root).await;
}

/// What every successful sign-in answers.
fn pair() -> Value {
    json!({"access_token": "@jwt", "refresh_token": "@token", "token_type": "Bearer", "expires_in": "@count"})
}
