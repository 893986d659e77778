//! What `/check` says of a feature of the account's plan: to proxies and services as members, to callers as a refusal.
//! Refuses names that no plan could have.

use axum::Json;
use axum::response::{IntoResponse, Response};
use domain::licences::Allowance;
use http::StatusCode;
use model::billing::{Entitlement, Reason};
use model::{Ctx, Timestamp};
use oauth::error::OAuthError;
use oauth::params::Params;
use serde_json::{Map, Value, json};

use super::answer::not_stored;
use super::validity;

const EXCEEDED: &str = "entitlement_exceeded";

/// The feature that is asked about, if any is.
pub fn asked(params: &Params) -> Result<Option<String>, OAuthError> {
    let Some(name) = params.get("entitlement") else {
        return Ok(None);
    };
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_.:-".contains(&byte);
    if !(1..=64).contains(&name.len()) || !name.bytes().all(fits) {
        return Err(OAuthError::invalid_request(
            "entitlement is not the name of a feature",
        ));
    }
    Ok(Some(name.to_owned()))
}

/// Adds `entitlement` and `valid_for` to an answer, and to a refusal what to do about it.
pub fn tell(document: &mut Map<String, Value>, (ctx, allowance): (&Ctx, &Allowance)) {
    let mut entitlement = details(allowance);
    let said = &allowance.entitlement;
    entitlement.insert("granted".to_owned(), json!(said.granted));
    entitlement.insert("remaining".to_owned(), json!(said.remaining()));
    entitlement.insert("included".to_owned(), json!(said.included));
    if !said.granted {
        document.insert("message".to_owned(), json!(message(said)));
    }
    document.insert("entitlement".to_owned(), Value::Object(entitlement));
    validity::tell_until(document, (allowance.until, ctx.now));
}

/// 403 for whoever uses the token.
pub fn refusal(allowance: &Allowance) -> Response {
    let body = json!({
        "error": EXCEEDED,
        "error_description": message(&allowance.entitlement),
        "details": details(allowance),
    });
    not_stored((StatusCode::FORBIDDEN, Json(body)).into_response())
}

fn details(allowance: &Allowance) -> Map<String, Value> {
    let said = &allowance.entitlement;
    let mut details = Map::new();
    details.insert("feature".to_owned(), json!(said.feature));
    details.insert("limit".to_owned(), json!(said.limit));
    details.insert("used".to_owned(), json!(said.used));
    details.insert("resets_at".to_owned(), json!(said.resets_at.map(rfc3339)));
    if let Some(reason) = said.reason {
        let page = match reason {
            Reason::WalletEmpty => "topup_url",
            Reason::NotInPlan | Reason::LimitReached | Reason::NoAccount => "upgrade_url",
        };
        details.insert("reason".to_owned(), json!(reason.as_str()));
        details.insert(page.to_owned(), json!(allowance.billing_page));
    }
    details
}

/// What is the matter, and what to do.
fn message(said: &Entitlement) -> String {
    let feature = &said.feature;
    match said.reason {
        None => String::new(),
        Some(Reason::NotInPlan) => {
            format!("The plan of the account does not have {feature}. Choose a plan that has it.")
        }
        Some(Reason::LimitReached) => {
            let limit = said.limit.unwrap_or_default();
            let until = said
                .resets_at
                .map_or(String::new(), |at| format!("Wait until {}, or ", rfc3339(at)));
            let choose = if until.is_empty() { "Choose" } else { "choose" };
            format!("All {limit} of {feature} that the plan allows are used. {until}{choose} another plan.")
        }
        Some(Reason::WalletEmpty) => {
            format!("What the plan includes of {feature} is used up, and the wallet is empty. Top it up.")
        }
        Some(Reason::NoAccount) => format!("The token acts in no account, so no plan gives it {feature}."),
    }
}

fn rfc3339(at: Timestamp) -> String {
    Timestamp::from_seconds(at.as_seconds()).to_string()
}
