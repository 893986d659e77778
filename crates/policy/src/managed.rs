//! Policies that every account has without making them.
//! They cannot be changed or deleted, and grow only with the configuration.

use serde_json::{Value, json};

use crate::document::Document;
use crate::grammar::GrammarError;

/// A built-in policy.
#[derive(Debug, Clone)]
pub struct Managed {
    /// The name, which is also the id: `ReadOnlyAccess`.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The document.
    pub document: Document,
}

/// A service whose actions policies name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// The word before the colon of its actions, and the third part of its ARNs.
    pub name: String,
    /// The actions that only read, without the service; none for the usual ones.
    pub read: Vec<String>,
}

/// The beginnings of the names of actions that only read.
pub const READING: [&str; 4] = ["Describe*", "Get*", "List*", "Read*"];

/// The policies of the product, and two for each service.
///
/// # Errors
/// A service's name or action is none.
pub fn managed(services: &[Service]) -> Result<Vec<Managed>, GrammarError> {
    let mut all = vec![
        one("AdministratorAccess", "Everything.", &allow(&json!("*")))?,
        one(
            "ReadOnlyAccess",
            "Sees everything, changes nothing.",
            &allow(&reading("*", &[])),
        )?,
        one(
            "BillingAccess",
            "Money: the wallet, invoices, subscriptions.",
            &allow(&json!("billing:*")),
        )?,
        one(
            "IAMFullAccess",
            "Users, groups, policies and keys.",
            &allow(&json!("iam:*")),
        )?,
        one(
            "PowerUserAccess",
            "Everything but users, teams and the account itself.",
            &power_user(),
        )?,
    ];
    for service in services {
        let (name, title) = (&service.name, title(&service.name));
        let full = allow(&json!(format!("{name}:*")));
        all.push(one(
            &format!("{title}FullAccess"),
            &format!("All actions of {name}."),
            &full,
        )?);
        let read = allow(&reading(name, &service.read));
        all.push(one(
            &format!("{title}ReadOnlyAccess"),
            &format!("Sees everything of {name}."),
            &read,
        )?);
    }
    Ok(all)
}

fn one(name: &str, description: &str, statements: &Value) -> Result<Managed, GrammarError> {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    Ok(Managed {
        name: name.to_owned(),
        description: description.to_owned(),
        document: Document::parse(&text)?,
    })
}

fn allow(actions: &Value) -> Value {
    json!([{"Sid": "Allow", "Effect": "Allow", "Action": actions, "Resource": "*"}])
}

fn reading(service: &str, actions: &[String]) -> Value {
    if actions.is_empty() {
        READING
            .iter()
            .map(|action| format!("{service}:{action}"))
            .collect()
    } else {
        actions
            .iter()
            .map(|action| format!("{service}:{action}"))
            .collect()
    }
}

fn power_user() -> Value {
    json!([
        {"Sid": "AllowTheRest", "Effect": "Allow", "NotAction": ["account:*", "iam:*", "team:*"], "Resource": "*"},
        {"Sid": "SeeUsers", "Effect": "Allow", "Action": ["iam:Get*", "iam:List*", "team:List*"], "Resource": "*"},
    ])
}

/// `order-desk` as `OrderDesk`.
fn title(name: &str) -> String {
    let words = name.split(|one: char| !one.is_ascii_alphanumeric());
    let capital = |word: &str| {
        let mut chars = word.chars();
        let first = chars.next().map(|one| one.to_ascii_uppercase());
        first.into_iter().chain(chars).collect::<String>()
    };
    words.map(capital).collect()
}
