//! Random policy sets and requests, decided twice.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod decide;
mod dice;
mod reference;

use decide::decide;
use dice::{ACTIONS, Dice, RESOURCES, context};
use policy::{Document, ExcessReason, exceeds};
use serde_json::{Value, json};

fn compiled(documents: &[Value]) -> Vec<Document> {
    let read = |one: &Value| Document::parse(&one.to_string()).expect("the dice know the grammar");
    documents.iter().map(read).collect()
}

fn decided(documents: &[Document], action: &str, resource: &str, known: &reference::Known) -> &'static str {
    decide(documents, action, resource, &context(known)).as_str()
}

/// P01: 100 000 decisions under random policy sets are those of the reference model.
#[test]
fn a_hundred_thousand_random_requests_are_decided_as_the_reference_does() {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut counts = std::collections::BTreeMap::new();
    for _ in 0..10_000 {
        let documents = dice.documents(3);
        let ready = compiled(&documents);
        for _ in 0..10 {
            let (action, resource, known) = (dice.one(&ACTIONS), dice.one(&RESOURCES), dice.known());
            let verdict = decided(&ready, action, resource, &known);
            let due = reference::decide(&documents, action, resource, &known);
            assert_eq!(verdict, due, "{action} {resource} {known:?} {documents:#?}");
            *counts.entry(verdict).or_insert(0) += 1;
        }
    }
    assert!(
        counts.len() == 3 && counts.values().all(|many| *many > 5_000),
        "{counts:?}"
    );
}

/// P01: neither the order of the policies nor that of their statements matters.
#[test]
fn the_order_of_policies_does_not_matter() {
    let mut dice = Dice(7);
    for _ in 0..1_000 {
        let documents = compiled(&dice.documents(4));
        let backwards: Vec<Document> = documents.iter().rev().cloned().collect();
        let (action, resource, known) = (dice.one(&ACTIONS), dice.one(&RESOURCES), dice.known());
        let verdict = decided(&documents, action, resource, &known);
        assert_eq!(verdict, decided(&backwards, action, resource, &known));
    }
}

/// P07: what does not exceed grants nothing that the granter may not do.
#[test]
fn nothing_that_passes_the_comparison_is_denied_to_the_granter() {
    let (mut dice, mut passed) = (Dice(99), 0);
    for _ in 0..12_000 {
        let (granter, granted) = (dice.documents(3), dice.documents(1));
        let (granter, granted) = (compiled(&granter), compiled(&granted));
        let excess = exceeds(
            &granter.iter().collect::<Vec<_>>(),
            &granted.iter().collect::<Vec<_>>(),
        );
        assert_ne!(
            excess.as_ref().map(|one| one.reason),
            Some(ExcessReason::TooComplex)
        );
        if excess.is_some() {
            continue;
        }
        passed += 1;
        for _ in 0..20 {
            let (action, resource, known) = (dice.one(&ACTIONS), dice.one(&RESOURCES), dice.known());
            if decided(&granted, action, resource, &known) == "allow" {
                assert_eq!(
                    decided(&granter, action, resource, &known),
                    "allow",
                    "{action} {resource} {known:?}\n{granter:#?}\n{granted:#?}"
                );
            }
        }
    }
    assert!(passed > 300, "only {passed} pairs passed");
}

fn takes(pattern: &str, resource: &str) -> bool {
    let statement = json!({"Effect": "Allow", "Action": "*", "Resource": pattern});
    let documents = compiled(&[json!({"Version": "2012-10-17", "Statement": statement})]);
    decided(&documents, "a:b", resource, &reference::Known::new()) == "allow"
}

proptest::proptest! {
    /// P02: every pattern over few letters decides as a table of all places does.
    #[test]
    fn patterns_match_as_a_table_of_places_does(pattern in "[ab*?é]{0,9}", text in "[abé]{0,12}") {
        let resource = format!("arn:{text}");
        let wild = format!("arn:{pattern}*");
        let due = reference::glob(&wild, &resource, &reference::Known::new(), true) == Some(true);
        proptest::prop_assert_eq!(takes(&wild, &resource), due);
        let whole = format!("arn:p:s:r:a:{pattern}");
        let resource = format!("arn:p:s:r:a:{text}");
        let due = reference::glob(&whole, &resource, &reference::Known::new(), true) == Some(true);
        proptest::prop_assert_eq!(takes(&whole, &resource), due);
    }
}
