//! `/consent`: what the application asks for, and the user's word on it.
//! Refuses to grant more than it showed: the scopes come from the sealed request, never from the form (O28).

use axum::extract::Query;
use axum::response::Response;
use domain::oauth::authorize::{Decision, SignedIn, Validated};
use http::StatusCode;
use model::consent::Consent;
use oauth::error::OAuthError;

use super::authorize::reopen;
use super::authorize_response as answer;
use crate::http::fault;
use crate::pages::flow::{FlowQuery, card, next, with_flow};
use crate::pages::posted::Posted;
use crate::pages::refusal::{forged, see_other};
use crate::pages::respond;
use crate::pages::view::{ConsentPage, ScopeLine};
use crate::pages::visitor::{Visitor, person};

const ACTION: &str = "/consent";

pub async fn show(visitor: Visitor, Query(query): Query<FlowQuery>) -> Response {
    let request = match reopen(&visitor, &query.flow).await {
        Ok(request) => request,
        Err(refusal) => return refusal,
    };
    let authority = &visitor.state.authority;
    let decision = authority
        .decide_authorization(&visitor.ctx, &request, visitor.signed_in.as_ref())
        .await;
    match (decision, &visitor.signed_in) {
        (Ok(Decision::AskConsent { before }), Some(who)) => {
            match page(&visitor, &request, who, &query.flow, before.as_ref()) {
                Some(page) => visitor.mark(respond(StatusCode::OK, &page)),
                None => answer::page(
                    &visitor,
                    &OAuthError::invalid_request("The redirect_uri can't be shown"),
                ),
            }
        }
        (Ok(_), _) => see_other(&next(&query.flow)),
        (Err(error), _) => fault(&error),
    }
}

pub async fn submit(visitor: Visitor, posted: Posted) -> Response {
    let flow = posted.text("flow");
    if !visitor.gave_form(ACTION, posted.csrf()) {
        return forged(&visitor);
    }
    let request = match reopen(&visitor, flow).await {
        Ok(request) => request,
        Err(refusal) => return refusal,
    };
    if posted.text("decision") != "approve" {
        return answer::error(&visitor, &request.destination, OAuthError::access_denied());
    }
    approve(&visitor, &request, flow).await
}

/// The login must still be fresh enough: only the consent was missing.
async fn approve(visitor: &Visitor, request: &Validated, flow: &str) -> Response {
    let authority = &visitor.state.authority;
    let decision = authority
        .decide_authorization(&visitor.ctx, request, visitor.signed_in.as_ref())
        .await;
    match (decision, &visitor.signed_in) {
        (Ok(Decision::AskConsent { .. } | Decision::Issue), Some(who)) => {
            let issued = authority.issue_code(&visitor.ctx, request, who, true).await;
            answer::issued(visitor, &request.destination, issued)
        }
        (Ok(_), _) => see_other(&next(flow)),
        (Err(error), _) => fault(&error),
    }
}

fn page(
    visitor: &Visitor,
    request: &Validated,
    who: &SignedIn,
    flow: &str,
    before: Option<&Consent>,
) -> Option<ConsentPage> {
    let lines = visitor.state.authority.describe_scopes(&request.scopes, before);
    let scopes = lines.into_iter().map(|line| ScopeLine {
        name: line.name,
        description: line.description,
        is_new: line.is_new,
    });
    Some(ConsentPage {
        layout: visitor.layout(),
        form: visitor.form(ACTION, flow),
        client: card(&request.client, &request.destination.redirect_uri)?,
        account: person(&who.user),
        scopes: scopes.collect(),
        switch_href: Some(with_flow("/login", flow)),
    })
}
