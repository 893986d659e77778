//! `/account/security`: the second step of whoever is signed in, and what leads to its parts.
//! Refuses to show a seed or codes without the password, and twice.

mod authenticator;
mod backup_codes;

use axum::extract::Query;
use axum::response::Response;
use domain::people::{SecondFactorError, SecondFactorState};
use http::StatusCode;

pub use authenticator::{set_up, show_set_up, show_turn_off, turn_off};
pub use backup_codes::{codes_page, renew_codes, show_codes};

use super::account::{AccountQuery, Draft};
use super::flow::sign_in_for;
use super::passkeys::PASSKEYS;
use super::refusal::{see_other, too_many_attempts, wait};
use super::view::account::{Fact, Part, Section};
use super::view::{Input, PromptPage};
use super::visitor::Visitor;
use super::{respond, trusted};
use crate::http::fault;

const SECURITY: &str = "/account/security";
const SET_UP: &str = "/account/security/authenticator";
const TURN_OFF: &str = "/account/security/authenticator/remove";
const CODES: &str = "/account/security/backup-codes";

/// Whoever has to sign in first comes back here.
pub fn to_login() -> Response {
    see_other(&sign_in_for(SECURITY))
}

pub async fn show(visitor: Visitor, Query(query): Query<AccountQuery>) -> Response {
    let Some(who) = &visitor.signed_in else {
        return to_login();
    };
    let has_providers = visitor.state.authority.providers.infos().next().is_some();
    let authority = &visitor.state.authority;
    let trusted = match authority.list_trusted_devices(&visitor.ctx, who.user.id).await {
        Ok(trusted) => trusted,
        Err(error) => return fault(&error),
    };
    match authority.second_factor_state(who.user.id).await {
        Ok(state) => {
            let page = overview(state, has_providers).done(&query.done);
            trusted::listed(&visitor, who, &trusted, page)
                .respond(&visitor, who, StatusCode::OK)
                .await
        }
        Err(error) => fault(&error),
    }
}

fn overview(state: SecondFactorState, has_providers: bool) -> Draft {
    let mut page = Draft::new(Section::Security, "page-security").part(Part::Facts(vec![Fact {
        name: "Two-step",
        value: if state.is_on() { "On" } else { "Off" }.to_owned(),
        ..Fact::default()
    }]));
    if has_providers {
        page = page.link("Linked accounts at other providers", "/account/linked");
    }
    page = match state.is_on() {
        false => page.lead("It is off. With it, signing in takes a passkey or a code from an authenticator app on your phone besides the password: a stolen password alone opens nothing."),
        true => page
            .lead(match state.totp_since {
                Some(_) => "It is on: signing in takes a code from your authenticator app or a passkey.",
                None => "It is on: signing in takes a passkey.",
            })
            .lead(match state.backup_codes_left {
                0 => "You have no backup code left.".to_owned(),
                1 => "You have one backup code left.".to_owned(),
                left => format!("You have {left} backup codes left."),
            })
            .link("Make new backup codes", CODES),
    };
    page = match state.passkeys {
        0 => page,
        1 => page.lead("You have one passkey."),
        some => page.lead(format!("You have {some} passkeys.")),
    };
    page = page.link("Passkeys", PASSKEYS);
    match state.totp_since {
        None => page.link("Add an authenticator app", SET_UP),
        Some(_) => page
            .link("Use another authenticator app", SET_UP)
            .link("Turn the authenticator app off", TURN_OFF),
    }
}

/// The field for the password one has.
pub fn current_password() -> Input {
    Input {
        id: "current-password",
        label: "Your password".to_owned(),
        kind: "password",
        autocomplete: "current-password",
        ..Input::default()
    }
}

fn refused(page: PromptPage, error: SecondFactorError) -> Response {
    match error {
        SecondFactorError::WrongCode | SecondFactorError::Over => {
            let words = "This code is wrong or was used already.".to_owned();
            respond(StatusCode::BAD_REQUEST, &page.error(Some(words)))
        }
        SecondFactorError::TooManyAttempts { retry_after } => {
            let page = page.error(Some(too_many_attempts(retry_after)));
            wait(respond(StatusCode::TOO_MANY_REQUESTS, &page), retry_after)
        }
        SecondFactorError::Fault(error) => fault(&error),
    }
}
