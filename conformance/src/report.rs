//! What the run has shown: a table of operations, what failed and why, and the count.
//! An operation passes only when it has cases and all of them passed.

use std::io::{self, Write as _};

use serde_json::{Value, json};

use crate::operation::{Area, Operation};
use crate::options::Options;
use crate::scenario::Case;
use crate::trouble::Trouble;

/// What is said of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All its cases passed.
    Passed,
    /// One of them failed.
    Failed,
    /// None failed, but something could not be tried.
    NotTried,
}

impl Verdict {
    fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "FAILED",
            Self::NotTried => "not tried",
        }
    }
}

/// Operations with their cases.
#[derive(Debug)]
pub struct Report {
    rows: Vec<(Operation, Verdict, Vec<Case>)>,
    strays: Vec<Case>,
    verbose: bool,
    total: usize,
}

impl Report {
    /// Sorts the cases by operation.
    pub fn of(operations: Vec<Operation>, cases: &[Case], options: &Options) -> Self {
        let total = operations.len();
        let wanted = |row: &Operation| {
            options
                .document
                .as_deref()
                .is_none_or(|only| only == row.document)
        };
        let belongs =
            |case: &Case, row: &Operation| case.document == row.document && case.operation == row.name();
        let strays = cases
            .iter()
            .filter(|case| !operations.iter().any(|row| belongs(case, row)))
            .cloned()
            .collect();
        let rows = operations.into_iter().filter(wanted).map(|row| {
            let own: Vec<Case> = cases.iter().filter(|case| belongs(case, &row)).cloned().collect();
            (row, verdict(&own), own)
        });
        Self {
            rows: rows.collect(),
            strays,
            verbose: options.verbose,
            total,
        }
    }

    /// How many operations passed.
    pub fn passed(&self) -> usize {
        self.rows
            .iter()
            .filter(|(_, verdict, _)| *verdict == Verdict::Passed)
            .count()
    }

    /// The operations with their verdicts.
    pub fn verdicts(&self) -> impl Iterator<Item = (&Operation, Verdict, &[Case])> {
        self.rows
            .iter()
            .map(|(row, verdict, cases)| (row, *verdict, cases.as_slice()))
    }

    /// Whether the required areas passed; without any, whether nothing failed.
    pub fn is_good(&self, required: &[Area]) -> bool {
        let good = |(row, verdict, _): &(Operation, Verdict, Vec<Case>)| match required.is_empty() {
            true => *verdict != Verdict::Failed,
            false => !required.contains(&row.area) || *verdict == Verdict::Passed,
        };
        self.strays.is_empty() && self.rows.iter().all(good)
    }

    /// The table for people.
    ///
    /// # Errors
    /// When standard output is closed.
    pub fn text(&self) -> io::Result<()> {
        let mut out = io::stdout().lock();
        writeln!(
            out,
            "doc  area        operation                                                result"
        )?;
        for (row, verdict, cases) in &self.rows {
            let good = cases.iter().filter(|case| case.outcome.is_ok()).count();
            writeln!(
                out,
                "{}  {:<10}  {:<55}  {} ({good} of {} cases)",
                row.document,
                row.area.name(),
                row.name(),
                verdict.name(),
                cases.len()
            )?;
        }
        let cases = self.rows.iter().flat_map(|(_, _, cases)| cases);
        for case in cases.chain(&self.strays) {
            self.explain(&mut out, case)?;
        }
        writeln!(out)?;
        for line in self.by_area() {
            writeln!(out, "{line}")?;
        }
        writeln!(out, "operations: {} of {}", self.passed(), self.total)
    }

    fn explain(&self, out: &mut impl io::Write, case: &Case) -> io::Result<()> {
        let title = format!("{}  {}: {}", case.document, case.operation, case.name);
        match &case.outcome {
            Ok(()) if self.verbose => writeln!(out, "\nok         {title}"),
            Ok(()) => Ok(()),
            Err(Trouble::NotTried(reason)) => writeln!(out, "\nnot tried  {title}\n{}", indented(reason)),
            Err(Trouble::Failed(failure)) => writeln!(
                out,
                "\nFAILED     {title}\n  request\n{}\n  expected\n{}\n  got\n{}",
                indented(&failure.request),
                indented(&failure.expected),
                indented(&failure.got)
            ),
        }
    }

    fn by_area(&self) -> Vec<String> {
        let mut areas: Vec<Area> = Vec::new();
        for (row, _, _) in &self.rows {
            if !areas.contains(&row.area) {
                areas.push(row.area);
            }
        }
        let count = |area: Area| {
            let own = || self.rows.iter().filter(move |(row, _, _)| row.area == area);
            let good = own()
                .filter(|(_, verdict, _)| *verdict == Verdict::Passed)
                .count();
            format!("{:<10}  {good} of {}", area.name(), own().count())
        };
        areas.into_iter().map(count).collect()
    }

    /// The same for programs.
    ///
    /// # Errors
    /// When standard output is closed.
    pub fn json(&self) -> io::Result<()> {
        let rows: Vec<Value> = self.rows.iter().map(row_json).collect();
        let report = json!({"operations": rows, "passed": self.passed(), "total": self.total});
        writeln!(io::stdout().lock(), "{report:#}")
    }
}

fn row_json((row, verdict, cases): &(Operation, Verdict, Vec<Case>)) -> Value {
    let cases: Vec<Value> = cases.iter().map(case_json).collect();
    json!({
        "document": row.document, "section": row.section, "area": row.area.name(), "operation": row.name(),
        "result": verdict.name().to_lowercase(), "cases": cases,
    })
}

fn case_json(case: &Case) -> Value {
    match &case.outcome {
        Ok(()) => json!({"name": case.name, "result": "passed"}),
        Err(Trouble::NotTried(reason)) => {
            json!({"name": case.name, "result": "not tried", "reason": reason})
        }
        Err(Trouble::Failed(failure)) => json!({
            "name": case.name, "result": "failed",
            "request": failure.request, "expected": failure.expected, "got": failure.got,
        }),
    }
}

fn verdict(cases: &[Case]) -> Verdict {
    let failed = cases
        .iter()
        .any(|case| matches!(case.outcome, Err(Trouble::Failed(_))));
    match (failed, cases.iter().all(|case| case.outcome.is_ok())) {
        (true, _) => Verdict::Failed,
        (false, true) if !cases.is_empty() => Verdict::Passed,
        (false, _) => Verdict::NotTried,
    }
}

fn indented(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("    {line}")).collect();
    lines.join("\n")
}

/// The table of operations alone.
///
/// # Errors
/// When standard output is closed.
pub fn listing(operations: &[Operation]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for (index, row) in operations.iter().enumerate() {
        writeln!(
            out,
            "{:>3}  {}  {:<10}  {:<55}  {}",
            index + 1,
            row.document,
            row.area.name(),
            row.name(),
            row.section
        )?;
    }
    writeln!(out, "operations: {}", operations.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trouble::wrong;

    fn case(outcome: Result<(), Trouble>) -> Case {
        Case {
            document: "000",
            operation: "GET /".to_owned(),
            name: String::new(),
            outcome,
        }
    }

    #[test]
    fn only_an_operation_with_cases_that_all_passed_has_passed() {
        let failed = || case(Err(wrong("", "", "")));
        let untried = || case(Err(Trouble::NotTried(String::new())));
        assert_eq!(verdict(&[]), Verdict::NotTried);
        assert_eq!(verdict(&[case(Ok(())), untried()]), Verdict::NotTried);
        assert_eq!(verdict(&[case(Ok(())), untried(), failed()]), Verdict::Failed);
        assert_eq!(verdict(&[case(Ok(())), case(Ok(()))]), Verdict::Passed);
    }
}
