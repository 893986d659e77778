//! The stand-in's own doors, which GitHub does not have: changes, and what has been seen.
//! Not noted among the requests.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::json;

use crate::call::Raw;
use crate::change::Change;
use crate::front::no_content;
use crate::problem::json_answer;
use crate::shared::Shared;
use crate::web;

/// `None` when the request is for GitHub.
pub(crate) fn answer(shared: &Shared, raw: &Raw) -> Option<Response> {
    if let Some(id) = raw.path.strip_prefix("/avatars/u/") {
        return Some(web::avatar(id.parse().ok()?));
    }
    let door = raw.path.strip_prefix("/_double/")?;
    Some(match (raw.method.as_str(), door) {
        ("POST", "faults") => change(shared, raw),
        ("DELETE", "faults") => {
            shared.world().faults.clear();
            no_content()
        }
        ("GET", "requests") => json_answer(StatusCode::OK, &json!(shared.world().journal.seen())),
        ("GET", "events") => json_answer(StatusCode::OK, &json!(shared.world().journal.events())),
        _ => StatusCode::NOT_FOUND.into_response(),
    })
}

/// One change, or a list of them, made until one fails.
fn change(shared: &Shared, raw: &Raw) -> Response {
    let changes = serde_json::from_slice::<Vec<Change>>(&raw.body)
        .or_else(|_| serde_json::from_slice::<Change>(&raw.body).map(|change| vec![change]));
    let made = changes.map_err(|error| error.to_string()).and_then(|changes| {
        let made = changes.into_iter().map(|change| shared.apply(change));
        made.collect::<Result<Vec<_>, _>>()
            .map_err(|error| error.to_string())
    });
    match made {
        Ok(numbers) => json_answer(StatusCode::OK, &json!({"numbers": numbers})),
        Err(message) => json_answer(StatusCode::UNPROCESSABLE_ENTITY, &json!({"message": message})),
    }
}
