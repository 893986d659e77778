//! The cases of one document, run one after another, each under the operation that it belongs to.
//! A case without an operation of the table is an error of this program, and fails.

use serde_json::json;

use crate::http::Http;
use crate::operation::Operation;
use crate::trouble::{Failure, Outcome, Trouble};
use crate::world::World;

/// What became of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The document.
    pub document: &'static str,
    /// Method and path of the operation.
    pub operation: String,
    /// What is special about it.
    pub name: String,
    /// How it ended.
    pub outcome: Outcome,
}

/// A run through a document.
#[derive(Debug)]
pub struct Scenario {
    /// What cases can reach.
    pub world: World,
    table: Vec<Operation>,
    cases: Vec<Case>,
}

impl Scenario {
    /// A run over the operations of one document.
    pub fn new(world: &World, table: Vec<Operation>) -> Self {
        Self {
            world: world.clone(),
            table,
            cases: Vec::new(),
        }
    }

    /// The server.
    pub fn http(&self) -> Http {
        self.world.http.clone()
    }

    /// The operations of the document.
    pub fn table(&self) -> &[Operation] {
        &self.table
    }

    /// What has been done.
    pub fn into_cases(self) -> Vec<Case> {
        self.cases
    }

    /// Runs a case; gives what it made when it passed.
    pub async fn case<T>(
        &mut self,
        operation: &str,
        name: &str,
        steps: impl Future<Output = Outcome<T>>,
    ) -> Option<T> {
        let outcome = Box::pin(steps).await;
        self.note(operation, name, outcome)
    }

    /// Notes the outcome of a case that ran elsewhere.
    pub fn note<T>(&mut self, operation: &str, name: &str, outcome: Outcome<T>) -> Option<T> {
        let known = self.table.iter().find(|row| row.name() == operation);
        let (outcome, made) = match (known, outcome) {
            (None, _) => (Err(Trouble::Failed(no_such(operation))), None),
            (Some(_), Ok(made)) => (Ok(()), Some(made)),
            (Some(_), Err(trouble)) => (Err(trouble), None),
        };
        self.cases.push(Case {
            document: self.table.first().map_or("", |row| row.document),
            operation: operation.to_owned(),
            name: name.to_owned(),
            outcome,
        });
        made
    }

    /// An operation whose happy path needs what no option can give.
    pub fn not_tried(&mut self, operation: &str, name: &str, reason: &str) {
        let outcome: Outcome = Err(Trouble::NotTried(reason.to_owned()));
        self.note(operation, name, outcome);
    }
}

fn no_such(operation: &str) -> Failure {
    Failure {
        request: operation.to_owned(),
        expected: "an operation of the table".to_owned(),
        got: json!(null).to_string(),
    }
}
