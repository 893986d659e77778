//! `/register`: making an account and being signed in to it.
//! Refuses when the operator has closed registration.

use axum::extract::Query;
use axum::response::Response;
use domain::people::{AccountProblems, AskedIn, RegisterError, Registered};
use http::StatusCode;

use super::account_form::{blank, fields, typed};
use super::by_mail::with_challenge;
use super::flow::{FlowQuery, next, with_flow};
use super::posted::Posted;
use super::refusal::{forged, page as error_page, see_other, too_many_attempts, wait};
use super::respond;
use super::view::{AccountFields, RegisterPage};
use super::visitor::{Visitor, begin_session};
use super::with::buttons;
use crate::http::fault;

const ACTION: &str = "/register";

pub async fn show(visitor: Visitor, Query(query): Query<FlowQuery>) -> Response {
    if !visitor.state.authority.settings.registration.open {
        return closed(&visitor);
    }
    let page = page(&visitor, &query.flow, blank(&visitor)).await;
    visitor.mark(respond(StatusCode::OK, &page))
}

pub async fn submit(visitor: Visitor, posted: Posted) -> Response {
    let flow = posted.text("flow");
    if !visitor.gave_form(ACTION, posted.csrf()) {
        return forged(&visitor);
    }
    let asked_in = AskedIn {
        browser: Some(visitor.mark_digest()),
        flow: None,
    };
    match visitor
        .state
        .authority
        .register(&visitor.ctx, typed(&posted), asked_in)
        .await
    {
        Ok(Registered::ConfirmEmail(challenge)) => {
            see_other(&with_challenge("/verify-email", &challenge.to_string(), flow))
        }
        Ok(Registered::SignedIn(signed_in)) => match visitor.end_earlier_session().await {
            Ok(()) => begin_session(&visitor.state, see_other(&next(flow)), signed_in.cookie.expose()),
            Err(failure) => failure,
        },
        Err(RegisterError::Invalid(problems)) => {
            let fields = fields(&visitor, &posted, &problems);
            respond(StatusCode::BAD_REQUEST, &page(&visitor, flow, fields).await)
        }
        Err(RegisterError::TooManyAttempts { retry_after }) => {
            let fields = fields(&visitor, &posted, &AccountProblems::default());
            let mut page = page(&visitor, flow, fields).await;
            page.error = Some(too_many_attempts(retry_after));
            wait(respond(StatusCode::TOO_MANY_REQUESTS, &page), retry_after)
        }
        Err(RegisterError::Closed) => closed(&visitor),
        Err(RegisterError::Fault(error)) => fault(&error),
    }
}

fn closed(visitor: &Visitor) -> Response {
    let words = "New accounts are made by an administrator here. Please ask yours.";
    error_page(visitor, StatusCode::FORBIDDEN, "Registration is closed", words)
}

async fn page(visitor: &Visitor, flow: &str, fields: AccountFields) -> RegisterPage {
    RegisterPage {
        layout: visitor.layout(),
        form: visitor.form(ACTION, flow),
        client: visitor.open_flow(flow).await.and_then(|open| open.card()),
        fields,
        error: None,
        providers: buttons(visitor, flow),
        login_href: with_flow("/login", flow),
    }
}
