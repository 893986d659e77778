//! What has come of it: money, states, letters, calls, and whether the books add up.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::counter::Counter;

/// Without what differs between any two runs: names and moments.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ending {
    balance: i64,
    autopay: Value,
    subscription: Value,
    licence: Option<(String, u32, String)>,
    moved: Vec<String>,
    letters: BTreeMap<String, usize>,
    calls: BTreeMap<String, usize>,
    findings: Vec<String>,
}

impl Ending {
    pub async fn of(counter: &Counter) -> Self {
        let program = counter.program().await;
        let autopay = program.get("/auth/billing/autopay").await.body;
        let subscription = program.get("/auth/billing/subscription").await.body;
        let moved = program.get("/auth/billing/transactions").await.body;
        let proven = counter.app.authority.prove_ledger(None).await.unwrap();
        Self {
            balance: counter.balance().await,
            autopay: json!([autopay["status"], autopay["paused_by"]]),
            subscription: json!([
                subscription["status"],
                subscription["plan_id"],
                subscription["quantity"],
                subscription["cancel_at_period_end"],
                subscription["current_end"],
            ]),
            licence: licence(counter).await,
            moved: moved.as_array().unwrap().iter().map(movement).collect(),
            letters: letters(counter),
            calls: calls(counter),
            findings: proven.findings.list.into_iter().map(|one| one.what).collect(),
        }
    }

    /// So many more calls of a route, `POST /v1/orders`.
    pub fn add_calls(&mut self, route: &str, more: usize) {
        *self.calls.entry(route.to_owned()).or_default() += more;
    }
}

async fn licence(counter: &Counter) -> Option<(String, u32, String)> {
    let mut reader = counter.app.authority.database.read().await.unwrap();
    let found = storage::licences::find(&mut reader, &counter.account).await;
    let binding = found.unwrap()?.binding;
    Some((
        binding.plan,
        binding.seats,
        format!("{:?} {:?}", binding.status, binding.valid_until),
    ))
}

fn movement(row: &Value) -> String {
    let words = row["description"].as_str().unwrap().split(' ');
    let words: Vec<&str> = words.filter(|word| !is_name(word)).collect();
    format!("{} {}: {}", row["type"], row["wallet_change"], words.join(" "))
}

/// `pay_29QQoUBi66xm2f`
fn is_name(word: &str) -> bool {
    let tail = word.split_once('_').map(|(_, tail)| tail);
    tail.is_some_and(|tail| tail.len() == 14 && !tail.contains('_'))
}

fn letters(counter: &Counter) -> BTreeMap<String, usize> {
    let outbox = &counter.app.outbox;
    let kept = outbox.list().unwrap();
    let mut subjects = BTreeMap::new();
    for letter in kept {
        let text = outbox.read(&letter.name).unwrap();
        let subject = text.lines().find(|line| line.starts_with("Subject:"));
        *subjects.entry(subject.unwrap().to_owned()).or_default() += 1;
    }
    subjects
}

/// Those that change something.
fn calls(counter: &Counter) -> BTreeMap<String, usize> {
    let mut counted = BTreeMap::new();
    for call in counter.bank.calls() {
        if call.method == "GET" {
            continue;
        }
        let segments = call.path.split('/');
        let path = segments.map(|segment| if is_name(segment) { ":id" } else { segment });
        let route = format!("{} {}", call.method, path.collect::<Vec<_>>().join("/"));
        *counted.entry(route).or_default() += 1;
    }
    counted
}
