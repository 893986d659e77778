//! `/verify-email`, `/undo-email-change`: a mailbox is proven by the link in a mail, or by its code.
//! Refuses to do anything when a link is only looked at.

use axum::extract::Query;
use axum::response::Response;
use domain::people::{AskedIn, CONFIRMING, ConfirmEmailError, ProofError};
use http::StatusCode;
use model::challenge::Purpose;

use super::by_mail::{MailQuery, code_input, link_is_dead, refused_to_ask, with_challenge};
use super::flow::{next, with_flow};
use super::posted::Posted;
use super::refusal::{forged, see_other};
use super::respond;
use super::view::{Button, PromptPage};
use super::visitor::{Visitor, forget_session};
use crate::http::fault;

const VERIFY: &str = "/verify-email";
const UNDO: &str = "/undo-email-change";

pub async fn show(visitor: Visitor, Query(query): Query<MailQuery>) -> Response {
    if query.token.is_empty() {
        let page = code_page(&visitor, &query.challenge, &query.flow);
        return visitor.mark(respond(StatusCode::OK, &page));
    }
    let authority = &visitor.state.authority;
    match authority
        .look_at_link(&visitor.ctx, &CONFIRMING, &query.token)
        .await
    {
        Ok((challenge, user)) => {
            let page = PromptPage::new(
                visitor.layout(),
                "page-verify-email-link",
                "Is this address yours?",
            )
            .lead(format!(
                "{} is to be the address of the account “{}”.",
                challenge.email,
                user.display_name()
            ))
            .lead("If you do not know this account, close this page.")
            .form(visitor.form(VERIFY, ""))
            .hidden("token", query.token)
            .button(Button::primary(
                "verify-email-submit",
                "confirm",
                "Yes, confirm it",
            ));
            visitor.mark(respond(StatusCode::OK, &page))
        }
        Err(ProofError::Invalid) => visitor.mark(link_is_dead(&visitor, VERIFY)),
        Err(ProofError::Fault(error)) => fault(&error),
    }
}

pub async fn submit(visitor: Visitor, posted: Posted) -> Response {
    if !visitor.gave_form(VERIFY, posted.csrf()) {
        return forged(&visitor);
    }
    match (posted.text("decision"), posted.text("token")) {
        ("send", _) => send(&visitor, posted.text("flow")).await,
        (_, "") => by_code(&visitor, &posted).await,
        (_, token) => by_link(&visitor, token).await,
    }
}

/// For somebody who is signed in: a mail, or another one.
async fn send(visitor: &Visitor, flow: &str) -> Response {
    let Some(who) = &visitor.signed_in else {
        return see_other(&with_flow("/login", flow));
    };
    let asked_in = AskedIn {
        browser: Some(visitor.mark_digest()),
        flow: None,
    };
    let authority = &visitor.state.authority;
    match authority.ask_to_verify(&visitor.ctx, &who.user, asked_in).await {
        Ok(challenge) => see_other(&with_challenge(VERIFY, &challenge.to_string(), flow)),
        Err(error) => refused_to_ask(code_page(visitor, "", flow), error),
    }
}

async fn by_code(visitor: &Visitor, posted: &Posted) -> Response {
    let authority = &visitor.state.authority;
    let (challenge, flow) = (posted.text("challenge"), posted.text("flow"));
    let proof = (challenge, posted.text("code"));
    let proven = authority.prove_by_code(&visitor.ctx, &CONFIRMING, proof).await;
    let wrong = || {
        let words =
            "This code is wrong, was used, or is too old. After five wrong codes a new mail is needed.";
        let page = code_page(visitor, challenge, flow).error(Some(words.to_owned()));
        respond(StatusCode::BAD_REQUEST, &page)
    };
    match proven {
        Ok(proven) => finish(visitor, flow, authority.confirm_email(&visitor.ctx, proven).await),
        Err(ProofError::Invalid) => wrong(),
        Err(ProofError::Fault(error)) => fault(&error),
    }
}

async fn by_link(visitor: &Visitor, token: &str) -> Response {
    let authority = &visitor.state.authority;
    match authority.look_at_link(&visitor.ctx, &CONFIRMING, token).await {
        Ok(proven) => finish(visitor, "", authority.confirm_email(&visitor.ctx, proven).await),
        Err(ProofError::Invalid) => link_is_dead(visitor, VERIFY),
        Err(ProofError::Fault(error)) => fault(&error),
    }
}

fn finish(
    visitor: &Visitor,
    flow: &str,
    outcome: Result<model::email::Email, ConfirmEmailError>,
) -> Response {
    match outcome {
        Ok(email) => {
            let (words, href) = match &visitor.signed_in {
                Some(_) => ("Go on", next(flow)),
                None => ("Sign in", with_flow("/login", flow)),
            };
            let page = PromptPage::new(
                visitor.layout(),
                "page-email-confirmed",
                "Your e-mail address is confirmed",
            )
            .lead(format!("{email} belongs to your account now."))
            .link("", words, href);
            respond(StatusCode::OK, &page)
        }
        Err(ConfirmEmailError::Invalid) => link_is_dead(visitor, VERIFY),
        Err(ConfirmEmailError::Taken) => {
            let page = PromptPage::new(visitor.layout(), "page-email-taken", "This address is taken")
                .lead("Another account was given this address in the meantime. Yours keeps the one it has.");
            respond(StatusCode::CONFLICT, &page)
        }
        Err(ConfirmEmailError::Fault(error)) => fault(&error),
    }
}

fn code_page(visitor: &Visitor, challenge: &str, flow: &str) -> PromptPage {
    let page = PromptPage::new(
        visitor.layout(),
        "page-verify-email",
        "Confirm your e-mail address",
    )
    .form(visitor.form(VERIFY, flow));
    let send = |label: &str| Button::quiet("verify-email-send", "send", label);
    if challenge.is_empty() {
        let mut button = send("Send me a code");
        button.look = "primary";
        return page
            .lead("We send a code to the address of your account, to be sure that it is yours.")
            .button(button);
    }
    let page = page
        .lead("A mail with a code of six digits is on its way. Type the code here within 10 minutes, or use the link in the mail.")
        .hidden("challenge", challenge)
        .input(code_input())
        .button(Button::primary("verify-email-code-submit", "confirm", "Confirm"));
    match visitor.signed_in {
        Some(_) => page.button(send("Send another mail")),
        None => page,
    }
}

pub async fn show_undo(visitor: Visitor, Query(query): Query<MailQuery>) -> Response {
    let authority = &visitor.state.authority;
    let purposes = [Purpose::UndoEmailChange];
    match authority
        .look_at_link(&visitor.ctx, &purposes, &query.token)
        .await
    {
        Ok((challenge, user)) => {
            let page = PromptPage::new(visitor.layout(), "page-undo-email", "Take the change back?")
                .lead(format!(
                    "The account “{}” will use {} again.",
                    user.display_name(),
                    challenge.email
                ))
                .lead("Everybody who is signed in to it will be signed out, and you choose a new password. What was added since the change goes with it: second steps, passkeys, linked accounts.")
                .form(visitor.form(UNDO, ""))
                .hidden("token", query.token)
                .button(Button::primary("undo-email-submit", "undo", "Take it back"));
            visitor.mark(respond(StatusCode::OK, &page))
        }
        Err(ProofError::Invalid) => visitor.mark(link_is_dead(&visitor, "/")),
        Err(ProofError::Fault(error)) => fault(&error),
    }
}

pub async fn undo(visitor: Visitor, posted: Posted) -> Response {
    if !visitor.gave_form(UNDO, posted.csrf()) {
        return forged(&visitor);
    }
    let authority = &visitor.state.authority;
    match authority
        .undo_email_change(&visitor.ctx, posted.text("token"))
        .await
    {
        Ok(email) => {
            let page = PromptPage::new(
                visitor.layout(),
                "page-undo-email-done",
                "The change was taken back",
            )
            .lead(format!(
                "Your account uses {email} again, and everybody was signed out."
            ))
            .lead("A mail is on its way to this address: choose a new password by its link.")
            .link("It did not arrive?", "Send it again", "/forgot-password");
            forget_session(&visitor.state, respond(StatusCode::OK, &page))
        }
        Err(ConfirmEmailError::Fault(error)) => fault(&error),
        Err(ConfirmEmailError::Invalid | ConfirmEmailError::Taken) => link_is_dead(&visitor, "/"),
    }
}
