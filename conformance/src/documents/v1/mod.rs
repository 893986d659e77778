//! Document 004, `/v1`: enveloped answers, sign-in by provider or mail, users, sessions and licences.
//! The two operations at the end are in its examples, not in its tables.

mod licenses;
mod provider;
mod sessions;
mod users;

use serde_json::{Value, json};

use crate::operation::{Area, Heading, Operation};
use crate::scenario::Scenario;

const fn heading(section: &'static str, area: Area) -> Heading {
    Heading {
        document: "004",
        section,
        area,
    }
}

/// The operations.
pub fn table() -> Vec<Operation> {
    [provider::TABLE, users::TABLE, sessions::TABLE, licenses::TABLE].concat()
}

/// Its cases.
pub async fn run(scenario: &mut Scenario) {
    provider::run(scenario).await;
    users::run(scenario).await;
    sessions::run(scenario).await;
    licenses::run(scenario).await;
}

/// What signing in answers, in `data`.
fn signed_in() -> Value {
    json!({"access_token": "@jwt", "refresh_token": "@token", "token_type": "Bearer", "expires_in": "@count",
        "user": {"id": "@text", "email": "@text"}})
}
