//! `/login/mail`, `/login/code`, `/login/link`: signing in by a mail.
//! Refuses to tell whether anybody has the address: every answer is the same for all.

use axum::extract::Query;
use axum::response::Response;
use domain::people::{AskError, AskedIn, OpenedLink, ProofError, SignInError};
use http::StatusCode;
use model::challenge::Purpose;

use super::flow::with_flow;
use super::posted::Posted;
use super::refusal::{forged, see_other, too_many_attempts, wait};
use super::respond;
use super::second_factor::go_on;
use super::view::{Button, Input, PromptPage};
use super::visitor::Visitor;
use crate::http::fault;

const ASK: &str = "/login/mail";
const CODE: &str = "/login/code";
const LINK: &str = "/login/link";

/// What the addresses of these pages carry.
#[derive(serde::Deserialize)]
pub struct MailQuery {
    #[serde(default)]
    pub flow: String,
    #[serde(default)]
    pub challenge: String,
    #[serde(default)]
    pub token: String,
}

pub async fn show_ask(visitor: Visitor, Query(query): Query<MailQuery>) -> Response {
    let hint = visitor
        .open_flow(&query.flow)
        .await
        .and_then(|open| open.flow.request.login_hint)
        .filter(|hint| hint.contains('@'));
    let page = ask_page(&visitor, &query.flow, hint.unwrap_or_default()).await;
    visitor.mark(respond(StatusCode::OK, &page))
}

pub async fn ask(visitor: Visitor, posted: Posted) -> Response {
    let flow = posted.text("flow");
    if !visitor.gave_form(ASK, posted.csrf()) {
        return forged(&visitor);
    }
    let asked_in = AskedIn {
        browser: Some(visitor.mark_digest()),
        flow: Some(flow.to_owned()).filter(|flow| !flow.is_empty()),
    };
    let authority = &visitor.state.authority;
    let email = posted.text("email");
    match authority
        .ask_by_mail(&visitor.ctx, Purpose::MagicLink, email, asked_in)
        .await
    {
        Ok(challenge) => see_other(&with_challenge(CODE, &challenge.to_string(), flow)),
        Err(error) => {
            let page = ask_page(&visitor, flow, email.to_owned()).await;
            refused_to_ask(page, error)
        }
    }
}

/// The form again, with the reason.
pub fn refused_to_ask(mut page: PromptPage, error: AskError) -> Response {
    match error {
        AskError::Malformed => {
            if let Some(input) = page.inputs.first_mut() {
                input.error = Some("This is not an e-mail address.".to_owned());
            }
            respond(StatusCode::BAD_REQUEST, &page)
        }
        AskError::TooMany { retry_after } => {
            page.error = Some(too_many_attempts(retry_after));
            wait(respond(StatusCode::TOO_MANY_REQUESTS, &page), retry_after)
        }
        AskError::Fault(error) => fault(&error),
    }
}

pub async fn show_code(visitor: Visitor, Query(query): Query<MailQuery>) -> Response {
    let page = code_page(&visitor, &query.challenge, &query.flow, None).await;
    visitor.mark(respond(StatusCode::OK, &page))
}

pub async fn submit_code(visitor: Visitor, posted: Posted) -> Response {
    let (challenge, flow) = (posted.text("challenge"), posted.text("flow"));
    if !visitor.gave_form(CODE, posted.csrf()) {
        return forged(&visitor);
    }
    let proof = (challenge, posted.text("code"), &visitor.mark_digest());
    let current = visitor.session();
    match visitor
        .state
        .authority
        .sign_in_by_code(&visitor.ctx, proof, current)
        .await
    {
        Ok((sign_in, _)) => go_on(&visitor, &sign_in, flow),
        Err(SignInError::Fault(error)) => fault(&error),
        Err(SignInError::Stale | SignInError::SessionEnded) => {
            let words =
                "This code is wrong, was used, or is too old. After five wrong codes a new mail is needed.";
            let page = code_page(&visitor, challenge, flow, Some(words.to_owned())).await;
            respond(StatusCode::BAD_REQUEST, &page)
        }
    }
}

/// Opened from the mail. Looking consumes nothing: mail scanners look, too.
pub async fn show_link(visitor: Visitor, Query(query): Query<MailQuery>) -> Response {
    let authority = &visitor.state.authority;
    let opened = authority
        .open_magic_link(&visitor.ctx, &query.token, &visitor.mark_digest())
        .await;
    let page = match opened {
        Ok((OpenedLink::Here(user), flow)) => {
            let title = format!("Sign in as {}?", user.display_name());
            PromptPage::new(visitor.layout(), "page-login-link", title)
                .lead(format!("This signs you in with {}.", user.email))
                .form(visitor.form(LINK, &flow.unwrap_or_default()))
                .hidden("token", query.token)
                .button(Button::primary("login-link-submit", "login", "Sign in"))
        }
        Ok((OpenedLink::Elsewhere { code }, _)) => {
            let mut page = PromptPage::new(
                visitor.layout(),
                "page-login-link-code",
                "Type this code where you asked for it",
            )
            .lead("You opened the link in another browser than the one that asked for it.")
            .lead("If you did not ask to sign in yourself, close this page and give the code to nobody.");
            page.shown_code = Some(code);
            page
        }
        Err(ProofError::Invalid) => return visitor.mark(link_is_dead(&visitor, "/login/mail")),
        Err(ProofError::Fault(error)) => return fault(&error),
    };
    visitor.mark(respond(StatusCode::OK, &page))
}

pub async fn submit_link(visitor: Visitor, posted: Posted) -> Response {
    if !visitor.gave_form(LINK, posted.csrf()) {
        return forged(&visitor);
    }
    let proof = (posted.text("token"), &visitor.mark_digest());
    let current = visitor.session();
    match visitor
        .state
        .authority
        .sign_in_by_link(&visitor.ctx, proof, current)
        .await
    {
        Ok((sign_in, flow)) => go_on(&visitor, &sign_in, &flow.unwrap_or_default()),
        Err(SignInError::Fault(error)) => fault(&error),
        Err(SignInError::Stale | SignInError::SessionEnded) => link_is_dead(&visitor, "/login/mail"),
    }
}

/// A link that was used, replaced or is too old.
pub fn link_is_dead(visitor: &Visitor, again: &str) -> Response {
    let page = PromptPage::new(
        visitor.layout(),
        "page-link-dead",
        "This link does not work any more",
    )
    .lead("It was used already, was replaced by a newer one, or is too old.")
    .link("", "Ask for a new one", again);
    respond(StatusCode::GONE, &page)
}

async fn ask_page(visitor: &Visitor, flow: &str, email: String) -> PromptPage {
    let client = visitor.open_flow(flow).await.and_then(|open| open.card());
    PromptPage::new(visitor.layout(), "page-login-mail", "Sign in by e-mail")
        .client(client)
        .lead("We send you a link. No password is needed.")
        .form(visitor.form(ASK, flow))
        .input(email_input(email))
        .button(Button::primary("login-mail-submit", "send", "Send me a link"))
        .link("", "Sign in with a password", with_flow("/login", flow))
}

async fn code_page(visitor: &Visitor, challenge: &str, flow: &str, error: Option<String>) -> PromptPage {
    let client = visitor.open_flow(flow).await.and_then(|open| open.card());
    PromptPage::new(visitor.layout(), "page-login-code", "Look into your mail")
        .client(client)
        .lead(
            "If there is an account with this address, a link is on its way to it. It works for 15 minutes.",
        )
        .lead("Opened in another browser, it shows a code: type it here.")
        .error(error)
        .form(visitor.form(CODE, flow))
        .hidden("challenge", challenge)
        .input(code_input())
        .button(Button::primary("login-code-submit", "login", "Sign in"))
        .link("Nothing came?", "Try again", with_flow(ASK, flow))
}

/// The field for an address.
pub fn email_input(value: String) -> Input {
    Input {
        id: "email",
        label: "E-mail address".to_owned(),
        kind: "email",
        value,
        autocomplete: "email",
        ..Input::default()
    }
}

/// The field for six digits.
pub fn code_input() -> Input {
    Input {
        id: "code",
        label: "Code".to_owned(),
        kind: "text",
        autocomplete: "one-time-code",
        inputmode: "numeric",
        ..Input::default()
    }
}

/// `path` with the challenge and, when there is one, the flow.
pub fn with_challenge(path: &str, challenge: &str, flow: &str) -> String {
    let path = with_flow(path, flow);
    let mark = if path.contains('?') { '&' } else { '?' };
    format!("{path}{mark}challenge={challenge}")
}
