//! Document 003, `/api/auth`: the web console and its command line, in camel case.
//! Only puts its parts together.

mod account;
mod cli_tokens;
mod deletion;
mod github;
mod github_app;
mod linked;
mod password;
mod preferences;

use crate::operation::{Area, Heading, Operation};
use crate::scenario::Scenario;

const fn heading(section: &'static str, area: Area) -> Heading {
    Heading {
        document: "003",
        section,
        area,
    }
}

/// The operations.
pub fn table() -> Vec<Operation> {
    [
        password::TABLE,
        github::TABLE,
        account::TABLE,
        preferences::TABLE,
        deletion::TABLE,
        github_app::TABLE,
        cli_tokens::TABLE,
    ]
    .concat()
}

/// Its cases.
pub async fn run(scenario: &mut Scenario) {
    password::run(scenario).await;
    github::run(scenario).await;
    account::run(scenario).await;
    preferences::run(scenario).await;
    deletion::run(scenario).await;
    github_app::run(scenario).await;
    cli_tokens::run(scenario).await;
}
