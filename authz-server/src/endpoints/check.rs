//! `/check`: may this token do that? For forward-auth (GET, the token is the caller's own) and services (POST).
//! Refuses half a question to the policies: `action` and `resource` belong together.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, RawQuery, State};
use axum::response::{IntoResponse, Response};
use domain::iam::Wish;
use domain::oauth::check::{Check, CheckReason, Demand};
use http::{HeaderMap, HeaderName, StatusCode, header};
use model::iam::AccountId;
use model::{Ctx, Timestamp};
use oauth::confirmation::Confirmation;
use oauth::error::{ErrorCode, OAuthError};
use oauth::introspection::REVOCATION_POSITION;
use oauth::params::{ParamLimits, Params};
use oauth::scope::ScopeSet;
use oauth::step_up::LoginDemand;
use policy::Context;
use serde_json::{Map, Value, json};
use std::net::IpAddr;

use super::answer::{
    at_resource, faulty, not_stored, to_client, uncached, unproven_holder, weak_login, with_header,
    wrong_address, wrong_audience,
};
use super::bearer_token::from_either_header;
use super::client_request::{Sent, authenticate};
use super::entitled;
use super::shown::{Shown, proof_of};
use super::told;
use super::validity;
use crate::app::AppState;
use crate::http::Connected;
use crate::http::rate_limit::Verdict;
use crate::pages::posted::is_form;

const RATE_LIMITED: &str = "rate_limited";

/// `GET /check?scope=a+b&audience=…&acr_values=…&max_age=…`.
pub async fn own(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    shown: Shown,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let params = Params::parse(query.unwrap_or_default().as_bytes(), &ParamLimits::default());
    let demand = match params
        .map_err(OAuthError::from)
        .and_then(|params| demand(&params))
    {
        // Whoever asks about its own token can't choose from where.
        Ok(demand) => demand,
        Err(error) => return to_client(&error),
    };
    let token = match from_either_header(&headers) {
        Ok(token) => token,
        Err(refusal) => return refusal,
    };
    // A proof is for the request that was made: to us, or to the trusted proxy that asks.
    let held = match shown.original() {
        Some((method, url)) => shown.held_at(&state, &ctx, token, (method, url)).await,
        None => shown.held_with(&state, &ctx, token).await,
    };
    let demand = match held {
        // Whoever asks about its own token can't choose from where.
        Ok(held) => Demand {
            address: None,
            held,
            wish: demand.wish.map(|wish| wish.seen_from(ctx.origin.address)),
            ..demand
        },
        Err(unproven) => return unproven.at_resource(&state, &ctx),
    };
    match state.authority.check(&ctx, None, token.1, &demand).await {
        Ok(check) => match counted(&state, &ctx, &check).await {
            Some(verdict) if !verdict.is_allowed() => used_up(&ctx, &verdict),
            Some(verdict) => {
                let mut response = forward_auth(&check, &demand);
                verdict.write(response.headers_mut(), ctx.now);
                response
            }
            None => forward_auth(&check, &demand),
        },
        Err(fault) => faulty(&fault),
    }
}

/// Counts what is allowed otherwise on the budget of the key it comes with, where that has one.
async fn counted(state: &AppState, ctx: &Ctx, check: &Check) -> Option<Verdict> {
    let facts = check.facts.as_ref();
    let facts = facts.filter(|_| check.reason == CheckReason::Allowed);
    let (key, per_minute) = facts?.own_limit()?;
    Some(state.key_limits.of(key, per_minute).take(ctx.now).await)
}

/// The key was used as often as it may be for now (RFC 6585 §4).
fn used_up(ctx: &Ctx, verdict: &Verdict) -> Response {
    let body = json!({
        "error": RATE_LIMITED,
        "error_description": "The key has been used as often as it may be for now",
    });
    let mut response = not_stored((StatusCode::TOO_MANY_REQUESTS, Json(body)).into_response());
    verdict.write(response.headers_mut(), ctx.now);
    response
}

fn demand(params: &Params) -> Result<Demand, OAuthError> {
    let scopes = ScopeSet::parse(params.get("scope").unwrap_or_default());
    let scopes = scopes.map_err(|error| OAuthError::invalid_scope(error.to_string()))?;
    let address = params.get("address").map(str::parse).transpose();
    let address = address.map_err(|_| OAuthError::invalid_request("address must be an IP address"))?;
    Ok(Demand {
        scopes,
        audience: params.get("audience").map(str::to_owned),
        address,
        login: LoginDemand::from_params(params)?,
        held: Confirmation::default(),
        wish: wish(params, address)?,
        entitlement: entitled::asked(params)?,
    })
}

/// What the policies are asked. `context`: a JSON object of what the service knows of the request.
fn wish(params: &Params, address: Option<IpAddr>) -> Result<Option<Wish>, OAuthError> {
    let resources: Vec<&str> = params.all("resource").collect();
    let (action, resource) = match (params.get("action"), resources.as_slice()) {
        (None, []) => return Ok(None),
        (Some(action), [resource]) => (action, resource),
        _ => {
            return Err(OAuthError::invalid_request(
                "action and resource belong together, one of each",
            ));
        }
    };
    let mut context = Context::new();
    if let Some(text) = params.get("context") {
        let said = serde_json::from_str(text);
        let said = said.map_err(|_| OAuthError::invalid_request("context must be a JSON object"))?;
        told::add(&mut context, told::CONTEXT, &said);
    }
    if let Some(address) = address {
        context.set("request:ip", [address.to_canonical().to_string()]);
    }
    let wish = Wish::new(action, resource, context);
    wish.map(Some)
        .map_err(|error| OAuthError::invalid_request(error.to_string()))
}

fn forward_auth(check: &Check, demand: &Demand) -> Response {
    match (&check.reason, &check.facts) {
        (CheckReason::Allowed, Some(facts)) => {
            let mut response = StatusCode::OK.into_response();
            let session = facts.session_id.map(|id| id.to_string()).unwrap_or_default();
            let account = facts.account.as_ref().map(|account| account.id.to_string());
            let account = account.unwrap_or_default();
            let identity = [
                ("x-auth-subject", facts.subject()),
                ("x-auth-client", facts.client_id.to_string()),
                ("x-auth-scopes", facts.scopes.to_string()),
                ("x-auth-session", session),
                ("x-auth-account", account),
            ];
            for (name, value) in identity.into_iter().filter(|(_, value)| !value.is_empty()) {
                response = with_header(response, HeaderName::from_static(name), &value);
            }
            with_header(response, header::CACHE_CONTROL, "private, max-age=0")
        }
        (CheckReason::MissingScope(missing), _) => {
            let error = OAuthError::new(ErrorCode::InsufficientScope, format!("Missing scope: {missing}"));
            at_resource(&error, Some(missing))
        }
        (CheckReason::Holder(error), _) => unproven_holder(*error),
        (CheckReason::WrongAddress, _) => wrong_address(),
        (CheckReason::WrongAudience, _) => wrong_audience(),
        (CheckReason::WeakLogin(shortfall), _) => weak_login(*shortfall, &demand.login),
        (CheckReason::NotPermitted(_), _) => {
            let error = OAuthError::new(
                ErrorCode::AccessDenied,
                "The policies of the account do not allow this",
            );
            at_resource(&error, None)
        }
        (CheckReason::NotEntitled, _) => match &check.allowance {
            Some(allowance) => entitled::refusal(allowance),
            None => at_resource(&OAuthError::invalid_token(), None),
        },
        (CheckReason::Inactive | CheckReason::Allowed, _) => at_resource(&OAuthError::invalid_token(), None),
    }
}

/// `POST /check`, authenticated as a client; parameters as a form or as JSON.
pub async fn asked(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    connected: Connected,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match answer(&state, &ctx, (&headers, &connected), &body).await {
        Ok(response) | Err(response) => response,
    }
}

async fn answer(
    state: &AppState,
    ctx: &Ctx,
    (headers, connected): (&HeaderMap, &Connected),
    body: &[u8],
) -> Result<Response, Response> {
    let params = params(headers, body)?;
    let sent = Sent {
        headers,
        params: &params,
        path: "/check",
        connected,
    };
    let client = authenticate(state, ctx, sent).await?;
    if client.is_public() {
        return Err(to_client(&OAuthError::invalid_client()));
    }
    let demand = demand(&params).map_err(|error| to_client(&error))?;
    let token = params
        .required("token")
        .map_err(|error| to_client(&error.into()))?;
    let held = proof_of(state, ctx, &params, token).await;
    let mut held = held.map_err(|unproven| unproven.to_client(state, ctx))?;
    if client.settings.proxy && held.jkt.is_none() {
        // A proxy has taken the proof itself, and it is good only once.
        held.jkt = params.get("proven_jkt").map(str::to_owned);
    }
    let demand = Demand { held, ..demand };
    let check = state.authority.check(ctx, Some(&client), token, &demand).await;
    let check = check.map_err(|fault| faulty(&fault))?;
    let mut document = document(&check);
    let steady = check.steady_for(ctx, &demand);
    if let Some(members) = document.as_object_mut() {
        if let Some(allowance) = &check.allowance {
            entitled::tell(members, (ctx, allowance));
        }
        validity::tell(members, (steady, check.ruling.is_some()));
    }
    let refused = counted(state, ctx, &check)
        .await
        .filter(|verdict| !verdict.is_allowed());
    if let (Some(verdict), Some(members)) = (refused, document.as_object_mut()) {
        members.insert("allowed".to_owned(), json!(false));
        members.insert("reason".to_owned(), json!(RATE_LIMITED));
        members.insert("retry_after".to_owned(), json!(verdict.wait().as_secs()));
        validity::withdraw(members);
    }
    Ok(with_header(
        uncached(&document),
        HeaderName::from_static(REVOCATION_POSITION),
        &check.position.to_string(),
    ))
}

fn params(headers: &HeaderMap, body: &[u8]) -> Result<Params, Response> {
    let limits = ParamLimits {
        value_len: 16 * 1024,
        ..ParamLimits::default()
    };
    let encoded = if is_form(headers) {
        body.to_vec()
    } else if is_json(headers) {
        from_json(body).ok_or_else(|| {
            to_client(&OAuthError::invalid_request(
                "The body must be an object of strings",
            ))
        })?
    } else {
        return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response());
    };
    Params::parse(&encoded, &limits).map_err(|error| to_client(&error.into()))
}

pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    kind.split(';')
        .next()
        .is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

/// The same parameters as a form, so that both bodies go one way.
fn from_json(body: &[u8]) -> Option<Vec<u8>> {
    let members: Map<String, Value> = serde_json::from_slice(body).ok()?;
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in &members {
        match value {
            Value::String(text) => form.append_pair(name, text),
            Value::Object(_) if name == "context" => form.append_pair(name, &value.to_string()),
            _ => return None,
        };
    }
    Some(form.finish().into_bytes())
}

fn document(check: &Check) -> Value {
    let missing = match &check.reason {
        CheckReason::MissingScope(missing) => Some(missing.to_string()),
        _ => None,
    };
    let mut document = json!({
        "active": check.facts.is_some(),
        "allowed": check.reason == CheckReason::Allowed,
        "reason": check.reason.as_str(),
        "missing_scope": missing,
    });
    if let (Some(ruling), Some(members)) = (&check.ruling, document.as_object_mut()) {
        members.insert(
            "account_id".to_owned(),
            json!(ruling.account.as_ref().map(AccountId::as_str)),
        );
        members.insert("matched_policy".to_owned(), json!(ruling.matched()));
    }
    if let (Some(facts), Some(members)) = (&check.facts, document.as_object_mut()) {
        members.insert("sub".to_owned(), json!(facts.subject()));
        members.insert("client_id".to_owned(), json!(facts.client_id));
        members.insert("scope".to_owned(), json!(facts.scopes));
        if let Some(account) = &facts.account {
            members.insert("account_id".to_owned(), json!(account.id));
            if let Some(name) = &account.iam_user {
                members.insert("principal_type".to_owned(), json!("iam"));
                members.insert("username".to_owned(), json!(name));
            }
        }
        let ends = facts.expires_at < Timestamp::FAR_FUTURE;
        let exp = ends.then(|| facts.expires_at.as_seconds());
        members.insert("exp".to_owned(), json!(exp));
    }
    document
}
