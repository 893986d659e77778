//! How long a decision takes under five thousand statements, beside an evaluator that looks at each of them.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::Result;
use policy::{Context, Document, Request, Source, evaluate};
use serde_json::{Value, json};

use crate::report::Report;

#[path = "../../crates/policy/tests/reference/mod.rs"]
#[expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the reference model of the tests, which fails by panicking"
)]
mod naive;

const DOCUMENTS: usize = 100;
const STATEMENTS: usize = 50;
const LENGTH: Duration = Duration::from_secs(1);

/// A decision of each kind.
pub fn measure(report: &mut Report) -> Result<()> {
    let texts: Vec<Value> = (0..DOCUMENTS).map(document).collect();
    let documents = texts
        .iter()
        .map(|text| Document::parse_bounded(&text.to_string(), 1 << 20));
    let documents = documents.collect::<Result<Vec<_>, _>>()?;
    let sources: Vec<Source<'_>> = documents.iter().map(|one| Source::new("policy", one)).collect();
    let known = naive::Known::from([("iam:username".to_owned(), vec!["ada".to_owned()])]);
    let context = Context::new().with("iam:username", "ada");
    for (what, action, resource) in [
        (
            "allowed by one of 5000 statements",
            "service7:Read7",
            "arn:authz:service7::1:thing/7/x",
        ),
        (
            "allowed by a service of 5000 statements",
            "service7:Tell",
            "arn:authz:service7::1:thing/7/ada",
        ),
        (
            "allowed by none of 5000 statements",
            "other:Read",
            "arn:authz:other::1:thing/7",
        ),
    ] {
        let request = Request {
            action,
            resource,
            context: &context,
        };
        let ours = time(|| evaluate(&sources, request).decision.is_allowed());
        let theirs = time(|| naive::decide(&texts, action, resource, &known) == "allow");
        let micros = ours.as_secs_f64() * 1e6;
        let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
        report.plain(
            what,
            format!("{micros:.1} µs, {ratio:.0} times the naive one"),
            "< 10 µs",
        );
    }
    Ok(())
}

/// Exact actions mostly, some of a whole service, all on some resources.
fn document(number: usize) -> Value {
    let statement = |index: usize| {
        let action = match index % 10 {
            0 => format!("service{number}:*"),
            _ => format!("service{}:Read{index}", (number + index) % DOCUMENTS),
        };
        let tail = if index.is_multiple_of(7) {
            "${iam:username}"
        } else {
            "*"
        };
        json!({"Effect": "Allow", "Action": action, "Resource": format!("arn:authz:service*::1:thing/{index}/{tail}"),
            "Condition": {"StringLike": {"iam:username": "a*"}}})
    };
    let statements: Vec<Value> = (0..STATEMENTS).map(statement).collect();
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// The mean of one run.
fn time(run: impl Fn() -> bool) -> Duration {
    let (began, mut count) = (Instant::now(), 0_u32);
    while began.elapsed() < LENGTH {
        black_box(run());
        count += 1;
    }
    began.elapsed() / count.max(1)
}
