//! What a token says of itself, judged by a route as if it were true.
//! It refuses to call that facts: no signature is checked and nobody is asked.

use super::change::{Change, smallest};
use super::record::Record;
use crate::bearer;
use crate::clock::{Clock, Tick};
use crate::decision::decide;
use crate::facts::Facts;
use crate::refusal::Refusal;
use crate::routes::Route;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderValue, Method, header};
use oauth::introspection::ActiveToken;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

/// What a route would say to a token; `Ok` when it would be enough.
///
/// # Errors
/// The code of the refusal with the change that would help, or a sentence when nothing can be said.
pub fn claimed(
    token: &str,
    route: &Arc<Route>,
    clock: &Clock,
) -> Result<(), Result<(&'static str, Change), String>> {
    let facts = Arc::new(read(token).map_err(Err)?);
    let Err(denial) = decide(&route.policy, &facts, clock.unix_seconds()) else {
        return Ok(());
    };
    let refusal = Refusal::from(denial);
    let code = refusal.form().code;
    let record = imagined(refusal, route, facts, clock);
    Err(Ok((code, smallest(&record, None))))
}

fn read(token: &str) -> Result<Facts, String> {
    let value =
        HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| "it is not a token".to_owned())?;
    let headers = HeaderMap::from_iter([(header::AUTHORIZATION, value)]);
    let credential = bearer::extract(&headers).map_err(|_| "it is not a token".to_owned())?;
    match credential.kind() {
        bearer::Kind::Jwt => {}
        bearer::Kind::Opaque => {
            return Err("it is opaque: only the authorization server knows what it is good for".to_owned());
        }
        bearer::Kind::Worthless => return Err("it is mistyped, or of a kind that gives no access".to_owned()),
    }
    let payload = token
        .split('.')
        .nth(1)
        .and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let claims: ActiveToken = payload
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .ok_or_else(|| "its claims cannot be read".to_owned())?;
    let issuer = claims.iss.clone().unwrap_or_default();
    Facts::from_introspection(&claims, &issuer, 0, Tick(u64::MAX)).map_err(|reason| reason.0.to_owned())
}

fn imagined(refusal: Refusal, route: &Arc<Route>, facts: Arc<Facts>, clock: &Clock) -> Record {
    Record {
        id: "".into(),
        request_id: "".into(),
        at: clock.unix_millis(),
        observed: route.observe,
        method: Method::GET,
        host: "".into(),
        path: "".into(),
        address: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        route: Some(Arc::clone(route)),
        policy: None,
        refusal,
        digest: None,
        kind: None,
        facts: Some(facts),
        facts_age: Duration::ZERO,
        position: 0,
        lease_left: Duration::ZERO,
        limit: None,
    }
}
