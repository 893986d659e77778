//! Several evaluations in one request, with defaults, in order, to the end or to the first answer that settles it.
//! Refuses more than a bounded number; one that makes no sense is denied, the others are decided all the same.

use serde_json::{Map, Value, json};

use super::evaluation::{Caller, Failure};

const MOST: usize = 100;
/// What the top level says for all of them (§7.1.1).
const DEFAULTS: [&str; 4] = ["subject", "action", "resource", "context"];

/// When the rest is left (§7.1.2.1).
#[derive(Clone, Copy)]
enum Semantic {
    ExecuteAll,
    DenyOnFirstDeny,
    PermitOnFirstPermit,
}

impl Semantic {
    fn read(asked: &Map<String, Value>) -> Result<Self, Failure> {
        let options = asked.get("options");
        match options.and_then(|options| options.get("evaluations_semantic")) {
            None => Ok(Self::ExecuteAll),
            Some(name) => match name.as_str() {
                Some("execute_all") => Ok(Self::ExecuteAll),
                Some("deny_on_first_deny") => Ok(Self::DenyOnFirstDeny),
                Some("permit_on_first_permit") => Ok(Self::PermitOnFirstPermit),
                _ => Err(Failure::Senseless(
                    "options.evaluations_semantic must be execute_all, deny_on_first_deny or permit_on_first_permit"
                        .to_owned(),
                )),
            },
        }
    }

    const fn is_settled_by(self, allowed: bool) -> bool {
        match self {
            Self::ExecuteAll => false,
            Self::DenyOnFirstDeny => !allowed,
            Self::PermitOnFirstPermit => allowed,
        }
    }
}

pub(super) async fn evaluate(caller: &Caller<'_>, asked: &Map<String, Value>) -> Result<Vec<Value>, Failure> {
    let semantic = Semantic::read(asked)?;
    let items = asked.get("evaluations").and_then(Value::as_array);
    let items = items.ok_or_else(|| Failure::Senseless("evaluations must be a list".to_owned()))?;
    if items.is_empty() || items.len() > MOST {
        return Err(Failure::Senseless(format!(
            "evaluations must have 1 to {MOST} entries"
        )));
    }
    let mut answers = Vec::with_capacity(items.len());
    for item in items {
        let answer = answer(caller, asked, item).await?;
        let allowed = answer["decision"] == true;
        answers.push(answer);
        if semantic.is_settled_by(allowed) {
            break;
        }
    }
    Ok(answers)
}

async fn answer(caller: &Caller<'_>, asked: &Map<String, Value>, item: &Value) -> Result<Value, Failure> {
    let Some(item) = item.as_object() else {
        return Ok(denied(400, "an evaluation must be an object"));
    };
    let mut merged = Map::new();
    for name in DEFAULTS {
        let value = item.get(name).or_else(|| asked.get(name));
        value
            .into_iter()
            .for_each(|value| drop(merged.insert(name.to_owned(), value.clone())));
    }
    match caller.evaluate(&merged).await {
        Ok(answer) => Ok(answer),
        Err(Failure::Senseless(reason)) => Ok(denied(400, &reason)),
        Err(Failure::Forbidden) => Ok(denied(
            403,
            "only proxies and resource servers ask about somebody by name",
        )),
        Err(fault @ Failure::Fault(_)) => Err(fault),
    }
}

/// §7.2.1
fn denied(status: u16, message: &str) -> Value {
    json!({"decision": false, "context": {"error": {"status": status, "message": message}}})
}
