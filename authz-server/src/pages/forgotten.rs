//! `/forgot-password`, `/reset-password`: a new password by way of the mailbox.
//! Refuses to tell whether anybody has the address.

use axum::extract::Query;
use axum::response::Response;
use domain::people::password::PasswordProblem;
use domain::people::{AskedIn, CHOOSING, ChangePasswordError, ProofError};
use http::StatusCode;
use model::PlainSecret;
use model::challenge::Purpose;

use super::account_form::{refusal, sentence};
use super::by_mail::{MailQuery, email_input, link_is_dead, refused_to_ask};
use super::flow::with_flow;
use super::posted::Posted;
use super::refusal::{forged, see_other, too_many_attempts, wait};
use super::respond;
use super::view::{Button, Input, PromptPage};
use super::visitor::{Visitor, forget_session};
use crate::http::fault;

const FORGOT: &str = "/forgot-password";
const RESET: &str = "/reset-password";

pub async fn show_ask(visitor: Visitor, Query(query): Query<MailQuery>) -> Response {
    let page = ask_page(&visitor, &query.flow, String::new());
    visitor.mark(respond(StatusCode::OK, &page))
}

pub async fn ask(visitor: Visitor, posted: Posted) -> Response {
    let flow = posted.text("flow");
    if !visitor.gave_form(FORGOT, posted.csrf()) {
        return forged(&visitor);
    }
    let email = posted.text("email");
    let authority = &visitor.state.authority;
    match authority
        .ask_by_mail(&visitor.ctx, Purpose::ResetPassword, email, AskedIn::default())
        .await
    {
        Ok(_) => {
            let page = PromptPage::new(visitor.layout(), "page-forgot-sent", "Look into your mail")
                .lead("If there is an account with this address, a link to choose a new password is on its way to it. It works for 30 minutes.")
                .link("", "Back to signing in", with_flow("/login", flow));
            respond(StatusCode::OK, &page)
        }
        Err(error) => refused_to_ask(ask_page(&visitor, flow, email.to_owned()), error),
    }
}

fn ask_page(visitor: &Visitor, flow: &str, email: String) -> PromptPage {
    PromptPage::new(visitor.layout(), "page-forgot", "Forgot your password?")
        .lead("Tell us the e-mail address of your account. We send you a link to choose a new password.")
        .form(visitor.form(FORGOT, flow))
        .input(email_input(email))
        .button(Button::primary("forgot-submit", "send", "Send me a link"))
        .link("", "Back to signing in", with_flow("/login", flow))
}

pub async fn show(visitor: Visitor, Query(query): Query<MailQuery>) -> Response {
    let authority = &visitor.state.authority;
    match authority
        .look_at_link(&visitor.ctx, &CHOOSING, &query.token)
        .await
    {
        Ok((challenge, _)) => {
            let page =
                reset_page(&visitor, &query.token).lead(format!("For the account of {}.", challenge.email));
            visitor.mark(respond(StatusCode::OK, &page))
        }
        Err(ProofError::Invalid) => visitor.mark(link_is_dead(&visitor, FORGOT)),
        Err(ProofError::Fault(error)) => fault(&error),
    }
}

pub async fn submit(visitor: Visitor, posted: Posted) -> Response {
    if !visitor.gave_form(RESET, posted.csrf()) {
        return forged(&visitor);
    }
    let (token, password) = (posted.text("token"), PlainSecret::new(posted.text("password")));
    match visitor
        .state
        .authority
        .reset_password(&visitor.ctx, token, password)
        .await
    {
        Ok(()) => {
            let page = PromptPage::new(visitor.layout(), "page-reset-done", "Your password was changed")
                .lead("You are signed out everywhere. Sign in with the new password.")
                .link("", "Sign in", "/login");
            forget_session(&visitor.state, respond(StatusCode::OK, &page))
        }
        Err(error) => refused(&visitor, reset_page(&visitor, token), error),
    }
}

/// The form for a new password again, with the reason.
pub fn refused(visitor: &Visitor, mut page: PromptPage, error: ChangePasswordError) -> Response {
    match error {
        ChangePasswordError::Refused(problem) => {
            complain(&mut page, &problem);
            respond(StatusCode::BAD_REQUEST, &page)
        }
        ChangePasswordError::WrongPassword => {
            if let Some(input) = page
                .inputs
                .iter_mut()
                .find(|input| input.id == "current-password")
            {
                input.error = Some("This is not your password.".to_owned());
            }
            respond(StatusCode::BAD_REQUEST, &page)
        }
        ChangePasswordError::TooManyAttempts { retry_after } => {
            page.error = Some(too_many_attempts(retry_after));
            wait(respond(StatusCode::TOO_MANY_REQUESTS, &page), retry_after)
        }
        ChangePasswordError::SignInAgain => see_other("/login"),
        ChangePasswordError::LinkInvalid => link_is_dead(visitor, FORGOT),
        ChangePasswordError::Fault(error) => fault(&error),
    }
}

fn complain(page: &mut PromptPage, problem: &PasswordProblem) {
    if let Some(input) = page.inputs.iter_mut().find(|input| input.id == "password") {
        complain_about(input, problem);
    }
}

/// Tells in the field why a new password is refused.
pub fn complain_about(input: &mut Input, problem: &PasswordProblem) {
    let told = refusal(problem);
    {
        input.error = Some(if told.reason.is_empty() {
            sentence(&problem.to_string())
        } else {
            told.reason
        });
        input.suggestions = told.suggestions;
    }
}

fn reset_page(visitor: &Visitor, token: &str) -> PromptPage {
    PromptPage::new(visitor.layout(), "page-reset", "Choose a new password")
        .form(visitor.form(RESET, ""))
        .hidden("token", token)
        .input(new_password(visitor))
        .button(Button::primary("reset-submit", "reset", "Change password"))
}

/// The field for a new password.
pub fn new_password(visitor: &Visitor) -> Input {
    let minimum = visitor.state.authority.settings.passwords.min_length;
    Input {
        id: "password",
        label: "New password".to_owned(),
        kind: "password",
        autocomplete: "new-password",
        hint: format!("At least {minimum} characters. A few unrelated words make a good one."),
        ..Input::default()
    }
}
