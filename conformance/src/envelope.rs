//! How answers are wrapped: successes plain or in `data`, errors in one shape everywhere.
//! The code of an error is upper-cased below `/v1`.

use serde_json::{Value, json};

use crate::reply::Reply;
use crate::shape::fits;
use crate::trouble::Outcome;

/// A plain success of this shape.
pub(crate) fn success(reply: &Reply, status: u16, shape: &Value) -> Outcome<Value> {
    reply.must_be(status)?;
    let body = reply.json()?;
    fits(shape, &body).map_err(|reason| reply.unlike(&format!("{shape}\n{reason}")))?;
    Ok(body)
}

/// `{data, meta: {requestId}}`; gives `data`.
pub(crate) fn enveloped(reply: &Reply, status: u16, data: &Value) -> Outcome<Value> {
    let shape = json!({"data": data, "meta": {"requestId": "@starts:req_"}});
    let mut body = success(reply, status, &shape)?;
    same_request_id(reply, &body)?;
    Ok(body["data"].take())
}

/// `{error: {code, message, details}, meta: {requestId}}`; gives `error`. An empty code is any.
pub(crate) fn refusal(reply: &Reply, status: u16, code: &str) -> Outcome<Value> {
    let code = match (code.is_empty(), reply.path.starts_with("/v1")) {
        (true, _) => "@text".to_owned(),
        (false, true) => code.to_uppercase(),
        (false, false) => code.to_owned(),
    };
    let shape = json!({
        "error": {"code": code, "message": "@text", "details": "@object"},
        "meta": {"requestId": "@text"},
    });
    let mut body = success(reply, status, &shape)?;
    same_request_id(reply, &body)?;
    let said = body["error"]["code"].as_str().unwrap_or_default();
    let is_word = |c: char| c == '_' || c.is_ascii_digit() || c.is_ascii_lowercase();
    let lower = match reply.path.starts_with("/v1") {
        true if said.to_uppercase() != said => return Err(reply.unlike("a code in upper case")),
        true => said.to_lowercase(),
        false => said.to_owned(),
    };
    if !lower.chars().all(is_word) {
        return Err(reply.unlike("a code in snake case"));
    }
    match status {
        401 => reply.must_have("WWW-Authenticate").map(|_| ())?,
        405 => reply.must_have("Allow").map(|_| ())?,
        429 => reply.must_have("Retry-After").map(|_| ())?,
        _ => {}
    }
    Ok(body["error"].take())
}

fn same_request_id(reply: &Reply, body: &Value) -> Outcome {
    match body["meta"]["requestId"].as_str() == reply.header("x-request-id") {
        true => Ok(()),
        false => Err(reply.unlike("the request id of X-Request-Id in meta")),
    }
}
