//! The fields by which people show that it is them before something serious, and what they are told when they did not.
//! Refuses to ask for more than the domain will look at.

use std::time::Duration;

use axum::response::Response;
use domain::oauth::authorize::SignedIn;
use domain::people::{Presence, PresenceDemand, PresenceError};
use http::StatusCode;
use model::PlainSecret;

use super::flow::sign_in_for;
use super::posted::Posted;
use super::refusal::{see_other, too_many_attempts, wait};
use super::respond;
use super::second_factor::factor_code;
use super::two_step::{current_password, to_login};
use super::view::account::FormPart;
use super::view::{Input, PromptPage};
use super::visitor::Visitor;
use crate::http::fault;

pub const WRONG_PASSWORD: &str = "This is not your password.";
pub const WRONG_CODE: &str = "This code is wrong or was used already.";

/// What whoever is signed in has to give.
pub async fn demand(visitor: &Visitor, who: &SignedIn) -> Result<PresenceDemand, Box<Response>> {
    let authority = &visitor.state.authority;
    let demand = authority
        .presence_demand(&visitor.ctx, (&who.user, &who.session))
        .await;
    demand.map_err(|error| Box::new(fault(&error)))
}

/// The password with the code of the same form.
pub fn given<'a>(password: &'a PlainSecret, posted: &'a Posted) -> Presence<'a> {
    Presence {
        password,
        code: posted.text("code"),
    }
}

/// The fields of a form that asks for both where it has to.
pub fn fields(demand: PresenceDemand) -> Vec<Input> {
    let password = demand.password.then(current_password);
    password.into_iter().chain(code_field(demand)).collect()
}

/// Only the second one.
pub fn code_field(demand: PresenceDemand) -> Option<Input> {
    demand.code.then(|| Input {
        label: "Code from your authenticator app".to_owned(),
        hint: "To be sure that it is you. A backup code works, too.".to_owned(),
        ..factor_code()
    })
}

/// The form again, with the reason.
pub fn refused(mut page: PromptPage, error: PresenceError) -> Response {
    let (field, words) = match error {
        PresenceError::WrongPassword => ("current-password", WRONG_PASSWORD),
        PresenceError::WrongCode => ("code", WRONG_CODE),
        PresenceError::TooManyAttempts { retry_after } => {
            page.error = Some(too_many_attempts(retry_after));
            return wait(respond(StatusCode::TOO_MANY_REQUESTS, &page), retry_after);
        }
        PresenceError::SignInAgain => return to_login(),
        PresenceError::Fault(error) => return fault(&error),
    };
    if let Some(input) = page.inputs.iter_mut().find(|input| input.id == field) {
        input.error = Some(words.to_owned());
    }
    respond(StatusCode::BAD_REQUEST, &page)
}

/// Says in a form what was not proven; the status, and how long to wait, where it is that. `password`: the id of its field.
/// `path`: where a fresh sign-in leads back to.
pub fn not_proven(
    form: &mut FormPart,
    error: PresenceError,
    (password, path): (&str, &str),
) -> Result<(StatusCode, Option<Duration>), Box<Response>> {
    match error {
        PresenceError::WrongPassword => form.complain(password, WRONG_PASSWORD),
        PresenceError::WrongCode => form.complain("code", WRONG_CODE),
        PresenceError::TooManyAttempts { retry_after } => {
            form.error = Some(too_many_attempts(retry_after));
            return Ok((StatusCode::TOO_MANY_REQUESTS, Some(retry_after)));
        }
        PresenceError::SignInAgain => return Err(Box::new(see_other(&sign_in_for(path)))),
        PresenceError::Fault(error) => return Err(Box::new(fault(&error))),
    }
    Ok((StatusCode::BAD_REQUEST, None))
}
