//! The five documents, a file or folder each: the table of its operations, and the run through its cases.
//! The tables together are all operations that there are.

pub mod console;
pub mod keys;
mod login;
pub mod platform;
pub mod tokens;
pub mod v1;

use crate::everywhere;
use crate::operation::Operation;
use crate::options::Options;
use crate::scenario::{Case, Scenario};
use crate::world::World;

/// Every operation of every document, in the documents' order.
pub fn operations() -> Vec<Operation> {
    [
        platform::table(),
        tokens::TABLE.to_vec(),
        keys::TABLE.to_vec(),
        console::table(),
        v1::table(),
    ]
    .concat()
}

/// Runs the cases of all documents, or of the one that is asked for.
pub async fn run(world: &World, options: &Options) -> Vec<Case> {
    let mut cases = Vec::new();
    for document in ["000", "001", "002", "003", "004"] {
        if options.document.as_deref().is_none_or(|only| only == document) {
            cases.extend(Box::pin(run_one(world, document)).await);
        }
    }
    cases
}

async fn run_one(world: &World, document: &str) -> Vec<Case> {
    let table = operations().into_iter().filter(|row| row.document == document);
    let mut scenario = Scenario::new(world, table.collect());
    everywhere::run(&mut scenario).await;
    match document {
        "000" => platform::run(&mut scenario).await,
        "001" => tokens::run(&mut scenario).await,
        "002" => keys::run(&mut scenario).await,
        "003" => console::run(&mut scenario).await,
        _ => v1::run(&mut scenario).await,
    }
    scenario.into_cases()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// As the documents count: 120 operations, each once in its document.
    #[test]
    fn the_tables_hold_what_the_documents_list() {
        let operations = operations();
        let count = |document| operations.iter().filter(|row| row.document == document).count();
        let counts = ["000", "001", "002", "003", "004"].map(count);
        assert_eq!(counts, [52, 7, 10, 34, 17]);
        let names: BTreeSet<_> = operations.iter().map(|row| (row.document, row.name())).collect();
        assert_eq!(names.len(), 120);
    }
}
