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
    Area::GithubApp,
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
        if AREAS.contains(&operation.area) && verdict != Verdict::Passed {
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
