//! `GET`, `POST /oauth2/authorize`, and the way back from login.
//! Refuses to remember anything in the browser but the sealed request.

use axum::extract::{Query, RawQuery};
use axum::response::Response;
use domain::oauth::authorize::{Decision, Validated};
use domain::oauth::flow::Flow;
use oauth::error::OAuthError;
use oauth::params::{ParamLimits, Params};

use super::authorize_response as answer;
use crate::http::fault;
use crate::pages::flow::{FlowQuery, with_flow};
use crate::pages::posted::Posted;
use crate::pages::refusal::see_other;
use crate::pages::visitor::Visitor;

/// Sealed requests go through URLs, which end at 8 KiB.
const LONGEST_FLOW: usize = 7 * 1024;

pub async fn by_get(visitor: Visitor, RawQuery(query): RawQuery) -> Response {
    match Params::parse(query.unwrap_or_default().as_bytes(), &ParamLimits::default()) {
        Ok(params) => begin(visitor, &params).await,
        Err(error) => answer::page(&visitor, &error.into()),
    }
}

/// A post from the client's site comes without our cookies (SameSite=Lax): the request is sealed and the browser sent
/// on by GET, which has them.
pub async fn by_post(
    visitor: Visitor,
    RawQuery(query): RawQuery,
    posted: Result<Posted, Response>,
) -> Response {
    let posted = match posted {
        Ok(posted) => posted,
        Err(refusal) => return refusal,
    };
    if query.is_some_and(|query| !query.is_empty()) {
        return answer::page(
            &visitor,
            &OAuthError::invalid_request("Parameters belong into the body"),
        );
    }
    match visitor
        .state
        .authority
        .validate_authorization(&visitor.ctx, &posted.0)
        .await
    {
        Ok(request) => carry(&visitor, &request.flow, "/oauth2/authorize/resume"),
        Err(refusal) => answer::refusal(&visitor, refusal),
    }
}

async fn begin(visitor: Visitor, params: &Params) -> Response {
    match visitor
        .state
        .authority
        .validate_authorization(&visitor.ctx, params)
        .await
    {
        Ok(request) => go_on(&visitor, &request).await,
        Err(refusal) => answer::refusal(&visitor, refusal),
    }
}

pub async fn resume(visitor: Visitor, Query(query): Query<FlowQuery>) -> Response {
    match reopen(&visitor, &query.flow).await {
        Ok(request) => go_on(&visitor, &request).await,
        Err(refusal) => refusal,
    }
}

/// The user has pressed "cancel" on the login page.
pub async fn cancel(visitor: Visitor, Query(query): Query<FlowQuery>) -> Response {
    match reopen(&visitor, &query.flow).await {
        Ok(request) => answer::error(&visitor, &request.destination, OAuthError::access_denied()),
        Err(refusal) => refusal,
    }
}

/// The request behind a sealed flow, judged anew.
pub(super) async fn reopen(visitor: &Visitor, flow: &str) -> Result<Validated, Response> {
    let authority = &visitor.state.authority;
    let expired =
        || OAuthError::invalid_request("This sign-in has expired. Please start again at the application");
    let flow = authority
        .open_flow(&visitor.ctx, flow)
        .ok_or_else(|| answer::page(visitor, &expired()))?;
    authority
        .revalidate_authorization(flow)
        .await
        .map_err(|refusal| answer::refusal(visitor, refusal))
}

async fn go_on(visitor: &Visitor, request: &Validated) -> Response {
    let authority = &visitor.state.authority;
    let decision = authority
        .decide_authorization(&visitor.ctx, request, visitor.signed_in.as_ref())
        .await;
    match (decision, &visitor.signed_in) {
        (Ok(Decision::Issue), Some(who)) => {
            let issued = authority.issue_code(&visitor.ctx, request, who, false).await;
            answer::issued(visitor, &request.destination, issued)
        }
        (Ok(Decision::LogIn { register: true }), _) => carry(visitor, &request.flow, "/register"),
        (Ok(Decision::LogIn { register: false } | Decision::Issue), _) => {
            carry(visitor, &request.flow, "/login")
        }
        (Ok(Decision::AskConsent { .. }), _) => carry(visitor, &request.flow, "/consent"),
        (Ok(Decision::Refuse(error)), _) => answer::error(visitor, &request.destination, error),
        (Err(error), _) => fault(&error),
    }
}

fn carry(visitor: &Visitor, flow: &Flow, path: &str) -> Response {
    match visitor.state.authority.seal_flow(&visitor.ctx, flow) {
        Ok(sealed) if sealed.len() > LONGEST_FLOW => {
            answer::page(visitor, &OAuthError::invalid_request("The request is too long"))
        }
        Ok(sealed) => see_other(&with_flow(path, &sealed)),
        Err(error) => fault(&error),
    }
}
