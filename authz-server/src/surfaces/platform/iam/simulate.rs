//! `POST /auth/iam/simulate`: what would be decided.

use std::collections::BTreeMap;

use axum::extract::{Extension, State};
use axum::response::Response;
use domain::iam::{MatchedStatement, Simulation};
use http::StatusCode;
use model::Ctx;
use policy::{Context, NearMiss};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::surfaces::Failure;
use crate::surfaces::acting::Acting;
use crate::surfaces::answer::private;
use crate::surfaces::body::Body;

const MOST_KEYS: usize = 50;
const MOST_VALUES: usize = 50;
/// In bytes.
const LONGEST: usize = 2048;

#[derive(Deserialize, ToSchema)]
pub struct SimulateBody {
    /// The name of a user, or the ARN of a user, a group or the root user.
    #[schema(example = "arn:authz:iam::123456789012:user/deploy.bot")]
    principal: String,
    /// What would be done.
    #[schema(example = "compute:StartServer")]
    action: String,
    /// To what, as an ARN.
    #[schema(example = "arn:authz:compute::123456789012:server/web-1")]
    resource: String,
    /// What else would be known: a value or several of each key. Who the principal is, is known already.
    #[serde(default)]
    #[schema(value_type = Object)]
    context: BTreeMap<String, Value>,
}

#[derive(Serialize, ToSchema)]
pub struct SimulatedBody {
    /// `allow`, `implicit_deny` where nothing allows it, or `explicit_deny`.
    #[schema(example = "allow")]
    decision: &'static str,
    /// Those that spoke to it, whichever decided.
    matched_statements: Vec<MatchedBody>,
    /// In words.
    #[schema(example = "Allowed by statement Read of compute-read.")]
    explanation: String,
    /// Who it was decided about, as an ARN.
    #[schema(example = "arn:authz:iam::123456789012:user/deploy.bot")]
    principal: String,
    /// Where nothing allows it: the smallest statement that would.
    #[schema(value_type = Option<Object>)]
    would_allow: Option<Value>,
    /// Statements that came close, in words.
    #[schema(example = json!([]))]
    near_misses: Vec<String>,
}

#[derive(Serialize, ToSchema)]
pub struct MatchedBody {
    /// The policy's name.
    #[schema(example = "compute-read")]
    policy: String,
    /// The Sid, or the place as `#0`.
    #[schema(example = "Read")]
    statement: String,
    /// `Allow` or `Deny`.
    #[schema(example = "Allow")]
    effect: &'static str,
}

impl From<MatchedStatement> for MatchedBody {
    fn from(matched: MatchedStatement) -> Self {
        Self {
            policy: matched.policy,
            statement: matched.statement,
            effect: matched.effect.as_str(),
        }
    }
}

/// Say what would be decided, without doing anything.
///
/// Action `iam:SimulatePrincipalPolicy` on the principal. The same evaluator guards these operations and answers services.
#[utoipa::path(post, path = "/iam/simulate", tag = "platform", operation_id = "iam_simulate",
    security(("bearer" = [])), request_body = SimulateBody, responses((status = 200, body = SimulatedBody)))]
pub async fn simulate(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    acting: Acting,
    Body(body): Body<SimulateBody>,
) -> Result<Response, Failure> {
    let resource = match body.principal.starts_with("arn:") {
        true => body.principal.clone(),
        false => format!("iam:user/{}", body.principal),
    };
    let action = "iam:SimulatePrincipalPolicy";
    let permit = acting.permit(&state, &ctx, action, &resource).await?;
    let wish = body.wish()?;
    let simulated = state.authority.simulate(&ctx, &permit, &wish).await?;
    let verdict = simulated.verdict;
    let body = SimulatedBody {
        decision: verdict.decision.as_str(),
        matched_statements: verdict.matched.into_iter().map(MatchedBody::from).collect(),
        explanation: verdict.explanation.text,
        principal: simulated.principal,
        would_allow: verdict.explanation.missing,
        near_misses: verdict
            .explanation
            .near_misses
            .iter()
            .map(NearMiss::text)
            .collect(),
    };
    Ok(private(StatusCode::OK, &body))
}

impl SimulateBody {
    fn wish(self) -> Result<Simulation, Failure> {
        for (name, text) in [("action", &self.action), ("resource", &self.resource)] {
            if text.is_empty() || text.len() > LONGEST {
                return Err(Failure::invalid_field(
                    name,
                    format!("must have 1 to {LONGEST} bytes"),
                ));
            }
        }
        Ok(Simulation {
            principal: self.principal,
            action: self.action,
            resource: self.resource,
            context: context(self.context)?,
        })
    }
}

fn context(told: BTreeMap<String, Value>) -> Result<Context, Failure> {
    let wrong = |key: &str, why: &str| Failure::invalid_field(&format!("context.{key}"), why);
    if told.len() > MOST_KEYS {
        return Err(Failure::invalid_field(
            "context",
            format!("has at most {MOST_KEYS} keys"),
        ));
    }
    let mut context = Context::new();
    for (key, value) in told {
        let values = match value {
            Value::Array(values) => values,
            one => vec![one],
        };
        if values.len() > MOST_VALUES {
            return Err(wrong(&key, &format!("has at most {MOST_VALUES} values")));
        }
        for value in values {
            let text = scalar(value)
                .ok_or_else(|| wrong(&key, "must be a text, a number or a truth value, or several"))?;
            context.add(&key, text);
        }
    }
    Ok(context)
}

fn scalar(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
