//! The JWT of a GitHub App: RS256 by the app's key, for ten minutes at most.
//! Accepts no other algorithm and believes no claim before the signature.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use serde_json::Value;

use crate::problem::Problem;
use crate::settings::GithubApp;

const MAX_SECONDS: i64 = 600;

const fn unauthorized(message: &'static str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, message)
}

/// What GitHub says to everything that is not a JWT signed by the app.
pub(crate) const UNDECODABLE: Problem = unauthorized("A JSON web token could not be decoded");
const ISSUER: Problem = unauthorized("'Issuer' claim ('iss') must be an Integer");
const EXPIRED: Problem = unauthorized(
    "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion \
     expires",
);
const TOO_LONG: Problem = unauthorized("'Expiration time' claim ('exp') is too far in the future");
const ISSUED: Problem = unauthorized(
    "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
);
const NO_APP: Problem = Problem::new(StatusCode::NOT_FOUND, "Integration not found");

/// Whether a credential has the form of a JWT.
pub(crate) fn looks_like_jwt(text: &str) -> bool {
    text.split('.').count() == 3
}

/// The number of the app that has signed the token.
pub(crate) fn verify(token: &str, apps: &[GithubApp], now: i64) -> Result<u64, Problem> {
    let (message, signature) = token.rsplit_once('.').ok_or(UNDECODABLE)?;
    let (header, claims) = message.split_once('.').ok_or(UNDECODABLE)?;
    let (header, claims) = (object(header)?, object(claims)?);
    if header["alg"] != "RS256" {
        return Err(UNDECODABLE);
    }
    let issuer = issuer(&claims).ok_or(ISSUER)?;
    let app = apps
        .iter()
        .find(|app| app.id.to_string() == issuer || app.client_id == issuer)
        .ok_or(NO_APP)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| UNDECODABLE)?;
    if !app.private_key.verifies(message.as_bytes(), &signature) {
        return Err(UNDECODABLE);
    }
    let exp = claims["exp"].as_i64().filter(|exp| *exp > now).ok_or(EXPIRED)?;
    if exp > now + MAX_SECONDS {
        return Err(TOO_LONG);
    }
    claims["iat"].as_i64().filter(|iat| *iat <= now).ok_or(ISSUED)?;
    Ok(app.id)
}

fn object(part: &str) -> Result<Value, Problem> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| UNDECODABLE)?;
    serde_json::from_slice(&bytes)
        .ok()
        .filter(Value::is_object)
        .ok_or(UNDECODABLE)
}

/// A client id, or the number of the app, also as a text.
fn issuer(claims: &Value) -> Option<String> {
    match &claims["iss"] {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => number.as_u64().map(|number| number.to_string()),
        _ => None,
    }
}
