//! The published API documents, replayed against the real server by the suite that knows nothing of it.
//! Asks only for the areas that the server has; each one that it gains is added here.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

use clap::Parser as _;
use conformance::documents;
use conformance::operation::Area;
use conformance::options::Options;
use conformance::report::{Report, Verdict};
use conformance::world::World;
use tests::ground::Ground;
use tests::server::Setup;

/// What the server has.
const AREAS: &[Area] = &[
    Area::Sessions,
    Area::Tokens,
    Area::V1,
    Area::Console,
    Area::Github,
];
/// Of that, what is still to come, or can't be tried before something else is there.
const WAITING: &[(&str, &str)] = &[
    ("000", "POST /auth/2fa/login-verify"),
    ("001", "POST /api/tokens"),
    ("001", "GET /api/tokens"),
    ("001", "DELETE /api/tokens/{id}"),
    ("001", "GET /api/tokens/{id}/check"),
    ("002", "POST /v1/auth/login"),
    ("002", "POST /v1/auth/api-keys"),
    ("002", "GET /v1/auth/api-keys"),
    ("002", "DELETE /v1/auth/api-keys/{id}"),
    ("002", "POST /v1/auth/2fa/setup"),
    ("002", "POST /v1/auth/2fa/verify"),
    ("002", "POST /v1/auth/2fa/disable"),
    ("003", "POST /api/auth/login"),
    ("003", "POST /api/auth/service-token"),
    ("004", "POST /v1/auth/login"),
    ("004", "POST /v1/auth/callback"),
    ("004", "POST /v1/auth/magic-link"),
    ("004", "POST /v1/auth/verify"),
    ("004", "PATCH /v1/users/me"),
    ("004", "DELETE /v1/users/me"),
    ("004", "GET /v1/users"),
    ("004", "GET /v1/admin/users"),
    ("004", "GET /v1/sessions"),
    ("004", "DELETE /v1/sessions/{id}"),
    ("004", "DELETE /v1/sessions"),
];

async fn report(setup: Setup) -> Report {
    let ground = Ground::start(setup).await.unwrap();
    let mut arguments = vec!["conformance".to_owned()];
    for (name, value) in ground.options() {
        arguments.extend([name.to_owned(), value]);
    }
    let options = Options::parse_from(arguments);
    let world = World::new(&options).unwrap();
    let cases = documents::run(&world, &options).await;
    Report::of(documents::operations(), &cases, &options)
}

fn has_what_it_should(report: &Report) {
    let mut wrong = Vec::new();
    for (operation, verdict, cases) in report.verdicts() {
        let name = operation.name();
        let is_due =
            AREAS.contains(&operation.area) && !WAITING.contains(&(operation.document, name.as_str()));
        if is_due && verdict != Verdict::Passed {
            let bad: Vec<_> = cases.iter().filter(|case| case.outcome.is_err()).collect();
            wrong.push(format!("{name}\n{bad:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn the_server_answers_as_the_documents_say() {
    has_what_it_should(&report(Setup::sqlite()).await);
}

#[tokio::test]
async fn the_server_on_postgresql_answers_as_the_documents_say() {
    has_what_it_should(&report(Setup::postgres()).await);
}
