//! What every operation has in common: who is turned away, what bodies are, which methods are there.
//! Made from the tables alone; what is special about an operation stands with its document.

use reqwest::StatusCode;
use serde_json::json;

use crate::call::Call;
use crate::http::Http;
use crate::operation::{Caller, Operation};
use crate::person::newcomer;
use crate::scenario::Scenario;
use crate::trouble::{Outcome, had};

/// Signed with an algorithm that nobody should take, by nobody.
pub const NOBODYS: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJub2JvZHkifQ.c2lnbmVkLWJ5LW5vYm9keS1hdC1hbGw";
/// More than any JSON body may be.
const TOO_MUCH: usize = 80 * 1024;

/// The common cases of every operation of the document.
pub async fn run(scenario: &mut Scenario) {
    let http = scenario.http();
    let signed = newcomer(&http).await.ok().map(|signed| signed.token);
    let admin = scenario.world.admin().await.ok();
    for operation in scenario.table().to_vec() {
        let name = operation.name();
        if matches!(
            operation.caller,
            Caller::Signed | Caller::Admin | Caller::ServiceKey
        ) {
            let case = turned_away(&http, &operation);
            scenario
                .case(&name, "without a credential, or with nobody's: 401", case)
                .await;
        }
        if operation.caller == Caller::Admin {
            let case = not_for(&http, &operation, &signed);
            scenario.case(&name, "without the role: 403", case).await;
        }
        if operation.body {
            let token = if operation.caller == Caller::Admin {
                &admin
            } else {
                &signed
            };
            let case = bad_bodies(&scenario.world.clone(), &operation, token).await;
            scenario.note(&name, "bad bodies: 400, 413, 415", case);
        }
        if let Some(method) = unknown_method(scenario.table(), operation.path) {
            let case = wrong_method(&http, method, &operation);
            scenario.case(&name, &format!("{method}: 405"), case).await;
        }
    }
}

async fn turned_away(http: &Http, operation: &Operation) -> Outcome {
    let call = || http.call(operation.method, &operation.concrete_path());
    // The documents show this code for a token that is no good, and one shape for all errors.
    let code = if operation.path.starts_with("/v1") {
        "unauthorized"
    } else {
        ""
    };
    call().refused(401, code).await?;
    let with = match operation.caller {
        Caller::ServiceKey => call().header("x-service-key", NOBODYS),
        _ => call().bearer(NOBODYS),
    };
    with.refused(401, code).await?;
    Ok(())
}

async fn not_for(http: &Http, operation: &Operation, signed: &Option<String>) -> Outcome {
    let token = had(signed, "somebody signed in")?;
    let call = http.call(operation.method, &operation.concrete_path());
    call.bearer(token).refused(403, "").await.map(|_| ())
}

async fn bad_bodies(world: &crate::world::World, operation: &Operation, token: &Option<String>) -> Outcome {
    let call = || world.http.call(operation.method, &operation.concrete_path());
    let allowed = |call: Call| match operation.caller {
        Caller::Open | Caller::InQuery => Ok(call),
        Caller::ServiceKey => Ok(call.header("x-service-key", world.service_key()?)),
        Caller::Signed | Caller::Admin => Ok(call.bearer(had(token, "somebody who may")?)),
    };
    let json = "application/json";
    let half = allowed(call())?.body(json, b"{\"half\": ".to_vec());
    half.refused(400, "invalid_request").await?;
    let empty = allowed(call())?.json(&json!({}));
    empty.refused(400, "invalid_request").await?;
    let text = allowed(call())?.body("text/plain", b"{}".to_vec());
    text.refused(StatusCode::UNSUPPORTED_MEDIA_TYPE.as_u16(), "")
        .await?;
    let much = json!({"padding": "x".repeat(TOO_MUCH)});
    // Whoever refuses a body unread has to hang up, so this connection is not for others.
    let much = allowed(call())?
        .json(&much)
        .header("Connection", "close")
        .refused_at_the_door();
    much.refused(StatusCode::PAYLOAD_TOO_LARGE.as_u16(), "").await?;
    Ok(())
}

async fn wrong_method(http: &Http, method: &str, operation: &Operation) -> Outcome {
    let call = http.call(method, &operation.concrete_path());
    call.refused_at_the_door().refused(405, "").await.map(|_| ())
}

/// A method that no document has for the path; a known one, since servers may not know others at all.
fn unknown_method(table: &[Operation], path: &str) -> Option<&'static str> {
    let like = |other: &str| {
        let (mut ours, mut theirs) = (path.split('/'), other.split('/'));
        loop {
            match (ours.next(), theirs.next()) {
                (None, None) => return true,
                (Some(a), Some(b)) if a == b || b.starts_with('{') => {}
                _ => return false,
            }
        }
    };
    let mut methods = ["PUT", "PATCH", "DELETE"].into_iter();
    methods.find(|method| !table.iter().any(|row| row.method == *method && like(row.path)))
}
