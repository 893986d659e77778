//! One evaluation: subject, action, resource and context become a question to the policies.
//! Refuses subjects that are neither a user nor a token.

use domain::Fault;
use domain::clients::KnownClient;
use domain::iam::{Ruling, Wish};
use domain::oauth::check::{CheckReason, Demand};
use model::Ctx;
use policy::Context;
use serde_json::{Map, Value, json};
use std::sync::Arc;

use crate::app::AppState;
use crate::endpoints::told;

/// The partition of the ARNs that types and ids become.
const PARTITION: &str = "arn:authz";

pub(super) struct Caller<'a> {
    pub state: &'a AppState,
    pub ctx: &'a Ctx,
    pub client: Arc<KnownClient>,
}

/// Why there is no decision.
pub(super) enum Failure {
    Senseless(String),
    Forbidden,
    Fault(Fault),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// What is asked, read.
struct Asked<'a> {
    subject: (&'a str, &'a str),
    wish: Wish,
}

impl Caller<'_> {
    /// The decision and why (§6.2).
    pub(super) async fn evaluate(&self, members: &Map<String, Value>) -> Result<Value, Failure> {
        let asked = read(members).map_err(Failure::Senseless)?;
        match asked.subject.0 {
            "user" => self.about_somebody(asked.subject.1, &asked.wish).await,
            "token" => self.about_token(asked.subject.1, asked.wish).await,
            _ => Err(Failure::Senseless(
                "subject.type must be `user` or `token`".to_owned(),
            )),
        }
    }

    async fn about_somebody(&self, name: &str, wish: &Wish) -> Result<Value, Failure> {
        let settings = &self.client.settings;
        if !settings.proxy && settings.introspects.is_empty() {
            return Err(Failure::Forbidden);
        }
        let ruling = self
            .state
            .authority
            .rule_on_principal(self.ctx, name, wish)
            .await?;
        Ok(decision(&ruling))
    }

    async fn about_token(&self, token: &str, wish: Wish) -> Result<Value, Failure> {
        let demand = Demand {
            wish: Some(wish),
            ..Demand::default()
        };
        let authority = &self.state.authority;
        let check = authority
            .check(self.ctx, Some(&self.client), token, &demand)
            .await?;
        match (&check.reason, &check.ruling) {
            (CheckReason::Allowed, Some(ruling)) => Ok(decision(ruling)),
            (_, Some(ruling)) => Ok(decision(ruling)),
            (reason, None) => Ok(json!({"decision": false, "context": because(reason.as_str(), None)})),
        }
    }
}

fn decision(ruling: &Ruling) -> Value {
    let text = ruling
        .verdict
        .as_ref()
        .map(|verdict| verdict.explanation.text.as_str());
    let mut context = because(ruling.reason.as_str(), text);
    let verdict = ruling.verdict.as_ref();
    let missing = verdict.and_then(|verdict| verdict.explanation.missing.as_ref());
    for (name, value) in [
        ("matched_policy", ruling.matched().map(Value::from)),
        (
            "account_id",
            ruling.account.as_ref().map(|account| json!(account.as_str())),
        ),
        ("would_allow", missing.cloned()),
    ] {
        if let (Some(value), Some(members)) = (value, context.as_object_mut()) {
            members.insert(name.to_owned(), value);
        }
    }
    json!({"decision": ruling.is_allowed(), "context": context})
}

/// A reason object (§6.2.1): for programs, for those who write policies, and for whoever was refused.
fn because(id: &str, admin: Option<&str>) -> Value {
    let user = if id == "allowed" {
        "You may do this."
    } else {
        "You may not do this."
    };
    json!({"id": id, "reason_admin": {"en": admin.unwrap_or(id)}, "reason_user": {"en": user}})
}

fn read(members: &Map<String, Value>) -> Result<Asked<'_>, String> {
    let subject = object(members, "subject")?;
    let (action, resource) = (object(members, "action")?, object(members, "resource")?);
    let kind = text(resource, "resource", "type")?;
    let (service, kind) = kind.split_once(':').unwrap_or((kind, kind));
    let id = text(resource, "resource", "id")?;
    let arn = match id.starts_with("arn:") {
        true => id.to_owned(),
        false => format!("{PARTITION}:{service}:::{kind}/{id}"),
    };
    let name = text(action, "action", "name")?;
    let name = match name.contains(':') {
        true => name.to_owned(),
        false => format!("{service}:{name}"),
    };
    let mut context = Context::new();
    for (prefix, owner) in [("subject", subject), ("action", action), ("resource", resource)] {
        let said = owner.get("properties").and_then(Value::as_object);
        said.into_iter()
            .for_each(|said| told::add(&mut context, prefix, said));
    }
    match members.get("context") {
        None => {}
        Some(Value::Object(said)) => told::add(&mut context, told::CONTEXT, said),
        Some(_) => return Err("context must be an object".to_owned()),
    }
    Ok(Asked {
        subject: (text(subject, "subject", "type")?, text(subject, "subject", "id")?),
        wish: Wish::new(&name, &arn, context).map_err(|error| error.to_string())?,
    })
}

fn object<'a>(members: &'a Map<String, Value>, name: &str) -> Result<&'a Map<String, Value>, String> {
    let found = members.get(name).and_then(Value::as_object);
    found.ok_or_else(|| format!("{name} must be an object"))
}

fn text<'a>(members: &'a Map<String, Value>, of: &str, name: &str) -> Result<&'a str, String> {
    let found = members
        .get(name)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty());
    found.ok_or_else(|| format!("{of}.{name} must be a string"))
}
