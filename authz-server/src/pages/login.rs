//! `/login`: signing in with user name or address and password.
//! Refuses to say which of the two was wrong.

use axum::extract::Query;
use axum::response::Response;
use domain::people::{AskedIn, LogIn, LoginError};
use http::StatusCode;
use model::PlainSecret;

use super::by_mail::with_challenge;
use super::flow::{FlowQuery, cancelled, with_flow};
use super::passkey;
use super::posted::Posted;
use super::refusal::{forged, see_other, too_many_attempts, wait_if};
use super::respond;
use super::second_factor::go_on;
use super::view::LoginPage;
use super::visitor::Visitor;
use super::with::buttons;
use crate::http::fault;

const ACTION: &str = "/login";

pub async fn show(visitor: Visitor, Query(query): Query<FlowQuery>) -> Response {
    let hint = visitor
        .open_flow(&query.flow)
        .await
        .and_then(|open| open.flow.request.login_hint);
    let page = page(&visitor, &query.flow, hint.as_deref().unwrap_or_default(), None).await;
    visitor.mark(respond(StatusCode::OK, &page))
}

pub async fn submit(visitor: Visitor, posted: Posted) -> Response {
    let flow = posted.text("flow");
    if !visitor.gave_form(ACTION, posted.csrf()) {
        return forged(&visitor);
    }
    if posted.text("decision") == "cancel" {
        return see_other(&cancelled(flow));
    }
    let command = LogIn {
        identifier: posted.text("username").to_owned(),
        password: PlainSecret::new(posted.text("password")),
        current: visitor.session(),
        asked_in: AskedIn {
            browser: Some(visitor.mark_digest()),
            flow: Some(flow.to_owned()).filter(|flow| !flow.is_empty()),
        },
    };
    match visitor.state.authority.log_in(&visitor.ctx, command).await {
        Ok(sign_in) => go_on(&visitor, &sign_in, flow),
        Err(error) => refused(&visitor, flow, posted.text("username"), error).await,
    }
}

async fn refused(visitor: &Visitor, flow: &str, username: &str, error: LoginError) -> Response {
    let (status, words, retry_after) = match error {
        LoginError::InvalidCredentials => (
            StatusCode::UNAUTHORIZED,
            "The user name or password is wrong.".to_owned(),
            None,
        ),
        LoginError::Disabled => (
            StatusCode::FORBIDDEN,
            "This account is disabled. Please ask its administrator.".to_owned(),
            None,
        ),
        LoginError::TooManyAttempts { retry_after } => (
            StatusCode::TOO_MANY_REQUESTS,
            too_many_attempts(retry_after),
            Some(retry_after),
        ),
        LoginError::EmailNotVerified {
            challenge: Some(challenge),
        } => return see_other(&with_challenge("/verify-email", &challenge.to_string(), flow)),
        LoginError::EmailNotVerified { challenge: None } => (
            StatusCode::FORBIDDEN,
            "Your e-mail address must be confirmed first. A mail is in your mailbox already.".to_owned(),
            None,
        ),
        LoginError::SessionEnded => (
            StatusCode::CONFLICT,
            "Your session has just ended. Please sign in again.".to_owned(),
            None,
        ),
        LoginError::Fault(error) => return fault(&error),
    };
    let page = page(visitor, flow, username, Some(words)).await;
    wait_if(respond(status, &page), retry_after)
}

/// The page, with a fresh challenge for passkeys.
pub async fn page(visitor: &Visitor, flow: &str, username: &str, error: Option<String>) -> LoginPage {
    let open = visitor.open_flow(flow).await;
    let may_register = visitor.state.authority.settings.registration.open;
    LoginPage {
        layout: visitor.layout(),
        form: visitor.form(ACTION, flow),
        client: open.and_then(|open| open.card()),
        username: username.chars().take(254).collect(),
        error,
        passkey: passkey::prompt(visitor, flow),
        providers: buttons(visitor, flow),
        mail_href: with_flow("/login/mail", flow),
        forgot_href: with_flow("/forgot-password", flow),
        register_href: may_register.then(|| with_flow("/register", flow)),
    }
}
