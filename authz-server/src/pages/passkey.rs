//! `/login/passkey` and `/login/second/passkey`: what a browser's authenticator has answered.
//! Refuses to say why an answer is no good.

use axum::extract::Query;
use axum::response::Response;
use domain::people::{PasskeyAnswer, PasskeyCeremony, PasskeyError, SecondFactorError};
use http::StatusCode;

use super::cookie::Cookie;
use super::flow::{FlowQuery, next, with_flow};
use super::login;
use super::posted::Posted;
use super::refusal::{forged, see_other};
use super::respond;
use super::second_factor;
use super::view::{Ceremony, PasskeyPrompt};
use super::visitor::{Visitor, begin_session};
use crate::http::fault;

const ALONE: &str = "/login/passkey";
const SECOND: &str = "/login/second/passkey";
const REFUSED: &str =
    "This passkey did not work, or it took too long. Please try again or sign in another way.";

/// The button of the sign-in page. Without passkeys the page still works, so a failure here only leaves it out.
pub fn prompt(visitor: &Visitor, flow: &str) -> Option<PasskeyPrompt> {
    let asked = visitor
        .state
        .authority
        .ask_for_passkey(&visitor.ctx, &visitor.mark_digest());
    let asked = asked.ok().flatten()?;
    let label = "Sign in with a passkey";
    Some(filled(visitor, (ALONE, flow), (Ceremony::Offer, label), asked))
}

/// The button of the second step, for whoever has passkeys.
pub async fn second_prompt(visitor: &Visitor, flow: &str) -> Option<PasskeyPrompt> {
    let pending = visitor.cookie(Cookie::Pending).unwrap_or_default();
    let asked = visitor
        .state
        .authority
        .ask_for_second_passkey(&visitor.ctx, pending, &visitor.mark_digest())
        .await;
    let asked = asked.ok().flatten()?;
    Some(filled(
        visitor,
        (SECOND, flow),
        (Ceremony::Get, "Use a passkey"),
        asked,
    ))
}

/// A form of this visitor for an authenticator.
pub fn filled(
    visitor: &Visitor,
    (action, flow): (&str, &str),
    (ceremony, label): (Ceremony, &'static str),
    asked: PasskeyCeremony,
) -> PasskeyPrompt {
    PasskeyPrompt {
        form: visitor.form(action, flow),
        ceremony,
        options: asked.options,
        state: asked.state,
        label,
    }
}

/// Somebody went back to the address of an answer.
pub async fn show(Query(query): Query<FlowQuery>) -> Response {
    see_other(&with_flow("/login", &query.flow))
}

pub async fn show_second(Query(query): Query<FlowQuery>) -> Response {
    see_other(&with_flow("/login/second", &query.flow))
}

pub async fn submit(visitor: Visitor, posted: Posted) -> Response {
    let flow = posted.text("flow");
    if !visitor.gave_form(ALONE, posted.csrf()) {
        return forged(&visitor);
    }
    let browser = visitor.mark_digest();
    let answer = PasskeyAnswer {
        state: posted.text("state"),
        credential: posted.text("credential"),
        browser: &browser,
    };
    let current = visitor.session();
    let authority = &visitor.state.authority;
    let (status, words) = match authority.sign_in_by_passkey(&visitor.ctx, answer, current).await {
        Ok(signed_in) => {
            return begin_session(&visitor.state, see_other(&next(flow)), signed_in.cookie.expose());
        }
        Err(PasskeyError::Refused) => (StatusCode::UNAUTHORIZED, REFUSED),
        Err(PasskeyError::Disabled) => (
            StatusCode::FORBIDDEN,
            "This account is disabled. Please ask its administrator.",
        ),
        Err(PasskeyError::EmailNotVerified) => (
            StatusCode::FORBIDDEN,
            "Your e-mail address must be confirmed first. Sign in with your password to get the mail again.",
        ),
        Err(PasskeyError::SessionEnded) => (
            StatusCode::CONFLICT,
            "Your session has just ended. Please sign in again.",
        ),
        Err(PasskeyError::Fault(error)) => return fault(&error),
    };
    let page = login::page(&visitor, flow, "", Some(words.to_owned())).await;
    respond(status, &page)
}

pub async fn submit_second(visitor: Visitor, posted: Posted) -> Response {
    let flow = posted.text("flow");
    if !visitor.gave_form(SECOND, posted.csrf()) {
        return forged(&visitor);
    }
    let pending = visitor.cookie(Cookie::Pending).unwrap_or_default();
    let browser = visitor.mark_digest();
    let answer = PasskeyAnswer {
        state: posted.text("state"),
        credential: posted.text("credential"),
        browser: &browser,
    };
    let waiting = second_factor::waiting(pending, &posted);
    let proof = (waiting, answer);
    let current = visitor.session();
    let authority = &visitor.state.authority;
    match authority
        .finish_sign_in_by_passkey(&visitor.ctx, proof, current)
        .await
    {
        Ok(signed_in) => second_factor::arrived(&visitor, &signed_in, flow),
        Err(SecondFactorError::WrongCode) => {
            let page = second_factor::page(&visitor, (flow, waiting.trust), Some(REFUSED.to_owned())).await;
            respond(StatusCode::UNAUTHORIZED, &page)
        }
        Err(error) => second_factor::refused(&visitor, (flow, waiting.trust), error).await,
    }
}
