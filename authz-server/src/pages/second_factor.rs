//! `/login/second`: the code of the second step, or a passkey.
//! Refuses to say whether the code or its age was wrong, and keeps what waits in a cookie that no script reads.

use axum::extract::Query;
use axum::response::Response;
use domain::people::{SecondFactorError, SignIn, SignedIn, Waiting};
use http::StatusCode;
use model::trusted_device::TRUST_TTL;

use super::cookie::Cookie;
use super::flow::{FlowQuery, next, with_flow};
use super::passkey;
use super::posted::Posted;
use super::refusal::{forged, see_other, too_many_attempts, wait};
use super::respond;
use super::view::{Button, Input, PromptPage, Tick};
use super::visitor::{Visitor, append_cookie, begin_session};
use crate::http::fault;

const ACTION: &str = "/login/second";
const TRUST: &str = "trust";
const WAITS_SECONDS: u64 = model::second_factor::PENDING_TTL.as_secs();

/// After the first factor: into the session, or on to the second.
pub fn go_on(visitor: &Visitor, sign_in: &SignIn, flow: &str) -> Response {
    match sign_in {
        SignIn::Done(signed_in) => {
            begin_session(&visitor.state, see_other(&next(flow)), signed_in.cookie.expose())
        }
        SignIn::SecondFactor(pending) => {
            let mut response = see_other(&with_flow(ACTION, flow));
            let cookie = Cookie::Pending.set(pending.expose(), WAITS_SECONDS, visitor.state.https);
            append_cookie(&mut response, &cookie);
            response
        }
    }
}

pub async fn show(visitor: Visitor, Query(query): Query<FlowQuery>) -> Response {
    let pending = visitor.cookie(Cookie::Pending).unwrap_or_default();
    let authority = &visitor.state.authority;
    match authority.waits_for_second_factor(&visitor.ctx, pending).await {
        Ok(true) => {
            let page = page(&visitor, (&query.flow, false), None).await;
            visitor.mark(respond(StatusCode::OK, &page))
        }
        Ok(false) => see_other(&with_flow("/login", &query.flow)),
        Err(error) => fault(&error),
    }
}

pub async fn submit(visitor: Visitor, posted: Posted) -> Response {
    let flow = posted.text("flow");
    if !visitor.gave_form(ACTION, posted.csrf()) {
        return forged(&visitor);
    }
    let pending = visitor.cookie(Cookie::Pending).unwrap_or_default().to_owned();
    let waiting = waiting(&pending, &posted);
    let proof = (waiting, posted.text("code"));
    let current = visitor.session();
    match visitor
        .state
        .authority
        .finish_sign_in(&visitor.ctx, proof, current)
        .await
    {
        Ok(signed_in) => arrived(&visitor, &signed_in, flow),
        Err(error) => refused(&visitor, (flow, waiting.trust), error).await,
    }
}

/// The sign-in that waits, and whether its browser is to be trusted.
pub fn waiting<'a>(pending: &'a str, posted: &Posted) -> Waiting<'a> {
    Waiting {
        secret: pending,
        trust: posted.text(TRUST) == "on",
    }
}

/// Into the session; nothing waits any more.
pub fn arrived(visitor: &Visitor, signed_in: &SignedIn, flow: &str) -> Response {
    let mut response = see_other(&next(flow));
    append_cookie(&mut response, &Cookie::Pending.clear(visitor.state.https));
    if let Some(trust) = &signed_in.trust {
        let cookie = Cookie::Trust.set(trust.expose(), TRUST_TTL.as_secs(), visitor.state.https);
        append_cookie(&mut response, &cookie);
    }
    begin_session(&visitor.state, response, signed_in.cookie.expose())
}

/// Why it goes on here, or does not.
pub async fn refused(visitor: &Visitor, (flow, trust): (&str, bool), error: SecondFactorError) -> Response {
    match error {
        SecondFactorError::WrongCode => {
            let words = "This code is wrong or was used already.".to_owned();
            respond(
                StatusCode::UNAUTHORIZED,
                &page(visitor, (flow, trust), Some(words)).await,
            )
        }
        SecondFactorError::Over => {
            let over = PromptPage::new(visitor.layout(), "page-second-over", "Please sign in again")
                .lead("The code was asked for too long ago, or was wrong too often.")
                .link("", "Sign in", with_flow("/login", flow));
            respond(StatusCode::GONE, &over)
        }
        SecondFactorError::TooManyAttempts { retry_after } => {
            let words = too_many_attempts(retry_after);
            let page = page(visitor, (flow, trust), Some(words)).await;
            wait(respond(StatusCode::TOO_MANY_REQUESTS, &page), retry_after)
        }
        SecondFactorError::Fault(error) => fault(&error),
    }
}

/// The page, with a fresh challenge for the passkeys of whoever waits.
pub async fn page(visitor: &Visitor, (flow, trust): (&str, bool), error: Option<String>) -> PromptPage {
    let client = visitor.open_flow(flow).await.and_then(|open| open.card());
    let passkey = passkey::second_prompt(visitor, flow).await;
    let lead = match &passkey {
        Some(_) => {
            "Use a passkey, or type a backup code or the code that your authenticator app shows for this account."
        }
        None => {
            "Open your authenticator app and type the code it shows for this account. A backup code works, too."
        }
    };
    PromptPage::new(visitor.layout(), "page-second", "One more step")
        .client(client)
        .lead(lead)
        .passkey(passkey)
        .error(error)
        .form(visitor.form(ACTION, flow))
        .input(factor_code())
        .tick(trust_tick(trust))
        .button(Button::primary("second-submit", "login", "Sign in"))
        .link("", "Sign in as somebody else", with_flow("/login", flow))
}

fn trust_tick(checked: bool) -> Tick {
    Tick {
        id: TRUST,
        label: "Trust this browser for 30 days".to_owned(),
        hint: "It is not asked for this step then. Not for a device that others use.".to_owned(),
        checked,
    }
}

/// The field for a code of an app, or a backup code: so not digits alone.
pub fn factor_code() -> Input {
    Input {
        id: "code",
        label: "Code".to_owned(),
        kind: "text",
        autocomplete: "one-time-code",
        ..Input::default()
    }
}
